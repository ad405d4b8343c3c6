package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.executor.StageChain;
import io.jenkins.plugins.ephemeral.executor.StageJobResult;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeJobs;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeResult;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeSpec;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Has a Terrakube control plane run a stage, or decides on a job that waits there. */
final class TerrakubeExecution extends EngineStepExecution<TerrakubeResult> {
    private static final long serialVersionUID = 1L;

    private final TerrakubeSpec spec;
    private final boolean failBuild;
    private TerrakubeState state;

    TerrakubeExecution(StepContext context, TerrakubeSpec spec, boolean failBuild) {
        super(context);
        this.spec = spec;
        this.failBuild = failBuild;
    }

    @Override
    Reconciler<TerrakubeResult> undertake(Surroundings around) throws Exception {
        TerrakubeJobs jobs = around.engine().terrakubeJobs();
        if (state == null) {
            jobs.validate(spec);
            StageName.take(around, spec.name, spec.type);
            Report report = around.report().read();
            StageJobResult skipped = StageChain.follow(report, spec.name, spec.after);
            if (skipped != null) {
                return () -> Progress.done(skip(skipped, around));
            }
            state = spec.isDecision()
                    ? jobs.continued(waiting(report))
                    : jobs.begin(spec, around.runRef(), around.nodeId());
            around.checkpoint().save();
        }
        return jobs.run(spec, state, around.checkpoint(), around.console(), around.report());
    }

    /** The job of the stage before, which has to wait for an approval. */
    private TerrakubeEntry waiting(Report report) throws AbortException {
        TerrakubeEntry job = Merging.stage(report, spec.after).terrakube;
        if (job == null || job.waitingStepId == null) {
            throw new AbortException("Stage " + spec.name + " cannot " + spec.decision + ": stage " + spec.after + " "
                    + (job == null ? "was not run by a control plane" : "does not wait for an approval"));
        }
        return job;
    }

    private TerrakubeResult skip(StageJobResult skipped, Surroundings around) {
        around.console().line("[" + spec.name + "] skipped: " + skipped.reason());
        around.warn(Result.NOT_BUILT, spec.name + " skipped: " + skipped.reason());
        around.report().update(report -> {
            StageEntry entry = Merging.stage(report, spec.name);
            entry.type = spec.type;
            entry.outcome = skipped.outcome().name();
            entry.verdict = skipped.outcome().verdict();
            entry.reason = skipped.reason();
        });
        return new TerrakubeResult(skipped.outcome(), skipped.reason(), new TerrakubeEntry());
    }

    @Override
    Reconciler<?> retreat(Surroundings around) throws Exception {
        if (state == null) {
            return null;
        }
        // now, since the build may be over before the job is
        around.report().update(report -> {
            StageEntry entry = Merging.stage(report, spec.name);
            entry.outcome = Outcome.ABORTED.name();
            entry.verdict = Outcome.ABORTED.verdict();
        });
        return around.engine().terrakubeJobs().cancel(spec, state, around.console(), around.report());
    }

    @Override
    void gaveUp(Throwable failure, Surroundings around) throws Exception {
        StageName.giveBack(around, spec.name, failure);
    }

    @Override
    Object result(TerrakubeResult ended, Surroundings around) throws Exception {
        EphemeralContext ephemeral = around.context().get(EphemeralContext.class);
        if (ephemeral != null) {
            ephemeral.exportOutcome(spec.name, ended.outcome().name());
        }
        boolean good = ended.outcome().verdict().compareTo(Verdict.PASSED) <= 0;
        if (!good && failBuild) {
            throw new AbortException("Stage " + spec.name + " ended as " + ended.outcome()
                    + (ended.reason().isEmpty() ? "" : ": " + ended.reason()));
        }
        TerrakubeEntry job = ended.job();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", spec.name);
        result.put("outcome", ended.outcome().name());
        result.put("exitCode", null);
        result.put("reason", ended.reason());
        result.put("jobName", job.jobId == 0 ? null : String.valueOf(job.jobId));
        result.put("status", job.status);
        result.put("waiting", job.waitingStepId != null);
        result.put("link", job.link);
        result.put("created", job.created);
        result.put("updated", job.updated);
        result.put("deleted", job.deleted);
        Map<String, Object> outputs = new LinkedHashMap<>();
        job.outputs.forEach(output -> outputs.put(output.name, output.value));
        result.put("outputs", outputs);
        return result;
    }
}
