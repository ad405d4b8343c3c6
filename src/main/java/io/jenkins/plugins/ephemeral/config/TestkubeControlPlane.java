package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import java.util.regex.Pattern;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** One Testkube Environment of a control plane, as an administrator configures it. */
public final class TestkubeControlPlane extends AbstractDescribableImpl<TestkubeControlPlane>
        implements TestkubeConnection {
    static final String DEFAULT_API_URL = "https://api.testkube.io";
    static final String DEFAULT_AGENT_ADDRESS = "agent.testkube.io:443";
    static final String DEFAULT_DASHBOARD_URL = "https://app.testkube.io";
    static final String DEFAULT_QUEUE_NAMESPACE = "jenkins";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]+");

    private final String name;
    private final String organizationId;
    private final String environmentId;
    private final String credentialsId;
    private String apiUrl = DEFAULT_API_URL;
    private String agentAddress = DEFAULT_AGENT_ADDRESS;
    private String dashboardUrl = DEFAULT_DASHBOARD_URL;
    private String sharedCredentialsId = "";
    private String queueCluster = "";
    private String queueNamespace = DEFAULT_QUEUE_NAMESPACE;

    /**
     * @param name the name that steps use
     * @param organizationId {@code tkcorg_...}
     * @param environmentId {@code tkcenv_...}
     * @param credentialsId id of a secret text with the API token
     */
    @DataBoundConstructor
    public TestkubeControlPlane(String name, String organizationId, String environmentId, String credentialsId) {
        this.name = name;
        this.organizationId = organizationId;
        this.environmentId = environmentId;
        this.credentialsId = credentialsId;
    }

    public String getName() {
        return name;
    }

    public String getOrganizationId() {
        return organizationId;
    }

    public String getEnvironmentId() {
        return environmentId;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    public String getApiUrl() {
        return apiUrl;
    }

    @DataBoundSetter
    public void setApiUrl(String apiUrl) {
        this.apiUrl = Urls.orDefault(apiUrl, DEFAULT_API_URL);
    }

    public String getAgentAddress() {
        return agentAddress;
    }

    @DataBoundSetter
    public void setAgentAddress(String agentAddress) {
        this.agentAddress =
                agentAddress == null || agentAddress.isBlank() ? DEFAULT_AGENT_ADDRESS : agentAddress.trim();
    }

    public String getDashboardUrl() {
        return dashboardUrl;
    }

    @DataBoundSetter
    public void setDashboardUrl(String dashboardUrl) {
        this.dashboardUrl = Urls.orDefault(dashboardUrl, DEFAULT_DASHBOARD_URL);
    }

    public String getSharedCredentialsId() {
        return sharedCredentialsId;
    }

    /** Id of a secret text with the identity of the shared agent. */
    @DataBoundSetter
    public void setSharedCredentialsId(String sharedCredentialsId) {
        this.sharedCredentialsId = sharedCredentialsId == null ? "" : sharedCredentialsId.trim();
    }

    public String getQueueCluster() {
        return queueCluster;
    }

    @DataBoundSetter
    public void setQueueCluster(String queueCluster) {
        this.queueCluster = queueCluster == null ? "" : queueCluster.trim();
    }

    public String getQueueNamespace() {
        return queueNamespace;
    }

    @DataBoundSetter
    public void setQueueNamespace(String queueNamespace) {
        this.queueNamespace =
                queueNamespace == null || queueNamespace.isBlank() ? DEFAULT_QUEUE_NAMESPACE : queueNamespace.trim();
    }

    @Override
    public String sharedAgent() {
        return sharedCredentialsId == null || sharedCredentialsId.isEmpty()
                ? ""
                : SystemCredentials.secretText(sharedCredentialsId, "the shared agent of control plane " + name);
    }

    @Override
    public String queueCluster() {
        return queueCluster == null ? "" : queueCluster;
    }

    @Override
    public String queueNamespace() {
        return queueNamespace == null ? DEFAULT_QUEUE_NAMESPACE : queueNamespace;
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
    public String agentAddress() {
        return agentAddress;
    }

    @Override
    public String dashboardUrl() {
        return dashboardUrl;
    }

    @Override
    public String organizationId() {
        return organizationId;
    }

    @Override
    public String environmentId() {
        return environmentId;
    }

    @Override
    public String apiToken() {
        return SystemCredentials.secretText(credentialsId, "Testkube control plane " + name);
    }

    /** Descriptor. */
    @Extension
    @Symbol("testkube")
    public static final class DescriptorImpl extends Descriptor<TestkubeControlPlane> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Testkube control plane";
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormValidation.validateRequired(value);
        }

        /** Secret texts of the system. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(@QueryParameter String credentialsId) {
            return SystemCredentials.secretTexts(credentialsId);
        }

        /** Secret texts of the system. */
        @POST
        public ListBoxModel doFillSharedCredentialsIdItems(@QueryParameter String sharedCredentialsId) {
            return SystemCredentials.secretTexts(sharedCredentialsId);
        }

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckApiUrl(@QueryParameter String value) {
            return Urls.check(value);
        }

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckDashboardUrl(@QueryParameter String value) {
            return Urls.check(value);
        }

        /** Checks an id. */
        @POST
        public FormValidation doCheckOrganizationId(@QueryParameter String value) {
            return id(value, "tkcorg_0123456789abcdef");
        }

        /** Checks an id. */
        @POST
        public FormValidation doCheckEnvironmentId(@QueryParameter String value) {
            return id(value, "tkcenv_0123456789abcdef");
        }

        private static FormValidation id(String value, String example) {
            return value != null && ID.matcher(value).matches()
                    ? FormValidation.ok()
                    : FormValidation.error("An id such as " + example + " is wanted");
        }
    }
}
