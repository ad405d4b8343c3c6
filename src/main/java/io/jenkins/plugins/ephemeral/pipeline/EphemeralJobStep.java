package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import io.jenkins.plugins.ephemeral.executor.TerrakubePayload;
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
public final class EphemeralJobStep extends EphemeralChainStep {
    private static final String DEFAULT_TYPE = "custom";

    private final String name;
    private final String image;
    private String type = DEFAULT_TYPE;
    private List<String> command;
    private List<String> args;
    private String payload;
    private boolean payloadAsFile;
    private Map<String, ?> terrakube;
    private String startupTimeout;
    private String timeout;
    private TerrakubeExecutor executor;
    private String decision;
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
    public String getPayload() {
        return payload;
    }

    @DataBoundSetter
    public void setPayload(String payload) {
        this.payload = payload == null || payload.isBlank() ? null : payload;
    }

    public boolean isPayloadAsFile() {
        return payloadAsFile;
    }

    @DataBoundSetter
    public void setPayloadAsFile(boolean payloadAsFile) {
        this.payloadAsFile = payloadAsFile;
    }

    @CheckForNull
    public Map<String, ?> getTerrakube() {
        return terrakube;
    }

    @DataBoundSetter
    public void setTerrakube(Map<String, ?> terrakube) {
        this.terrakube = terrakube;
    }

    @CheckForNull
    public String getStartupTimeout() {
        return startupTimeout;
    }

    @DataBoundSetter
    public void setStartupTimeout(String startupTimeout) {
        this.startupTimeout = StepValues.fixEmpty(startupTimeout);
    }

    @CheckForNull
    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = StepValues.fixEmpty(timeout);
    }

    @CheckForNull
    public TerrakubeExecutor getExecutor() {
        return executor;
    }

    @DataBoundSetter
    public void setExecutor(TerrakubeExecutor executor) {
        this.executor = executor;
    }

    @CheckForNull
    public String getDecision() {
        return decision;
    }

    @DataBoundSetter
    public void setDecision(String decision) {
        this.decision = StepValues.fixEmpty(decision);
    }

    public boolean isFailBuild() {
        return failBuild;
    }

    @DataBoundSetter
    public void setFailBuild(boolean failBuild) {
        this.failBuild = failBuild;
    }

    /** Text of the Terrakube payload for its form field. */
    public String getTerrakubeText() {
        return JsonValues.write(terrakube);
    }

    private String payload() {
        if (terrakube == null) {
            return payload;
        }
        if (payload != null) {
            throw new IllegalArgumentException("payload and terrakube: give one of the two");
        }
        try {
            return TerrakubePayload.of(JsonValues.plain(terrakube)).toJson();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("terrakube: " + e.getMessage());
        }
    }

    private StageJobSpec spec() {
        StageJobSpec spec = new StageJobSpec();
        spec.name = name;
        spec.type = type;
        spec.image = image;
        spec.command.addAll(StepValues.strings("command", command));
        spec.args.addAll(StepValues.strings("args", args));
        describePod(spec);
        describeChain(spec);
        spec.payload = payload();
        spec.payloadAsFile = payloadAsFile;
        spec.startupTimeout = startupTimeout == null ? null : StepValues.duration("startupTimeout", startupTimeout);
        spec.timeout = timeout == null ? null : StepValues.duration("timeout", timeout);
        return spec;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        if (TerrakubeParameters.areMeant(this)) {
            return new TerrakubeExecution(context, StepValues.read(() -> TerrakubeParameters.of(this)), failBuild);
        }
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
            Map<String, BiConsumer<Step, String>> fields = podTextFields();
            fields.put("command", (step, text) -> of(step).setCommand(StepValues.parseItems(text)));
            fields.put("args", (step, text) -> of(step).setArgs(StepValues.parseItems(text)));
            fields.put("terrakube", (step, text) -> of(step).setTerrakube(JsonValues.read("terrakube", text)));
            return fields;
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

        /** What can be decided on a job that waits for an approval. */
        @POST
        public ListBoxModel doFillDecisionItems() {
            ListBoxModel items = new ListBoxModel();
            items.add("(none)", "");
            items.add("approve");
            items.add("reject");
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
