package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.controlplane.WebhookTarget;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** An address that gets each build's report as JSON. */
public final class ReportWebhook extends AbstractDescribableImpl<ReportWebhook> implements WebhookTarget {
    private final String name;
    private final String url;
    private String credentialsId;

    /**
     * @param name name for messages
     * @param url http(s) URL that the report is posted to
     */
    @DataBoundConstructor
    public ReportWebhook(String name, String url) {
        this.name = name;
        this.url = url;
    }

    public String getName() {
        return name;
    }

    public String getUrl() {
        return url;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(String credentialsId) {
        this.credentialsId = credentialsId == null || credentialsId.isBlank() ? null : credentialsId;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public String secret() {
        return credentialsId == null ? "" : SystemCredentials.secretText(credentialsId, "webhook " + name);
    }

    /** Descriptor. */
    @Extension
    @Symbol("reportWebhook")
    public static final class DescriptorImpl extends Descriptor<ReportWebhook> {
        @NonNull
        @Override
        public String getDisplayName() {
            return "Webhook for reports";
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

        /** Checks an http(s) URL. */
        @POST
        public FormValidation doCheckUrl(@QueryParameter String value) {
            return value == null || value.isBlank() ? FormValidation.error("A URL is required") : Urls.check(value);
        }
    }
}
