package io.jenkins.plugins.ephemeral.config;

import hudson.model.Result;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.ephemeral.environment.Builds;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.CauseOfInterruption;
import jenkins.model.Jenkins;
import jenkins.model.ParameterizedJobMixIn;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionOwner;

/**
 * Builds and jobs as Jenkins knows them, looked up as the system: the engine's threads belong to nobody, and to nobody a
 * secured Jenkins shows no job, which would look like one that is gone.
 */
final class JenkinsBuilds implements Builds {
    private static final Logger LOGGER = Logger.getLogger(JenkinsBuilds.class.getName());

    @Override
    public Run state(RunRef run) {
        if (!isUp()) {
            return Run.UNKNOWN;
        }
        hudson.model.Job<?, ?> job = find(run.jobFullName());
        if (job == null && JobDirectories.has(run.jobFullName())) {
            return Run.UNKNOWN;
        }
        hudson.model.Run<?, ?> build = job == null ? null : job.getBuildByNumber(run.buildNumber());
        return build != null && build.isBuilding() ? Run.RUNNING : Run.OVER;
    }

    @Override
    public Job job(String fullName) {
        if (!isUp()) {
            return Job.UNKNOWN;
        }
        hudson.model.Job<?, ?> job = find(fullName);
        if (job == null) {
            return JobDirectories.has(fullName) ? Job.UNKNOWN : Job.GONE;
        }
        // a job whose branch is gone, and which the orphan strategy keeps, cannot be built; a person who disables one
        // has not said that its branch is gone
        return job.isBuildable() || isDisabled(job) ? Job.ALIVE : Job.DEAD;
    }

    @Override
    public void abort(RunRef run, RunRef by) {
        hudson.model.Run<?, ?> build = build(run);
        if (!(build instanceof FlowExecutionOwner.Executable)) {
            return;
        }
        FlowExecutionOwner owner = ((FlowExecutionOwner.Executable) build).asFlowExecutionOwner();
        FlowExecution execution = owner == null ? null : owner.getOrNull();
        if (execution == null) {
            return;
        }
        try {
            execution.interrupt(Result.ABORTED, new Superseded(by.externalId()));
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, e, () -> "Build " + run.externalId() + " could not be aborted");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** While Jenkins starts or stops, what is missing may only not be loaded. */
    private static boolean isUp() {
        Jenkins jenkins = Jenkins.getInstanceOrNull();
        return jenkins != null
                && !jenkins.isTerminating()
                && jenkins.getInitLevel() == hudson.init.InitMilestone.COMPLETED;
    }

    private static hudson.model.Run<?, ?> build(RunRef run) {
        hudson.model.Job<?, ?> job = find(run.jobFullName());
        return job == null ? null : job.getBuildByNumber(run.buildNumber());
    }

    /** The job of that name, whoever may see it; null if there is none. */
    static hudson.model.Job<?, ?> find(String fullName) {
        try (ACLContext asSystem = ACL.as2(ACL.SYSTEM2)) {
            return Jenkins.get().getItemByFullName(fullName, hudson.model.Job.class);
        }
    }

    private static boolean isDisabled(hudson.model.Job<?, ?> job) {
        return job instanceof ParameterizedJobMixIn.ParameterizedJob
                && ((ParameterizedJobMixIn.ParameterizedJob<?, ?>) job).isDisabled();
    }

    /** Why a build was aborted; shown on its page. */
    static final class Superseded extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;

        private final String by;

        Superseded(String by) {
            this.by = by;
        }

        @Override
        public String getShortDescription() {
            return "The newer build " + by + " wants the environment of the branch";
        }
    }
}
