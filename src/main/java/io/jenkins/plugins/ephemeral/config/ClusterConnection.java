package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * A cluster connection of our own, for who wants environments in a cluster that is not a Kubernetes cloud of Jenkins:
 * server, certificate and token, or a kubeconfig of which only these are taken.
 */
public final class ClusterConnection extends AbstractDescribableImpl<ClusterConnection> {
    private final String name;
    private final String credentialsId;
    private String serverUrl;
    private String caCertificate;
    private String subject;

    /**
     * @param name the name that steps use
     * @param credentialsId id of a secret text with a token, or of a secret file with a kubeconfig
     */
    @DataBoundConstructor
    public ClusterConnection(String name, String credentialsId) {
        this.name = name;
        this.credentialsId = credentialsId;
    }

    public String getName() {
        return name;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    public String getServerUrl() {
        return serverUrl;
    }

    @DataBoundSetter
    public void setServerUrl(String serverUrl) {
        this.serverUrl = Urls.orDefault(serverUrl, null);
    }

    public String getCaCertificate() {
        return caCertificate;
    }

    @DataBoundSetter
    public void setCaCertificate(String caCertificate) {
        this.caCertificate = caCertificate == null || caCertificate.isBlank() ? null : caCertificate.trim();
    }

    public String getSubject() {
        return subject;
    }

    @DataBoundSetter
    public void setSubject(String subject) {
        this.subject = subject == null || subject.isBlank() ? null : subject.trim();
    }

    ClusterAccess access(ClusterTerms terms) {
        return new ConnectionAccess(this, terms);
    }

    /** Descriptor. */
    @Extension
    @Symbol("ephemeralCluster")
    public static final class DescriptorImpl extends Descriptor<ClusterConnection> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Cluster connection";
        }

        /** Checks that there is a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormValidation.validateRequired(value);
        }

        /** Secret texts and files of the system. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(@QueryParameter String credentialsId) {
            return SystemCredentials.secretTextsAndFiles(credentialsId);
        }

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckServerUrl(@QueryParameter String value) {
            return Urls.check(value);
        }
    }
}
