package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Applies Testkube's resources to namespaces and control planes. */
public final class ResourceApplier implements Resources {
    private final Clusters clusters;
    private final TestkubeClients clients;
    private final String controllerId;
    private final ServedKinds kinds = new ServedKinds();

    /**
     * @param clusters the clusters
     * @param clients the control planes
     * @param controllerId id of this controller, for labels
     */
    public ResourceApplier(Clusters clusters, TestkubeClients clients, String controllerId) {
        this.clusters = Objects.requireNonNull(clusters);
        this.clients = Objects.requireNonNull(clients);
        this.controllerId = Objects.requireNonNull(controllerId);
    }

    @Override
    public Reconciler<ApplyResult> apply(
            NamespaceRef environment,
            List<ManifestSource> sources,
            Map<String, String> parameters,
            boolean prune,
            String controlPlane,
            Console console) {
        return new ResourceApplication(this, environment, sources, parameters, prune, controlPlane, console);
    }

    Clusters clusters() {
        return clusters;
    }

    TestkubeClients clients() {
        return clients;
    }

    String controllerId() {
        return controllerId;
    }

    ServedKinds kinds() {
        return kinds;
    }
}
