package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.environment.SecretSpec;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code kubernetesSecret(name: 'registry', from: 'ci-shared')}: a copy of a Secret of the same cluster. */
public final class CopiedSecret extends EnvironmentSecret {
    private final String name;
    private final String from;

    /**
     * @param name name of the Secret
     * @param from namespace that it is in
     */
    @DataBoundConstructor
    public CopiedSecret(String name, String from) {
        this.name = name == null ? "" : name.trim();
        this.from = from == null ? "" : from.trim();
    }

    public String getName() {
        return name;
    }

    public String getFrom() {
        return from;
    }

    @Override
    SecretSpec spec() {
        SecretSpec spec = new SecretSpec();
        spec.name = name;
        spec.from = from;
        return spec;
    }

    /** Descriptor. */
    @Extension
    @Symbol("kubernetesSecret")
    public static final class DescriptorImpl extends Descriptor<EnvironmentSecret> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Copy of a Secret";
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormChecks.required("name", value);
        }

        /** Checks that there is a namespace. */
        @POST
        public FormValidation doCheckFrom(@QueryParameter String value) {
            return FormChecks.required("from", value);
        }
    }
}
