package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.APIResourceList;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which clusters know Testkube's custom resources. Asked once per cluster and kept: an administrator installs them once;
 * that they are missing is asked anew after a minute.
 */
final class ServedKinds {
    private static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long MISSING_KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final class Known {
        private final boolean served;
        private final long askedNanos = System.nanoTime();

        Known(boolean served) {
            this.served = served;
        }

        boolean isFresh() {
            return System.nanoTime() - askedNanos < (served ? KEPT_NANOS : MISSING_KEPT_NANOS);
        }
    }

    private final Map<String, Known> byCluster = new ConcurrentHashMap<>();

    /** Whether both workflows and templates can be applied there. */
    boolean areServed(Cluster cluster) {
        Known known = byCluster.get(cluster.name());
        if (known == null || !known.isFresh()) {
            known = new Known(ask(cluster));
            byCluster.put(cluster.name(), known);
        }
        return known.served;
    }

    private static boolean ask(Cluster cluster) {
        APIResourceList resources = cluster.call(
                "discovering kinds of " + ManifestKind.WORKFLOWS_VERSION,
                ManifestKind.WORKFLOWS_VERSION,
                client -> client.getApiResources(ManifestKind.WORKFLOWS_VERSION));
        if (resources == null) {
            return false;
        }
        return resources.getResources().stream()
                        .map(resource -> resource.getName())
                        .filter(name -> name.equals("testworkflows") || name.equals("testworkflowtemplates"))
                        .distinct()
                        .count()
                == 2;
    }
}
