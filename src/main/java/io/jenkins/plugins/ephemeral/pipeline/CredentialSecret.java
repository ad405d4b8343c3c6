package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.environment.SecretSpec;
import java.util.Locale;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code credential(id: 'registry', as: 'dockerconfigjson')}: a credential of Jenkins that the build may use. */
public final class CredentialSecret extends EnvironmentSecret {
    private final String id;
    private final String as;
    private String name;
    private String registry;

    /**
     * @param id id of the credential
     * @param as {@code dockerconfigjson}, {@code opaque} or {@code tls}
     */
    @DataBoundConstructor
    public CredentialSecret(String id, String as) {
        this.id = id == null ? "" : id.trim();
        this.as = as == null ? "" : as.trim();
    }

    public String getId() {
        return id;
    }

    public String getAs() {
        return as;
    }

    @CheckForNull
    public String getName() {
        return name;
    }

    @DataBoundSetter
    public void setName(String name) {
        this.name = StepValues.fixEmpty(name);
    }

    @CheckForNull
    public String getRegistry() {
        return registry;
    }

    @DataBoundSetter
    public void setRegistry(String registry) {
        this.registry = StepValues.fixEmpty(registry);
    }

    @Override
    SecretSpec spec() {
        SecretSpec spec = new SecretSpec();
        spec.name = name == null ? slug(id) : name;
        spec.credentialsId = id;
        spec.as = as;
        spec.registry = registry;
        return spec;
    }

    /** The id as name of a Secret: what may not be in one is a dash. */
    private static String slug(String id) {
        return id.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    /** Descriptor. */
    @Extension
    @Symbol("credential")
    public static final class DescriptorImpl extends Descriptor<EnvironmentSecret> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Credential of Jenkins";
        }

        /** What it can become. */
        @POST
        public ListBoxModel doFillAsItems() {
            return FormChecks.items("opaque", "dockerconfigjson", "tls");
        }

        /** Checks that there is an id. */
        @POST
        public FormValidation doCheckId(@QueryParameter String value) {
            return FormChecks.required("id", value);
        }
    }
}
