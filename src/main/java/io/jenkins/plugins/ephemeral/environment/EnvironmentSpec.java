package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a user asks an environment to be. Written as JSON into its record and as Java object into the build: a plain
 * bean with public fields, whose defaults are those of the step.
 */
public final class EnvironmentSpec extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Name of the cluster; null or empty for the only one that is configured. */
    public String cluster;

    /** Names of the clusters to choose from, instead of {@link #cluster}; empty for no choice. */
    public List<String> clusters = new ArrayList<>();

    /** Rule on the labels of clusters to choose from, such as {@code zone=eu,!spot}; null or empty for none. */
    public String clusterSelector;

    /** Exact name of the namespace, or null to make one from {@link #namePrefix} and the job's name. */
    public String name;

    /** Beginning of the namespace's name; null for none. */
    public String namePrefix;

    /** What it lives as long as. */
    public Lifetime lifetime = Lifetime.BUILD;

    /** What a build does while another one holds the environment of its branch. */
    public Concurrency concurrency = Concurrency.WAIT;

    /** Time after its request at which it is deleted though a build may hold it; null for no such bound. */
    public Duration maxAge;

    /** Idle time after which it is deleted though nobody asked. ISO-8601 in JSON. */
    public Duration ttl = Duration.ofHours(2);

    /** Whether a failed build leaves it until {@link #ttl} is over. */
    public boolean keepOnFailure;

    /** Whether the end of the block waits until the namespace is gone. */
    public boolean waitForDeletion;

    /** ResourceQuota {@code hard}: resource name to quantity, such as {@code pods -> 20}. */
    public Map<String, String> quota = new LinkedHashMap<>();

    /** LimitRange defaults of containers: {@code cpu}, {@code memory} to quantity; used as default limit and request. */
    public Map<String, String> limitRange = new LinkedHashMap<>();

    /** More labels for the namespace; ours win. */
    public Map<String, String> labels = new LinkedHashMap<>();

    /** More annotations for the namespace; ours win. */
    public Map<String, String> annotations = new LinkedHashMap<>();

    /** Name of the ServiceAccount that is made for the user's Pods. */
    public String serviceAccount = "ephemeral";

    /** Names of Secrets in the namespace that the service accounts pull images with. */
    public List<String> imagePullSecrets = new ArrayList<>();

    /** Pod Security level that the namespace enforces: {@code privileged}, {@code baseline} or {@code restricted}. */
    public String podSecurity = "baseline";

    /** One of {@link NetworkRules}. */
    public String networkPolicy = NetworkRules.NAMESPACE;

    /** Where Pods may connect to if {@link #networkPolicy} is {@code isolated}, as {@link EgressRule} reads it. */
    public List<String> egress = new ArrayList<>();

    /** Secrets that are made in the namespace. */
    public List<SecretSpec> secrets = new ArrayList<>();

    /** Whether the service account gets rights in the namespace, and tokens of it are given to the build. */
    public boolean kubeconfig;

    /** Whether it was restricted because the build is of a change that its repository does not trust. */
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) // so that the hashes of all others stay as they are
    public boolean untrusted;

    /** Addresses for people, by name; {@code {namespace}}, {@code {cluster}} and {@code {environment}} are filled in. */
    public Map<String, String> urls = new LinkedHashMap<>();

    /** {@link #urls} of an environment, complete. */
    public Map<String, String> urlsOf(NamespaceRef environment) {
        Map<String, String> complete = new LinkedHashMap<>();
        urls.forEach((title, url) -> complete.put(
                title,
                url.replace("{namespace}", environment.namespace())
                        .replace("{cluster}", environment.cluster())
                        .replace("{environment}", environment.environment())));
        return complete;
    }
}
