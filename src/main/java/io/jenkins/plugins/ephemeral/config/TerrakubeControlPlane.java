package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.outside.Fault;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** One organization of a Terrakube control plane, as an administrator configures it. */
public final class TerrakubeControlPlane extends AbstractDescribableImpl<TerrakubeControlPlane>
        implements TerrakubeConnection {
    static final String DEFAULT_NAMESPACE = "terrakube";

    private final String name;
    private final String apiUrl;
    private final String organization;
    private final String credentialsId;
    private String uiUrl = "";
    private String cluster = "";
    private String namespace = DEFAULT_NAMESPACE;

    /**
     * @param name the name that steps use
     * @param apiUrl base URL of the API
     * @param organization name of the organization
     * @param credentialsId id of a secret text with a token
     */
    @DataBoundConstructor
    public TerrakubeControlPlane(String name, String apiUrl, String organization, String credentialsId) {
        this.name = name;
        this.apiUrl = Urls.orDefault(apiUrl, "");
        this.organization = organization;
        this.credentialsId = credentialsId;
    }

    public String getName() {
        return name;
    }

    public String getApiUrl() {
        return apiUrl;
    }

    public String getOrganization() {
        return organization;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    public String getUiUrl() {
        return uiUrl;
    }

    @DataBoundSetter
    public void setUiUrl(String uiUrl) {
        this.uiUrl = Urls.orDefault(uiUrl, "");
    }

    public String getCluster() {
        return cluster;
    }

    @DataBoundSetter
    public void setCluster(String cluster) {
        this.cluster = cluster == null ? "" : cluster.trim();
    }

    public String getNamespace() {
        return namespace;
    }

    @DataBoundSetter
    public void setNamespace(String namespace) {
        this.namespace = namespace == null || namespace.isBlank() ? DEFAULT_NAMESPACE : namespace.trim();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String apiUrl() {
        return apiUrl;
    }

    @Override
    public String uiUrl() {
        return uiUrl;
    }

    @Override
    public String organization() {
        return organization;
    }

    @Override
    public String cluster() {
        return cluster;
    }

    @Override
    public String namespace() {
        return namespace;
    }

    @Override
    public String apiToken() {
        return SystemCredentials.secretText(credentialsId, "Terrakube control plane " + name);
    }

    /** Descriptor. */
    @Extension
    @Symbol("terrakubeControlPlane")
    public static final class DescriptorImpl extends Descriptor<TerrakubeControlPlane> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Terrakube control plane";
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormValidation.validateRequired(value);
        }

        /** Checks that there is an organization. */
        @POST
        public FormValidation doCheckOrganization(@QueryParameter String value) {
            return FormValidation.validateRequired(value);
        }

        /** Secret texts of the system. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(@QueryParameter String credentialsId) {
            return SystemCredentials.secretTexts(credentialsId);
        }

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckApiUrl(@QueryParameter String value) {
            return value == null || value.isBlank() ? FormValidation.error("A URL is required") : Urls.check(value);
        }

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckUiUrl(@QueryParameter String value) {
            return Urls.check(value);
        }

        /** Finds the organization with what is in the form: URL, token and name are right if it does. */
        @POST
        public FormValidation doTestConnection(
                @QueryParameter String name,
                @QueryParameter String apiUrl,
                @QueryParameter String organization,
                @QueryParameter String credentialsId)
                throws InterruptedException {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            FormValidation url = doCheckApiUrl(apiUrl);
            if (url.kind == FormValidation.Kind.ERROR) {
                return url;
            }
            try {
                String id = EphemeralEngine.get()
                        .engine()
                        .terrakube(new TerrakubeControlPlane(name, apiUrl, organization, credentialsId))
                        .organizationId();
                return FormValidation.ok("Connected: organization " + organization + " has id " + id);
            } catch (Fault fault) {
                return FormValidation.error(fault.getMessage());
            }
        }
    }
}
