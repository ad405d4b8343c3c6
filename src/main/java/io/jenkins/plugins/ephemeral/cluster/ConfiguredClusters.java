package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The clusters of the configuration, which is read anew at each use: a changed URL, credential or limit takes effect
 * with the next call, and watches follow. There is one limiter and one set of watches per name, whatever changes.
 */
public final class ConfiguredClusters implements Clusters, AutoCloseable {
    private final Supplier<List<ClusterAccess>> configured;
    private final DoubleSupplier requestsPerSecond;
    private final IntSupplier requestBurst;
    private final Outside outside;
    private final String controllerId;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /**
     * @param configured the clusters, in the order of the configuration
     * @param requestsPerSecond requests per second and cluster
     * @param requestBurst requests at once and cluster after a pause
     * @param outside the gate of outside calls
     * @param controllerId id of this controller
     */
    public ConfiguredClusters(
            Supplier<List<ClusterAccess>> configured,
            DoubleSupplier requestsPerSecond,
            IntSupplier requestBurst,
            Outside outside,
            String controllerId) {
        this.configured = configured;
        this.requestsPerSecond = requestsPerSecond;
        this.requestBurst = requestBurst;
        this.outside = outside;
        this.controllerId = controllerId;
    }

    @Override
    public Cluster cluster(String name) {
        String found = find(name).name();
        Known one = known.computeIfAbsent(found, Known::new);
        one.limiter.configure(requestsPerSecond.getAsDouble(), requestBurst.getAsInt());
        return one.cluster;
    }

    @Override
    public List<String> names() {
        List<String> names = configured.get().stream().map(ClusterAccess::name).collect(Collectors.toList());
        forgetOthers(names);
        return names;
    }

    /** Ends the watches in clusters that are not configured any more; who still works with one looks from time to time. */
    private void forgetOthers(List<String> names) {
        for (String name : known.keySet()) {
            Known gone = names.contains(name) ? null : known.remove(name);
            if (gone != null) {
                gone.cluster.hints().close();
            }
        }
    }

    /** How many clusters there are limiters and watches for. */
    int known() {
        return known.size();
    }

    @Override
    public ClusterTerms terms(String name) {
        return find(name).terms();
    }

    @Override
    public boolean isAllowed(String name, String jobFullName) {
        return find(name).isAllowedFor(jobFullName);
    }

    /** Closes all watches; the clients are not ours to close. */
    @Override
    public void close() {
        known.values().forEach(each -> each.cluster.hints().close());
    }

    private ClusterAccess find(String name) {
        List<ClusterAccess> all = configured.get();
        if (name == null || name.isEmpty()) {
            if (all.size() == 1) {
                return all.get(0);
            }
            throw new UserFault(
                    "choosing a cluster",
                    "",
                    all.isEmpty() ? "no cluster is configured" : "none is named and several are configured",
                    all.isEmpty()
                            ? "Add a Kubernetes cloud in the Jenkins configuration and enable it for ephemeral"
                                    + " environments."
                            : "Name one of them as cloud: " + String.join(", ", names()) + '.');
        }
        return all.stream()
                .filter(access -> access.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserFault(
                        "choosing a cluster",
                        name,
                        "there is no cluster of that name",
                        all.isEmpty()
                                ? "No cluster is configured for ephemeral environments at all."
                                : "Configured are: " + String.join(", ", names()) + '.'));
    }

    private final class Known {
        private final RequestLimiter limiter =
                new RequestLimiter(requestsPerSecond.getAsDouble(), requestBurst.getAsInt());
        private final Cluster cluster;

        Known(String name) {
            cluster = new Cluster(
                    new ClusterAccess() {
                        @Override
                        public String name() {
                            return name;
                        }

                        @Override
                        public KubernetesClient client() {
                            return find(name).client();
                        }

                        @Override
                        public String subject() {
                            return find(name).subject();
                        }
                    },
                    limiter,
                    outside,
                    controllerId);
        }
    }
}
