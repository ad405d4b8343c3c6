package io.jenkins.plugins.ephemeral.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** On what terms environments are placed in a cluster; what is configured beside endpoint and identity. Immutable. */
public final class ClusterTerms {
    /** One share, no limit, no labels. */
    public static final ClusterTerms NONE = new ClusterTerms(1, 0, Map.of(), List.of(), Map.of());

    private final int weight;
    private final int maxEnvironments;
    private final Map<String, String> labels;
    private final List<String> poolNamespaces;
    private final Map<String, String> poolLabels;

    /**
     * @param weight its share: a cluster of weight 2 gets twice as many environments as one of weight 1; at least 1
     * @param maxEnvironments how many environments of this controller it holds at most; 0 for any number
     * @param labels by which steps choose among clusters
     * @param poolNamespaces namespaces that are leased, where Jenkins makes none; empty for none
     * @param poolLabels labels of further namespaces that are leased; empty for none
     */
    public ClusterTerms(
            int weight,
            int maxEnvironments,
            Map<String, String> labels,
            List<String> poolNamespaces,
            Map<String, String> poolLabels) {
        this.weight = Math.max(1, weight);
        this.maxEnvironments = Math.max(0, maxEnvironments);
        this.labels = new LinkedHashMap<>(labels);
        this.poolNamespaces = new ArrayList<>(poolNamespaces);
        this.poolLabels = new LinkedHashMap<>(poolLabels);
    }

    /** As the other one, without a pool. */
    public ClusterTerms(int weight, int maxEnvironments, Map<String, String> labels) {
        this(weight, maxEnvironments, labels, List.of(), Map.of());
    }

    /** Its share among clusters. */
    public int weight() {
        return weight;
    }

    /** Whether namespaces are leased there instead of made. */
    public boolean isPool() {
        return !poolNamespaces.isEmpty() || !poolLabels.isEmpty();
    }

    /** A copy of the names of the namespaces that are leased. */
    public List<String> poolNamespaces() {
        return new ArrayList<>(poolNamespaces);
    }

    /** A copy of the labels of further namespaces that are leased. */
    public Map<String, String> poolLabels() {
        return new LinkedHashMap<>(poolLabels);
    }

    /** How many environments it holds at most; 0 for any number. */
    public int maxEnvironments() {
        boolean listed = !poolNamespaces.isEmpty() && poolLabels.isEmpty();
        if (listed && (maxEnvironments == 0 || maxEnvironments > poolNamespaces.size())) {
            return poolNamespaces.size();
        }
        return maxEnvironments;
    }

    /** A copy of its labels. */
    public Map<String, String> labels() {
        return new LinkedHashMap<>(labels);
    }
}
