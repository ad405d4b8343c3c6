package io.jenkins.plugins.ephemeral.config;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.BulkChange;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.workflow.ResourceApplier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jenkins.model.GlobalConfiguration;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/** Clusters, control planes, webhooks and limits; also for Configuration as Code ({@code ephemeralEnvironments}). */
@Extension
@Symbol("ephemeralEnvironments")
public final class EphemeralConfiguration extends GlobalConfiguration {
    /** As kubectl and Argo CD have it: a server that has enough of it says 429, which halves it. */
    static final double DEFAULT_REQUESTS_PER_SECOND = 50;

    static final int DEFAULT_REQUEST_BURST = 100;
    static final int DEFAULT_REAPER_PERIOD_SECONDS = 300;
    static final String DEFAULT_AGENT_IMAGE = "kubeshop/testkube-api-server:2.12.2";
    static final String DEFAULT_AGENT_INIT_IMAGE = "kubeshop/testkube-tw-init:2.12.2";
    static final String DEFAULT_AGENT_TOOLKIT_IMAGE = "kubeshop/testkube-tw-toolkit:2.12.2";

    static final String DEFAULT_APPLICATION_KINDS = "ConfigMap, Deployment, Service, StatefulSet";

    /** Environments of untrusted changes get less. */
    public static final String RESTRICT = "restrict";

    /** Untrusted changes get no environments. */
    public static final String REFUSE = "refuse";

    /** Untrusted changes get what they ask for. */
    public static final String ALLOW = "allow";

    private List<ClusterConnection> clusters = new ArrayList<>();
    private List<ClusterPlacement> placements = new ArrayList<>();
    private List<TestkubeControlPlane> testkubes = new ArrayList<>();
    private List<TerrakubeControlPlane> terrakubes = new ArrayList<>();
    private List<ReportWebhook> webhooks = new ArrayList<>();
    private StageJobPolicy stageJobs = new StageJobPolicy();
    private double requestsPerSecond = DEFAULT_REQUESTS_PER_SECOND;
    private int requestBurst = DEFAULT_REQUEST_BURST;
    private int reaperPeriodSeconds = DEFAULT_REAPER_PERIOD_SECONDS;
    private String agentImage = DEFAULT_AGENT_IMAGE;
    private String agentInitImage = DEFAULT_AGENT_INIT_IMAGE;
    private String agentToolkitImage = DEFAULT_AGENT_TOOLKIT_IMAGE;
    private String applicationKinds = DEFAULT_APPLICATION_KINDS;
    private String agentRegistry = "";
    private String secretNamespaces = "";
    private String agentPullSecrets = "";
    private String untrustedChanges = RESTRICT;

    /** Loads what was saved. */
    public EphemeralConfiguration() {
        load();
    }

    /** The configuration of this Jenkins. */
    public static EphemeralConfiguration get() {
        return ExtensionList.lookupSingleton(EphemeralConfiguration.class);
    }

    @NonNull
    @Override
    public String getDisplayName() {
        return "Ephemeral Environments";
    }

    public List<ClusterConnection> getClusters() {
        return clusters;
    }

    @DataBoundSetter
    public void setClusters(List<ClusterConnection> clusters) {
        this.clusters = clusters == null ? new ArrayList<>() : new ArrayList<>(clusters);
        save();
        ConnectionAccess.closeOthers(
                this.clusters.stream().map(ClusterConnection::getName).toList());
    }

    public List<ClusterPlacement> getPlacements() {
        // null in what an older version saved
        return placements == null ? List.of() : placements;
    }

    @DataBoundSetter
    public void setPlacements(List<ClusterPlacement> placements) {
        this.placements = placements == null ? new ArrayList<>() : new ArrayList<>(placements);
        save();
    }

    public List<TestkubeControlPlane> getTestkubes() {
        return testkubes;
    }

    @DataBoundSetter
    public void setTestkubes(List<TestkubeControlPlane> testkubes) {
        this.testkubes = testkubes == null ? new ArrayList<>() : new ArrayList<>(testkubes);
        save();
    }

    public List<TerrakubeControlPlane> getTerrakubes() {
        return terrakubes;
    }

    @DataBoundSetter
    public void setTerrakubes(List<TerrakubeControlPlane> terrakubes) {
        this.terrakubes = terrakubes == null ? new ArrayList<>() : new ArrayList<>(terrakubes);
        save();
    }

    public List<ReportWebhook> getWebhooks() {
        return webhooks;
    }

    @DataBoundSetter
    public void setWebhooks(List<ReportWebhook> webhooks) {
        this.webhooks = webhooks == null ? new ArrayList<>() : new ArrayList<>(webhooks);
        save();
    }

    public StageJobPolicy getStageJobs() {
        return stageJobs;
    }

    @DataBoundSetter
    public void setStageJobs(StageJobPolicy stageJobs) {
        this.stageJobs = stageJobs == null ? new StageJobPolicy() : stageJobs;
        save();
    }

    public double getRequestsPerSecond() {
        return requestsPerSecond;
    }

    @DataBoundSetter
    public void setRequestsPerSecond(double requestsPerSecond) {
        this.requestsPerSecond = requestsPerSecond > 0 ? requestsPerSecond : DEFAULT_REQUESTS_PER_SECOND;
        save();
    }

    public int getRequestBurst() {
        return requestBurst;
    }

    @DataBoundSetter
    public void setRequestBurst(int requestBurst) {
        this.requestBurst = requestBurst > 0 ? requestBurst : DEFAULT_REQUEST_BURST;
        save();
    }

    public int getReaperPeriodSeconds() {
        return reaperPeriodSeconds;
    }

    @DataBoundSetter
    public void setReaperPeriodSeconds(int reaperPeriodSeconds) {
        this.reaperPeriodSeconds = reaperPeriodSeconds > 0 ? reaperPeriodSeconds : DEFAULT_REAPER_PERIOD_SECONDS;
        save();
    }

    public String getAgentImage() {
        return agentImage;
    }

    @DataBoundSetter
    public void setAgentImage(String agentImage) {
        this.agentImage = orDefault(agentImage, DEFAULT_AGENT_IMAGE);
        save();
    }

    public String getAgentInitImage() {
        return agentInitImage;
    }

    @DataBoundSetter
    public void setAgentInitImage(String agentInitImage) {
        this.agentInitImage = orDefault(agentInitImage, DEFAULT_AGENT_INIT_IMAGE);
        save();
    }

    public String getAgentToolkitImage() {
        return agentToolkitImage;
    }

    @DataBoundSetter
    public void setAgentToolkitImage(String agentToolkitImage) {
        this.agentToolkitImage = orDefault(agentToolkitImage, DEFAULT_AGENT_TOOLKIT_IMAGE);
        save();
    }

    public String getApplicationKinds() {
        return applicationKinds;
    }

    /** @param applicationKinds kinds, separated by commas; empty for none */
    @DataBoundSetter
    public void setApplicationKinds(String applicationKinds) {
        this.applicationKinds = applicationKinds == null ? "" : applicationKinds.trim();
        save();
    }

    Set<String> applicationKindSet() {
        return kinds(applicationKinds);
    }

    private static Set<String> kinds(String text) {
        Set<String> kinds = new LinkedHashSet<>(List.of(text.trim().split("[\\s,]+")));
        kinds.remove("");
        return kinds;
    }

    public String getSecretNamespaces() {
        return secretNamespaces;
    }

    /** @param secretNamespaces namespaces separated by commas, {@code *} for any text; empty for none */
    @DataBoundSetter
    public void setSecretNamespaces(String secretNamespaces) {
        this.secretNamespaces = secretNamespaces == null ? "" : secretNamespaces.trim();
        save();
    }

    Set<String> secretNamespaceSet() {
        return kinds(secretNamespaces);
    }

    /** What builds of changes get that their repository does not trust, such as pull requests from forks. */
    public String getUntrustedChanges() {
        // an older version saved nothing of it
        return REFUSE.equals(untrustedChanges) || ALLOW.equals(untrustedChanges) ? untrustedChanges : RESTRICT;
    }

    /** @param untrustedChanges {@link #RESTRICT}, {@link #REFUSE} or {@link #ALLOW} */
    @DataBoundSetter
    public void setUntrustedChanges(String untrustedChanges) {
        this.untrustedChanges = untrustedChanges == null ? RESTRICT : untrustedChanges.trim();
        save();
    }

    /** The choices. */
    @POST
    public ListBoxModel doFillUntrustedChangesItems() {
        ListBoxModel items = new ListBoxModel();
        items.add("no Secrets, no kubeconfig, isolated", RESTRICT);
        items.add("no environments", REFUSE);
        items.add("as all others", ALLOW);
        return items;
    }

    public String getAgentRegistry() {
        return agentRegistry;
    }

    @DataBoundSetter
    public void setAgentRegistry(String agentRegistry) {
        this.agentRegistry = agentRegistry == null ? "" : agentRegistry.trim();
        save();
    }

    public String getAgentPullSecrets() {
        return agentPullSecrets;
    }

    /** Names of Secrets, one per line. */
    @DataBoundSetter
    public void setAgentPullSecrets(String agentPullSecrets) {
        this.agentPullSecrets = agentPullSecrets == null ? "" : agentPullSecrets.trim();
        save();
    }

    private static String orDefault(String image, String fallback) {
        return image == null || image.isBlank() ? fallback : image.trim();
    }

    /** Takes what the form sends, which is silent about lists of which the last element was removed. */
    @Override
    public boolean configure(StaplerRequest2 req, JSONObject json) throws FormException {
        JSONObject complete = new JSONObject();
        for (String list : List.of("clusters", "placements", "testkubes", "terrakubes", "webhooks")) {
            complete.put(list, new JSONArray());
        }
        complete.putAll(json);
        try (BulkChange change = new BulkChange(this)) {
            req.bindJSON(this, complete);
            change.commit();
        } catch (IOException e) {
            throw new FormException("The configuration could not be saved: " + e.getMessage(), e, "clusters");
        }
        return true;
    }

    /** Checks a number above zero. */
    @POST
    public FormValidation doCheckRequestsPerSecond(@QueryParameter String value) {
        try {
            double number = Double.parseDouble(value.trim());
            return number > 0 ? FormValidation.ok() : FormValidation.error("More than 0 is wanted");
        } catch (NumberFormatException e) {
            return FormValidation.error("Not a number");
        }
    }

    /** Checks a positive number. */
    @POST
    public FormValidation doCheckRequestBurst(@QueryParameter String value) {
        return FormValidation.validatePositiveInteger(value);
    }

    /** Checks a positive number. */
    @POST
    public FormValidation doCheckReaperPeriodSeconds(@QueryParameter String value) {
        return FormValidation.validatePositiveInteger(value);
    }

    /** Checks the names of kinds. */
    @POST
    public FormValidation doCheckApplicationKinds(@QueryParameter String value) {
        Set<String> unknown = kinds(value);
        unknown.removeAll(ResourceApplier.knownApplicationKinds());
        return unknown.isEmpty()
                ? FormValidation.ok()
                : FormValidation.error(String.join(", ", unknown) + " cannot be allowed; kinds are "
                        + String.join(", ", ResourceApplier.knownApplicationKinds()));
    }
}
