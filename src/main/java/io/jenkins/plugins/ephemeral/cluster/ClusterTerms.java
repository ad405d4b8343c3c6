package io.jenkins.plugins.ephemeral.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/** On what terms environments are placed in a cluster; what is configured beside endpoint and identity. Immutable. */
public final class ClusterTerms {
    /** One share, no limit, no labels. */
    public static final ClusterTerms NONE = new ClusterTerms(1, 0, Map.of());

    private final int weight;
    private final int maxEnvironments;
    private final Map<String, String> labels;

    /**
     * @param weight its share: a cluster of weight 2 gets twice as many environments as one of weight 1; at least 1
     * @param maxEnvironments how many environments of this controller it holds at most; 0 for any number
     * @param labels by which steps choose among clusters
     */
    public ClusterTerms(int weight, int maxEnvironments, Map<String, String> labels) {
        this.weight = Math.max(1, weight);
        this.maxEnvironments = Math.max(0, maxEnvironments);
        this.labels = new LinkedHashMap<>(labels);
    }

    /** Its share among clusters. */
    public int weight() {
        return weight;
    }

    /** How many environments it holds at most; 0 for any number. */
    public int maxEnvironments() {
        return maxEnvironments;
    }

    /** A copy of its labels. */
    public Map<String, String> labels() {
        return new LinkedHashMap<>(labels);
    }
}
