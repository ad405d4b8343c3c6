package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Extension;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.agent.AgentMode;
import io.jenkins.plugins.ephemeral.agent.AgentRef;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.workflow.ApplyResult;
import io.jenkins.plugins.ephemeral.workflow.ApplySpec;
import io.jenkins.plugins.ephemeral.workflow.ManifestSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralApply files: 'testkube/*.yaml'}: applies Testkube resources to the environment, from the workspace if
 * there is one, else from the build's own SCM revision; or {@code manifests:}, YAML given directly. Returns a map:
 * {@code applied}, {@code pruned}, {@code workflows}.
 */
public final class EphemeralApplyStep extends Step {
    private static final String DEFAULT_TIMEOUT = "5m";
    private static final String OWN = "own";
    private static final String MAIN = "main";

    private String files;
    private String manifests;
    private Map<String, ?> parameters;
    private boolean prune = true;
    private String waitFor;
    private String definitions = OWN;
    private String timeout = DEFAULT_TIMEOUT;

    /** {@code files} or {@code manifests} must be set. */
    @DataBoundConstructor
    public EphemeralApplyStep() {}

    @CheckForNull
    public String getFiles() {
        return files;
    }

    @DataBoundSetter
    public void setFiles(String files) {
        this.files = StepValues.fixEmpty(files);
    }

    @CheckForNull
    public String getManifests() {
        return manifests;
    }

    @DataBoundSetter
    public void setManifests(String manifests) {
        this.manifests = manifests == null || manifests.isBlank() ? null : manifests;
    }

    @CheckForNull
    public Map<String, ?> getParameters() {
        return parameters;
    }

    @DataBoundSetter
    public void setParameters(Map<String, ?> parameters) {
        this.parameters = parameters;
    }

    public boolean isPrune() {
        return prune;
    }

    @DataBoundSetter
    public void setPrune(boolean prune) {
        this.prune = prune;
    }

    @CheckForNull
    public String getWaitFor() {
        return waitFor;
    }

    @DataBoundSetter
    public void setWaitFor(String waitFor) {
        this.waitFor = StepValues.fixEmpty(waitFor);
    }

    public String getTimeout() {
        return timeout;
    }

    @DataBoundSetter
    public void setTimeout(String timeout) {
        this.timeout = timeout == null || timeout.isBlank() ? DEFAULT_TIMEOUT : timeout.trim();
    }

    public String getDefinitions() {
        return definitions;
    }

    @DataBoundSetter
    public void setDefinitions(String definitions) {
        this.definitions = definitions == null || definitions.isBlank() ? OWN : definitions.trim();
    }

    private ApplySpec spec() {
        if (!definitions.equals(OWN) && !definitions.equals(MAIN)) {
            throw new IllegalArgumentException(
                    "definitions: \"" + definitions + "\" is not known; it can be own or main");
        }
        if (waitFor != null && !waitFor.equals("available")) {
            throw new IllegalArgumentException("waitFor: \"" + waitFor + "\" is not known; it can be available");
        }
        ApplySpec spec = new ApplySpec();
        spec.parameters.putAll(StepValues.strings("parameters", parameters));
        spec.prune = prune;
        spec.variants = definitions.equals(MAIN);
        spec.waitForAvailable = waitFor != null;
        spec.deadlineMillis = System.currentTimeMillis()
                + StepValues.duration("timeout", timeout).toMillis();
        return spec;
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        if ((files == null) == (manifests == null)) {
            throw new AbortException("ephemeralApply wants either files or manifests");
        }
        return new Execution(context, files, manifests, StepValues.read(this::spec));
    }

    /** Reads the files and asks the engine to apply them; applying again after a restart changes nothing. */
    static final class Execution extends EngineStepExecution<ApplyResult> {
        private static final long serialVersionUID = 1L;

        private final String files;
        private final String manifests;
        private final ApplySpec spec;

        Execution(StepContext context, String files, String manifests, ApplySpec spec) {
            super(context);
            this.files = files;
            this.manifests = manifests;
            this.spec = spec;
        }

        @Override
        Reconciler<ApplyResult> undertake(Surroundings around) throws Exception {
            NamespaceRef environment = around.ephemeral("ephemeralApply").environment();
            List<ManifestSource> sources = manifests == null
                    ? FileSource.read(around, files)
                    : List.of(new ManifestSource("manifests", manifests));
            AgentRef agent = around.engine().agents().find(environment).orElse(null);
            boolean controlled = agent != null && !agent.controlPlane().isEmpty();
            spec.controlPlane = controlled ? agent.controlPlane() : null;
            spec.agentName = controlled && !agent.name().isEmpty() ? agent.name() : null;
            spec.agentService = agent != null && agent.mode() == AgentMode.STANDALONE ? agent.service() : null;
            spec.job = around.runRef().jobFullName();
            spec.mainOf = BuildOrigin.of(around).mainOf(spec.job);
            spec.variants = spec.variants && spec.mainOf == null;
            return around.engine().resources().apply(environment, sources, spec, around.console(), around.report());
        }

        @Override
        Object result(ApplyResult applied, Surroundings around) throws Exception {
            String environment =
                    around.ephemeral("ephemeralApply").environment().environment();
            around.report().update(report -> {
                EnvironmentEntry entry = Merging.environment(report, environment);
                TreeSet<String> resources = new TreeSet<>(entry.resources);
                resources.addAll(applied.applied);
                resources.removeAll(applied.pruned);
                entry.resources = new ArrayList<>(resources);
                entry.variants.keySet().removeAll(applied.workflows);
                entry.variants.putAll(applied.variants);
            });
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("applied", new ArrayList<>(applied.applied));
            result.put("pruned", new ArrayList<>(applied.pruned));
            result.put("workflows", new ArrayList<>(applied.workflows));
            return result;
        }
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "ephemeralApply";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Apply Testkube resources to the ephemeral environment";
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of("parameters", (step, text) -> ((EphemeralApplyStep) step)
                    .setParameters(StepValues.parseLines("parameters", text)));
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTimeout(@QueryParameter String value) {
            return FormChecks.duration("timeout", value);
        }
    }
}
