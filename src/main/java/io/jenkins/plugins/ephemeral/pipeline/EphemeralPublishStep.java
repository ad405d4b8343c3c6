package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Extension;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.page.RunReports;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralPublish()}: the report is there without it; this step adds tags, sends it now instead of at the end
 * of the build, and can fail the build by the report's verdict. Works on the build, with or without an environment
 * around it. Returns a map: {@code verdict}, {@code stages}, {@code workflows}, {@code tests}, {@code failedTests}.
 */
public final class EphemeralPublishStep extends Step {
    private static final String NEVER = "never";

    private Map<String, ?> tags;
    private String failOn = NEVER;

    /** All parameters are optional. */
    @DataBoundConstructor
    public EphemeralPublishStep() {}

    @CheckForNull
    public Map<String, ?> getTags() {
        return tags;
    }

    @DataBoundSetter
    public void setTags(Map<String, ?> tags) {
        this.tags = tags;
    }

    public String getFailOn() {
        return failOn;
    }

    @DataBoundSetter
    public void setFailOn(String failOn) {
        this.failOn = failOn == null || failOn.isBlank() ? NEVER : failOn.trim();
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        if (!Set.of(NEVER, "failed", "error").contains(failOn)) {
            throw new AbortException(
                    "failOn: \"" + failOn + "\" is not one of never, failed (a test or program said no) and error"
                            + " (something could not be run)");
        }
        return new Execution(context, StepValues.read(() -> StepValues.strings("tags", tags)), failOn);
    }

    /** Publishing again replaces what was published. */
    static final class Execution extends EngineStepExecution<Report> {
        private static final long serialVersionUID = 1L;

        private final Map<String, String> tags;
        private final String failOn;

        Execution(StepContext context, Map<String, String> tags, String failOn) {
            super(context);
            this.tags = tags;
            this.failOn = failOn;
        }

        @Override
        Reconciler<Report> undertake(Surroundings around) {
            return () -> {
                RunReports reports = RunReports.of(around.run());
                reports.store()
                        .update(report -> tags.forEach((key, value) -> {
                            report.tags.removeIf(known -> known.startsWith(key + '='));
                            report.tags.add(key + '=' + value);
                        }));
                return Progress.done(reports.publish(around.console()));
            };
        }

        @Override
        Object result(Report report, Surroundings around) throws AbortException {
            Verdict verdict = report.verdict == null ? Verdict.SKIPPED : report.verdict;
            Verdict bar = failOn.equals("error") ? Verdict.ERROR : Verdict.FAILED;
            if (!failOn.equals(NEVER) && verdict.compareTo(bar) >= 0 && verdict != Verdict.RUNNING) {
                throw new AbortException("The report's verdict is " + verdict + " (failOn: " + failOn + ")");
            }
            int tests = 0;
            int failedTests = 0;
            for (io.jenkins.plugins.ephemeral.report.WorkflowEntry workflow : report.workflows) {
                for (io.jenkins.plugins.ephemeral.report.WorkflowEntry.Execution execution : workflow.executions) {
                    for (io.jenkins.plugins.ephemeral.report.WorkflowEntry.Suite suite : execution.suites) {
                        tests += suite.tests;
                        failedTests += suite.failed;
                    }
                }
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("verdict", verdict.name());
            result.put("stages", report.stages.size());
            result.put("workflows", report.workflows.size());
            result.put("tests", tests);
            result.put("failedTests", failedTests);
            return result;
        }
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class);
        }

        @Override
        public String getFunctionName() {
            return "ephemeralPublish";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Publish the report of the ephemeral environments now";
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of(
                    "tags", (step, text) -> ((EphemeralPublishStep) step).setTags(StepValues.parseLines("tags", text)));
        }

        /** When to fail the build. */
        @POST
        public ListBoxModel doFillFailOnItems() {
            ListBoxModel items = new ListBoxModel();
            items.add("never", NEVER);
            items.add("failed: a test or a program said no, or worse", "failed");
            items.add("error: something could not be run", "error");
            return items;
        }
    }
}
