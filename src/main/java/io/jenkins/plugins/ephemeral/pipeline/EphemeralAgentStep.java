package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.agent.AgentRef;
import io.jenkins.plugins.ephemeral.agent.AgentSpec;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralAgent()}: installs a Testkube agent in the environment and connects it to a control plane. Returns a
 * map: {@code name}, {@code id}, {@code controlPlane}. The environment's end takes it away on both sides.
 */
public final class EphemeralAgentStep extends Step {
    private static final String DEFAULT_MODE = "runner";
    private static final String DEFAULT_TIMEOUT = "5m";

    private String controlPlane;
    private String mode = DEFAULT_MODE;
    private String image;
    private boolean floating = true;
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
        if (!DEFAULT_MODE.equals(mode)) {
            throw new IllegalArgumentException("mode: \"" + mode + "\" is not known; this release has: runner");
        }
        AgentSpec spec = new AgentSpec();
        spec.controlPlane = controlPlane;
        spec.mode = mode;
        spec.image = image;
        spec.floating = floating;
        spec.timeout = StepValues.duration("timeout", timeout);
        return spec;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new Execution(context, StepValues.read(this::spec));
    }

    /** Asks the engine for the agent; how far it is follows from the environment's record. */
    static final class Execution extends EngineStepExecution<AgentRef> {
        private static final long serialVersionUID = 1L;

        private final AgentSpec spec;

        Execution(StepContext context, AgentSpec spec) {
            super(context);
            this.spec = spec;
        }

        @Override
        Reconciler<AgentRef> undertake(Surroundings around) throws Exception {
            NamespaceRef environment = around.ephemeral("ephemeralAgent").environment();
            return around.engine().agents().install(environment, spec, around.runRef(), around.console());
        }

        @Override
        Object result(AgentRef agent, Surroundings around) throws Exception {
            NamespaceRef environment = around.ephemeral("ephemeralAgent").environment();
            around.report().update(report -> {
                EnvironmentEntry entry = Merging.environment(report, environment.environment());
                entry.agents.removeIf(known -> known.id.equals(agent.id()));
                EnvironmentEntry.Agent written = new EnvironmentEntry.Agent();
                written.id = agent.id();
                written.name = agent.name();
                written.controlPlane = agent.controlPlane();
                written.mode = spec.mode;
                written.connectedAt = Instant.now();
                entry.agents.add(written);
            });
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", agent.name());
            result.put("id", agent.id());
            result.put("controlPlane", agent.controlPlane());
            return result;
        }
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

        /** The control planes that can be named. */
        @POST
        public ListBoxModel doFillControlPlaneItems() {
            ListBoxModel items = new ListBoxModel();
            items.add("(the only one)", "");
            if (Jenkins.get().hasPermission(Jenkins.READ)) {
                EphemeralEngine.get().settings().testkubes().forEach(known -> items.add(known.name()));
            }
            return items;
        }

        /** The modes. */
        @POST
        public ListBoxModel doFillModeItems() {
            ListBoxModel items = new ListBoxModel();
            items.add("runner: an agent of its own for this environment", DEFAULT_MODE);
            return items;
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return FormChecks.duration("timeout", value);
        }
    }
}
