package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunSpec;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralWorkflow workflows: ['http-smoke']}: runs Testkube workflows on the environment's agent, follows them
 * and collects logs, artifacts and JUnit. Returns a map of counts and names, see docs/steps.md.
 */
public final class EphemeralWorkflowStep extends Step {
    private static final String DEFAULT_TIMEOUT = "1h";
    private static final String DEFAULT_JUNIT = "**/*.xml";

    private List<String> workflows;
    private String selector;
    private Map<String, ?> config;
    private Map<String, ?> tags;
    private String timeout = DEFAULT_TIMEOUT;
    private String junit = DEFAULT_JUNIT;
    private boolean failBuild = true;
    private List<String> awaitTriggered;
    private Map<String, ?> target;
    private boolean onlyWhenMatches = true;
    private int maxConcurrent;
    private boolean failFast;
    private int retries;
    private boolean executionResource;

    /** All parameters are optional; without workflows and selector all applied ones are run. */
    @DataBoundConstructor
    public EphemeralWorkflowStep() {}

    @CheckForNull
    public List<String> getWorkflows() {
        return workflows;
    }

    @DataBoundSetter
    public void setWorkflows(List<String> workflows) {
        this.workflows = workflows;
    }

    @CheckForNull
    public String getSelector() {
        return selector;
    }

    @DataBoundSetter
    public void setSelector(String selector) {
        this.selector = StepValues.fixEmpty(selector);
    }

    @CheckForNull
    public Map<String, ?> getConfig() {
        return config;
    }

    @DataBoundSetter
    public void setConfig(Map<String, ?> config) {
        this.config = config;
    }

    @CheckForNull
    public Map<String, ?> getTags() {
        return tags;
    }

    @DataBoundSetter
    public void setTags(Map<String, ?> tags) {
        this.tags = tags;
    }

    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = timeout == null || timeout.isBlank() ? DEFAULT_TIMEOUT : timeout.trim();
    }

    public String getJunit() {
        return junit;
    }

    @DataBoundSetter
    public void setJunit(String junit) {
        this.junit = junit == null || junit.isBlank() ? DEFAULT_JUNIT : junit.trim();
    }

    public boolean isFailBuild() {
        return failBuild;
    }

    @DataBoundSetter
    public void setFailBuild(boolean failBuild) {
        this.failBuild = failBuild;
    }

    @CheckForNull
    public List<String> getAwaitTriggered() {
        return awaitTriggered;
    }

    @DataBoundSetter
    public void setAwaitTriggered(List<String> awaitTriggered) {
        this.awaitTriggered = awaitTriggered;
    }

    @CheckForNull
    public Map<String, ?> getTarget() {
        return target;
    }

    @DataBoundSetter
    public void setTarget(Map<String, ?> target) {
        this.target = target;
    }

    public boolean isOnlyWhenMatches() {
        return onlyWhenMatches;
    }

    @DataBoundSetter
    public void setOnlyWhenMatches(boolean onlyWhenMatches) {
        this.onlyWhenMatches = onlyWhenMatches;
    }

    public int getMaxConcurrent() {
        return maxConcurrent;
    }

    @DataBoundSetter
    public void setMaxConcurrent(int maxConcurrent) {
        this.maxConcurrent = maxConcurrent;
    }

    public boolean isFailFast() {
        return failFast;
    }

    @DataBoundSetter
    public void setFailFast(boolean failFast) {
        this.failFast = failFast;
    }

    public int getRetries() {
        return retries;
    }

    @DataBoundSetter
    public void setRetries(int retries) {
        this.retries = retries;
    }

    public boolean isExecutionResource() {
        return executionResource;
    }

    @DataBoundSetter
    public void setExecutionResource(boolean executionResource) {
        this.executionResource = executionResource;
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    /** Text of a list for its form field. */
    public String itemsOf(List<String> items) {
        return items == null ? "" : String.join("\n", items);
    }

    private WorkflowRunSpec spec() {
        if (workflows != null && !workflows.isEmpty() && selector != null) {
            throw new IllegalArgumentException("ephemeralWorkflow wants workflows or selector, not both");
        }
        WorkflowRunSpec spec = new WorkflowRunSpec();
        spec.workflows.addAll(StepValues.strings("workflows", workflows));
        spec.selector = selector;
        spec.config.putAll(StepValues.strings("config", config));
        spec.tags.putAll(StepValues.strings("tags", tags));
        spec.timeout = StepValues.duration("timeout", timeout);
        spec.junit = junit;
        spec.awaitTriggered.addAll(StepValues.strings("awaitTriggered", awaitTriggered));
        spec.target.putAll(StepValues.strings("target", target));
        spec.onlyWhenMatches = onlyWhenMatches;
        spec.maxConcurrent = between("maxConcurrent", maxConcurrent, 1000);
        spec.failFast = failFast;
        spec.retries = between("retries", retries, 10);
        return spec;
    }

    private static int between(String parameter, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(parameter + ": must be between 0 and " + most + ", is " + value);
        }
        return value;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new EphemeralWorkflowExecution(context, StepValues.read(this::spec), failBuild, executionResource);
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "ephemeralWorkflow";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Run Testkube workflows in the ephemeral environment";
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of(
                    "workflows", (step, text) -> of(step).setWorkflows(StepValues.parseItems(text)),
                    "awaitTriggered", (step, text) -> of(step).setAwaitTriggered(StepValues.parseItems(text)),
                    "target", (step, text) -> of(step).setTarget(StepValues.parseLines("target", text)),
                    "config", (step, text) -> of(step).setConfig(StepValues.parseLines("config", text)),
                    "tags", (step, text) -> of(step).setTags(StepValues.parseLines("tags", text)));
        }

        private static EphemeralWorkflowStep of(Step step) {
            return (EphemeralWorkflowStep) step;
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return FormChecks.duration("timeout", value);
        }
    }
}
