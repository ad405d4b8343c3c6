package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.Concurrency;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.Lifetime;
import io.jenkins.plugins.ephemeral.environment.NetworkRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code ephemeralEnvironment(cloud: 'dev') { ... }}: the body has a Kubernetes namespace of its own, which is gone
 * afterwards whatever happened. Documented in docs/steps.md.
 */
public final class EphemeralEnvironmentStep extends Step {
    private static final String DEFAULT_TTL = "2h";
    private static final String DEFAULT_SERVICE_ACCOUNT = "ephemeral";
    private static final String DEFAULT_POD_SECURITY = "baseline";
    private static final String DEFAULT_NETWORK_POLICY = NetworkRules.NAMESPACE;

    private static final Map<String, Lifetime> LIFETIMES = Map.of("build", Lifetime.BUILD, "branch", Lifetime.BRANCH);
    private static final Map<String, Concurrency> CONCURRENCIES =
            Map.of("wait", Concurrency.WAIT, "abortOlder", Concurrency.ABORT_OLDER, "share", Concurrency.SHARE);

    private String cloud;
    private List<String> clouds;
    private String cloudSelector;
    private String name;
    private String namePrefix;
    private String lifetime = "build";
    private String concurrency = "wait";
    private String maxAge;
    private String ttl = DEFAULT_TTL;
    private boolean keepOnFailure;
    private boolean waitForDeletion;
    private Map<String, ?> quota;
    private Map<String, ?> limitRange;
    private Map<String, ?> labels;
    private Map<String, ?> annotations;
    private String serviceAccount = DEFAULT_SERVICE_ACCOUNT;
    private List<String> imagePullSecrets;
    private String podSecurity = DEFAULT_POD_SECURITY;
    private String networkPolicy = DEFAULT_NETWORK_POLICY;
    private List<String> egress;
    private Map<String, ?> urls;
    private boolean dryRun;
    private boolean kubeconfig;
    private List<EnvironmentSecret> secrets;

    /** All parameters are optional. */
    @DataBoundConstructor
    public EphemeralEnvironmentStep() {}

    @CheckForNull
    public String getCloud() {
        return cloud;
    }

    @DataBoundSetter
    public void setCloud(String cloud) {
        this.cloud = StepValues.fixEmpty(cloud);
    }

    @CheckForNull
    public List<String> getClouds() {
        return clouds;
    }

    @DataBoundSetter
    public void setClouds(List<String> clouds) {
        this.clouds = clouds;
    }

    @CheckForNull
    public String getCloudSelector() {
        return cloudSelector;
    }

    @DataBoundSetter
    public void setCloudSelector(String cloudSelector) {
        this.cloudSelector = StepValues.fixEmpty(cloudSelector);
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
    public String getNamePrefix() {
        return namePrefix;
    }

    @DataBoundSetter
    public void setNamePrefix(String namePrefix) {
        this.namePrefix = StepValues.fixEmpty(namePrefix);
    }

    public String getLifetime() {
        return lifetime;
    }

    @DataBoundSetter
    public void setLifetime(String lifetime) {
        this.lifetime = lifetime == null || lifetime.isBlank() ? "build" : lifetime.trim();
    }

    public String getConcurrency() {
        return concurrency;
    }

    @DataBoundSetter
    public void setConcurrency(String concurrency) {
        this.concurrency = concurrency == null || concurrency.isBlank() ? "wait" : concurrency.trim();
    }

    @CheckForNull
    public String getMaxAge() {
        return maxAge;
    }

    @DataBoundSetter
    public void setMaxAge(String maxAge) {
        this.maxAge = StepValues.fixEmpty(maxAge);
    }

    public String getTtl() {
        return ttl;
    }

    @DataBoundSetter
    public void setTtl(String ttl) {
        this.ttl = ttl == null || ttl.isBlank() ? DEFAULT_TTL : ttl.trim();
    }

    public boolean isKeepOnFailure() {
        return keepOnFailure;
    }

    @DataBoundSetter
    public void setKeepOnFailure(boolean keepOnFailure) {
        this.keepOnFailure = keepOnFailure;
    }

    public boolean isWaitForDeletion() {
        return waitForDeletion;
    }

    @DataBoundSetter
    public void setWaitForDeletion(boolean waitForDeletion) {
        this.waitForDeletion = waitForDeletion;
    }

    @CheckForNull
    public Map<String, ?> getQuota() {
        return quota;
    }

    @DataBoundSetter
    public void setQuota(Map<String, ?> quota) {
        this.quota = quota;
    }

    @CheckForNull
    public Map<String, ?> getLimitRange() {
        return limitRange;
    }

    @DataBoundSetter
    public void setLimitRange(Map<String, ?> limitRange) {
        this.limitRange = limitRange;
    }

    @CheckForNull
    public Map<String, ?> getLabels() {
        return labels;
    }

    @DataBoundSetter
    public void setLabels(Map<String, ?> labels) {
        this.labels = labels;
    }

    @CheckForNull
    public Map<String, ?> getAnnotations() {
        return annotations;
    }

    @DataBoundSetter
    public void setAnnotations(Map<String, ?> annotations) {
        this.annotations = annotations;
    }

    public String getServiceAccount() {
        return serviceAccount;
    }

    @DataBoundSetter
    public void setServiceAccount(String serviceAccount) {
        this.serviceAccount =
                serviceAccount == null || serviceAccount.isBlank() ? DEFAULT_SERVICE_ACCOUNT : serviceAccount.trim();
    }

    @CheckForNull
    public List<String> getImagePullSecrets() {
        return imagePullSecrets;
    }

    @DataBoundSetter
    public void setImagePullSecrets(List<String> imagePullSecrets) {
        this.imagePullSecrets = imagePullSecrets;
    }

    public String getPodSecurity() {
        return podSecurity;
    }

    @DataBoundSetter
    public void setPodSecurity(String podSecurity) {
        this.podSecurity = podSecurity == null || podSecurity.isBlank() ? DEFAULT_POD_SECURITY : podSecurity.trim();
    }

    public String getNetworkPolicy() {
        return networkPolicy;
    }

    @DataBoundSetter
    public void setNetworkPolicy(String networkPolicy) {
        this.networkPolicy =
                networkPolicy == null || networkPolicy.isBlank() ? DEFAULT_NETWORK_POLICY : networkPolicy.trim();
    }

    @CheckForNull
    public List<String> getEgress() {
        return egress;
    }

    @DataBoundSetter
    public void setEgress(List<String> egress) {
        this.egress = egress;
    }

    @CheckForNull
    public Map<String, ?> getUrls() {
        return urls;
    }

    @DataBoundSetter
    public void setUrls(Map<String, ?> urls) {
        this.urls = urls;
    }

    @CheckForNull
    public List<EnvironmentSecret> getSecrets() {
        return secrets;
    }

    @DataBoundSetter
    public void setSecrets(List<EnvironmentSecret> secrets) {
        this.secrets = secrets;
    }

    public boolean isKubeconfig() {
        return kubeconfig;
    }

    @DataBoundSetter
    public void setKubeconfig(boolean kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    public boolean isDryRun() {
        return dryRun;
    }

    @DataBoundSetter
    public void setDryRun(boolean dryRun) {
        this.dryRun = dryRun;
    }

    /** Text of a list for its form field. */
    public String itemsOf(List<String> items) {
        return items == null ? "" : String.join("\n", items);
    }

    /** Text of a map for its form field. */
    public String linesOf(Map<String, ?> map) {
        return StepValues.toLines(map);
    }

    /** What the engine is asked for. */
    EnvironmentSpec spec() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.cluster = cloud;
        spec.clusters.addAll(StepValues.strings("clouds", clouds));
        spec.clusterSelector = cloudSelector;
        spec.name = name;
        spec.namePrefix = namePrefix;
        spec.lifetime = StepValues.choice("lifetime", lifetime, LIFETIMES);
        spec.concurrency = StepValues.choice("concurrency", concurrency, CONCURRENCIES);
        spec.maxAge = maxAge == null ? null : StepValues.duration("maxAge", maxAge);
        spec.ttl = StepValues.duration("ttl", ttl);
        spec.keepOnFailure = keepOnFailure;
        spec.waitForDeletion = waitForDeletion;
        spec.quota.putAll(StepValues.strings("quota", quota));
        spec.limitRange.putAll(StepValues.strings("limitRange", limitRange));
        spec.labels.putAll(StepValues.strings("labels", labels));
        spec.annotations.putAll(StepValues.strings("annotations", annotations));
        spec.serviceAccount = serviceAccount;
        spec.imagePullSecrets.addAll(StepValues.strings("imagePullSecrets", imagePullSecrets));
        if (secrets != null) {
            secrets.forEach(secret -> spec.secrets.add(secret.spec()));
        }
        spec.kubeconfig = kubeconfig;
        spec.podSecurity = podSecurity;
        spec.networkPolicy = networkPolicy;
        spec.egress.addAll(StepValues.strings("egress", egress));
        spec.urls.putAll(StepValues.strings("urls", urls));
        return spec;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        EnvironmentSpec spec = StepValues.read(this::spec);
        return dryRun ? new EnvironmentDryRun(context, spec) : new EphemeralEnvironmentExecution(context, spec);
    }

    /** Descriptor of the step. */
    @Extension
    public static final class DescriptorImpl extends EphemeralStepDescriptor {
        @Override
        public String getFunctionName() {
            return "ephemeralEnvironment";
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Run the body with an ephemeral Kubernetes namespace";
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return true;
        }

        @Override
        public Set<? extends Class<?>> getProvidedContext() {
            return Set.of(EphemeralContext.class);
        }

        @Override
        Map<String, BiConsumer<Step, String>> textFields() {
            return Map.of(
                    "clouds", (step, text) -> of(step).setClouds(StepValues.parseItems(text)),
                    "quota", (step, text) -> of(step).setQuota(StepValues.parseLines("quota", text)),
                    "limitRange", (step, text) -> of(step).setLimitRange(StepValues.parseLines("limitRange", text)),
                    "labels", (step, text) -> of(step).setLabels(StepValues.parseLines("labels", text)),
                    "annotations", (step, text) -> of(step).setAnnotations(StepValues.parseLines("annotations", text)),
                    "imagePullSecrets", (step, text) -> of(step).setImagePullSecrets(StepValues.parseItems(text)),
                    "egress", (step, text) -> of(step).setEgress(StepValues.parseItems(text)),
                    "urls", (step, text) -> of(step).setUrls(StepValues.parseLines("urls", text)));
        }

        private static EphemeralEnvironmentStep of(Step step) {
            return (EphemeralEnvironmentStep) step;
        }

        /** The clusters that can be named. */
        @POST
        public ListBoxModel doFillCloudItems(@AncestorInPath Item item) {
            ListBoxModel items = new ListBoxModel();
            items.add("(the only one)", "");
            if (FormChecks.mayConfigure(item)) {
                EphemeralEngine.get().settings().clusters().forEach(cluster -> items.add(cluster.name()));
            }
            return items;
        }

        /** The levels of Pod security. */
        @POST
        public ListBoxModel doFillPodSecurityItems() {
            return FormChecks.items(DEFAULT_POD_SECURITY, "restricted", "privileged");
        }

        /** The kinds of network policy. */
        @POST
        public ListBoxModel doFillNetworkPolicyItems() {
            return FormChecks.items(DEFAULT_NETWORK_POLICY, NetworkRules.ISOLATED, NetworkRules.OPEN);
        }

        /** How long it may live. */
        @POST
        public ListBoxModel doFillLifetimeItems() {
            return FormChecks.items("build", "branch");
        }

        /** What a build does while another one holds the environment of its branch. */
        @POST
        public ListBoxModel doFillConcurrencyItems() {
            return FormChecks.items("wait", "abortOlder", "share");
        }

        /** Checks a duration, if there is one. */
        @POST
        public FormValidation doCheckMaxAge(@QueryParameter String value) {
            return StepValues.fixEmpty(value) == null ? FormValidation.ok() : FormChecks.duration("maxAge", value);
        }

        /** Checks a duration. */
        @POST
        public FormValidation doCheckTtl(@QueryParameter String value) {
            return FormChecks.duration("ttl", value);
        }
    }
}
