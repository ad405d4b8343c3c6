package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.agent.AgentMode;
import io.jenkins.plugins.ephemeral.agent.AgentSpec;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralAgent()}: installs a Testkube agent in the environment and connects it to a control plane, waits for
 * the shared one, or reaches one that is there. Returns a map: {@code name}, {@code id}, {@code controlPlane}, {@code
 * mode}, {@code service}. The environment's end takes it away on both sides.
 */
public final class EphemeralAgentStep extends Step {
    private static final String DEFAULT_MODE = "runner";
    private static final String DEFAULT_TIMEOUT = "5m";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Pattern SERVICE = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?:[a-z0-9-]{1,15}");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private String controlPlane;
    private String mode = DEFAULT_MODE;
    private String image;
    private String initImage;
    private String toolkitImage;
    private String registry;
    private List<String> imagePullSecrets;
    private boolean floating = true;
    private boolean triggers;
    private boolean gitops;
    private String executionNamespace;
    private String agentNamespace;
    private String agentService;
    private String timeout = DEFAULT_TIMEOUT;

    /** All parameters are optional. */
    @DataBoundConstructor
    public EphemeralAgentStep() {}

    @CheckForNull
    public String getControlPlane() {
        return controlPlane;
    }

    @DataBoundSetter
    public void setControlPlane(String controlPlane) {
        this.controlPlane = StepValues.fixEmpty(controlPlane);
    }

    public String getMode() {
        return mode;
    }

    @DataBoundSetter
    public void setMode(String mode) {
        this.mode = mode == null || mode.isBlank() ? DEFAULT_MODE : mode.trim();
    }

    @CheckForNull
    public String getImage() {
        return image;
    }

    @DataBoundSetter
    public void setImage(String image) {
        this.image = StepValues.fixEmpty(image);
    }

    @CheckForNull
    public String getInitImage() {
        return initImage;
    }

    @DataBoundSetter
    public void setInitImage(String initImage) {
        this.initImage = StepValues.fixEmpty(initImage);
    }

    @CheckForNull
    public String getToolkitImage() {
        return toolkitImage;
    }

    @DataBoundSetter
    public void setToolkitImage(String toolkitImage) {
        this.toolkitImage = StepValues.fixEmpty(toolkitImage);
    }

    @CheckForNull
    public String getRegistry() {
        return registry;
    }

    @DataBoundSetter
    public void setRegistry(String registry) {
        this.registry = StepValues.fixEmpty(registry);
    }

    @CheckForNull
    public String getExecutionNamespace() {
        return executionNamespace;
    }

    @DataBoundSetter
    public void setExecutionNamespace(String executionNamespace) {
        this.executionNamespace = StepValues.fixEmpty(executionNamespace);
    }

    @CheckForNull
    public String getAgentNamespace() {
        return agentNamespace;
    }

    @DataBoundSetter
    public void setAgentNamespace(String agentNamespace) {
        this.agentNamespace = StepValues.fixEmpty(agentNamespace);
    }

    @CheckForNull
    public String getAgentService() {
        return agentService;
    }

    @DataBoundSetter
    public void setAgentService(String agentService) {
        this.agentService = StepValues.fixEmpty(agentService);
    }

    public boolean isTriggers() {
        return triggers;
    }

    @DataBoundSetter
    public void setTriggers(boolean triggers) {
        this.triggers = triggers;
    }

    public boolean isGitops() {
        return gitops;
    }

    @DataBoundSetter
    public void setGitops(boolean gitops) {
        this.gitops = gitops;
    }

    @CheckForNull
    public List<String> getImagePullSecrets() {
        return imagePullSecrets;
    }

    /** Names of Secrets in the namespace. */
    @DataBoundSetter
    public void setImagePullSecrets(List<String> imagePullSecrets) {
        this.imagePullSecrets = imagePullSecrets;
    }

    /** Text of a list for its form field. */
    public String itemsOf(List<String> items) {
        return items == null ? "" : String.join("\n", items);
    }

    public boolean isFloating() {
        return floating;
    }

    @DataBoundSetter
    public void setFloating(boolean floating) {
        this.floating = floating;
    }

    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = timeout == null || timeout.isBlank() ? DEFAULT_TIMEOUT : timeout.trim();
    }

    private AgentSpec spec() {
        AgentMode chosen = mode();
        refuse(chosen != AgentMode.STANDALONE && agentNamespace != null, "agentNamespace", "standalone");
        refuse(chosen != AgentMode.STANDALONE && agentService != null, "agentService", "standalone");
        refuse(chosen == AgentMode.STANDALONE && triggers, "triggers", "runner or shared");
        refuse(chosen == AgentMode.STANDALONE && gitops, "gitops", "runner or shared");
        refuse(chosen == AgentMode.STANDALONE && controlPlane != null, "controlPlane", "runner or shared");
        refuse(chosen != AgentMode.RUNNER && executionNamespace != null, "executionNamespace", "runner");
        AgentSpec spec = new AgentSpec();
        spec.controlPlane = controlPlane;
        spec.mode = mode;
        spec.image = image;
        spec.initImage = initImage;
        spec.toolkitImage = toolkitImage;
        spec.registry = registry;
        spec.imagePullSecrets.addAll(pullSecrets());
        spec.floating = floating;
        spec.triggers = triggers;
        spec.gitops = gitops;
        spec.executionNamespace = executionNamespace;
        spec.agentNamespace = namespace();
        spec.agentService = service(spec.agentService);
        spec.timeout = StepValues.duration("timeout", timeout);
        return spec;
    }

    private AgentMode mode() {
        for (AgentMode known : AgentMode.values()) {
            if (known.word().equals(mode)) {
                return known;
            }
        }
        throw new IllegalArgumentException(
                "mode: \"" + mode + "\" is not known; there are: runner, shared, standalone");
    }

    private static void refuse(boolean wrong, String parameter, String mode) {
        if (wrong) {
            throw new IllegalArgumentException(parameter + ": is for mode " + mode);
        }
    }

    private List<String> pullSecrets() {
        List<String> names = StepValues.strings("imagePullSecrets", imagePullSecrets);
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("imagePullSecrets: \"" + name + "\" is no name of a Secret");
            }
        }
        return names;
    }

    /** It becomes a part of a path in the cluster's API. */
    private String namespace() {
        if (agentNamespace != null && !NAMESPACE.matcher(agentNamespace).matches()) {
            throw new IllegalArgumentException("agentNamespace: \"" + agentNamespace + "\" is no name of a namespace");
        }
        return agentNamespace;
    }

    private String service(String usual) {
        if (agentService == null) {
            return usual;
        }
        if (!SERVICE.matcher(agentService).matches()) {
            throw new IllegalArgumentException(
                    "agentService: \"" + agentService + "\" is not name:port, such as testkube-api-server:8088");
        }
        return agentService;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new EphemeralAgentExecution(context, StepValues.read(this::spec));
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "ephemeralAgent";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Connect a Testkube agent in the ephemeral environment";
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of("imagePullSecrets", (step, text) -> ((EphemeralAgentStep) step)
                    .setImagePullSecrets(StepValues.parseItems(text)));
        }

        /** The control planes that can be named. */
        @POST
        public ListBoxModel doFillControlPlaneItems(@AncestorInPath Item item) {
            ListBoxModel items = new ListBoxModel();
            items.add("(the only one)", "");
            if (FormChecks.mayConfigure(item)) {
                EphemeralEngine.get().settings().testkubes().forEach(known -> items.add(known.name()));
            }
            return items;
        }

        /** The modes. */
        @POST
        public ListBoxModel doFillModeItems() {
            ListBoxModel items = new ListBoxModel();
            items.add("runner: an agent of its own for this environment", DEFAULT_MODE);
            items.add("shared: the one agent of the control plane's configuration, in turn", "shared");
            items.add("standalone: an agent that is in the cluster already", "standalone");
            return items;
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return FormChecks.duration("timeout", value);
        }
    }
}
