package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
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
 * {@code ephemeralJob name: 'plan', type: 'plan', image: '...'}: one Kubernetes Job with one Pod for this stage.
 * Returns a map: {@code outcome}, {@code exitCode}, {@code reason}, {@code jobName}; documented in docs/steps.md.
 */
public final class EphemeralJobStep extends Step {
    private static final String DEFAULT_TYPE = "custom";
    private static final String DEFAULT_STARTUP_TIMEOUT = "10m";
    private static final String DEFAULT_TIMEOUT = "1h";

    private final String name;
    private final String image;
    private String type = DEFAULT_TYPE;
    private List<String> command;
    private List<String> args;
    private Map<String, ?> env;
    private String payload;
    private Map<String, ?> resources;
    private String serviceAccount;
    private String startupTimeout = DEFAULT_STARTUP_TIMEOUT;
    private String timeout = DEFAULT_TIMEOUT;
    private String after;
    private boolean failBuild = true;

    /**
     * @param name name of the stage, unique in the build
     * @param image image of its container
     */
    @DataBoundConstructor
    public EphemeralJobStep(String name, String image) {
        this.name = name;
        this.image = image;
    }

    public String getName() {
        return name;
    }

    public String getImage() {
        return image;
    }

    public String getType() {
        return type;
    }

    @DataBoundSetter
    public void setType(String type) {
        this.type = type == null || type.isBlank() ? DEFAULT_TYPE : type.trim();
    }

    @CheckForNull
    public List<String> getCommand() {
        return command;
    }

    @DataBoundSetter
    public void setCommand(List<String> command) {
        this.command = command;
    }

    @CheckForNull
    public List<String> getArgs() {
        return args;
    }

    @DataBoundSetter
    public void setArgs(List<String> args) {
        this.args = args;
    }

    @CheckForNull
    public Map<String, ?> getEnv() {
        return env;
    }

    @DataBoundSetter
    public void setEnv(Map<String, ?> env) {
        this.env = env;
    }

    @CheckForNull
    public String getPayload() {
        return payload;
    }

    @DataBoundSetter
    public void setPayload(String payload) {
        this.payload = payload == null || payload.isBlank() ? null : payload;
    }

    @CheckForNull
    public Map<String, ?> getResources() {
        return resources;
    }

    @DataBoundSetter
    public void setResources(Map<String, ?> resources) {
        this.resources = resources;
    }

    @CheckForNull
    public String getServiceAccount() {
        return serviceAccount;
    }

    @DataBoundSetter
    public void setServiceAccount(String serviceAccount) {
        this.serviceAccount = StepValues.fixEmpty(serviceAccount);
    }

    public String getStartupTimeout() {
        return startupTimeout;
    }

    @DataBoundSetter
    public void setStartupTimeout(String startupTimeout) {
        this.startupTimeout =
                startupTimeout == null || startupTimeout.isBlank() ? DEFAULT_STARTUP_TIMEOUT : startupTimeout.trim();
    }

    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = timeout == null || timeout.isBlank() ? DEFAULT_TIMEOUT : timeout.trim();
    }

    @CheckForNull
    public String getAfter() {
        return after;
    }

    @DataBoundSetter
    public void setAfter(String after) {
        this.after = StepValues.fixEmpty(after);
    }

    public boolean isFailBuild() {
        return failBuild;
    }

    @DataBoundSetter
    public void setFailBuild(boolean failBuild) {
        this.failBuild = failBuild;
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    /** Text of a list for its form field. */
    public String itemsOf(List<String> items) {
        return items == null ? "" : String.join("\n", items);
    }

    private StageJobSpec spec() {
        StageJobSpec spec = new StageJobSpec();
        spec.name = name;
        spec.type = type;
        spec.image = image;
        spec.command.addAll(StepValues.strings("command", command));
        spec.args.addAll(StepValues.strings("args", args));
        spec.env.putAll(StepValues.strings("env", env));
        spec.payload = payload;
        spec.resources.putAll(StepValues.strings("resources", resources));
        spec.serviceAccount = serviceAccount;
        spec.startupTimeout = StepValues.duration("startupTimeout", startupTimeout);
        spec.timeout = StepValues.duration("timeout", timeout);
        spec.after = after;
        return spec;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new EphemeralJobExecution(context, StepValues.read(this::spec), failBuild);
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "ephemeralJob";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Run a Kubernetes Job for this stage in the ephemeral environment";
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of(
                    "command", (step, text) -> of(step).setCommand(StepValues.parseItems(text)),
                    "args", (step, text) -> of(step).setArgs(StepValues.parseItems(text)),
                    "env", (step, text) -> of(step).setEnv(StepValues.parseLines("env", text)),
                    "resources", (step, text) -> of(step).setResources(StepValues.parseLines("resources", text)));
        }

        private static EphemeralJobStep of(Step step) {
            return (EphemeralJobStep) step;
        }

        /** The types of stages. */
        @POST
        public ListBoxModel doFillTypeItems() {
            ListBoxModel items = new ListBoxModel();
            for (String type : new String[] {"custom", "plan", "apply", "destroy"}) {
                items.add(type);
            }
            return items;
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormChecks.required("name", value);
        }

        /** Checks that there is an image. */
        @POST
        public FormValidation doCheckImage(@QueryParameter String value) {
            return FormChecks.required("image", value);
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckStartupTimeout(@QueryParameter String value) {
            return FormChecks.duration("startupTimeout", value);
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return FormChecks.duration("timeout", value);
        }
    }
}
