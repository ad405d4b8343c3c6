package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.FilePath;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import java.time.Duration;
import java.util.Set;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code withEphemeralKubeconfig { sh 'kubectl get pods' }}: the body's {@code KUBECONFIG} names a file with a
 * short-lived token of the environment's service account. Documented in docs/steps.md.
 */
public final class EphemeralKubeconfigStep extends Step {
    private static final String DEFAULT_LIFETIME = "1h";
    /** What API servers take at least: Kubernetes authentication/v1 TokenRequestSpec.expirationSeconds. */
    private static final Duration LEAST = Duration.ofMinutes(10);

    private static final Duration MOST = Duration.ofHours(24);

    private String lifetime = DEFAULT_LIFETIME;

    /** All parameters are optional. */
    @DataBoundConstructor
    public EphemeralKubeconfigStep() {}

    public String getLifetime() {
        return lifetime;
    }

    @DataBoundSetter
    public void setLifetime(String lifetime) {
        this.lifetime = lifetime == null || lifetime.isBlank() ? DEFAULT_LIFETIME : lifetime.trim();
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new KubeconfigExecution(context, StepValues.read(() -> lifetime(lifetime)));
    }

    private static Duration lifetime(String text) {
        Duration lifetime = StepValues.duration("lifetime", text);
        if (lifetime.compareTo(LEAST) < 0 || lifetime.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("lifetime: \"" + text + "\" is not between 10m and 24h");
        }
        return lifetime;
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "withEphemeralKubeconfig";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Run the body with a kubeconfig of the ephemeral environment";
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return true;
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class, FlowNode.class, FilePath.class);
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckLifetime(@QueryParameter String value) {
            return FormChecks.duration("lifetime", value);
        }
    }
}
