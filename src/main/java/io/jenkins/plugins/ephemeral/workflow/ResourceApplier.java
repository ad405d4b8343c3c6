package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** Applies Testkube's resources to namespaces and control planes. */
public final class ResourceApplier implements Resources {
    private final Clusters clusters;
    private final TestkubeClients clients;
    private final String controllerId;
    private final Supplier<Set<String>> applicationKinds;
    private final Owed owed;
    private final ServedKinds kinds = new ServedKinds();

    /**
     * @param clusters the clusters
     * @param clients the control planes
     * @param controllerId id of this controller, for labels
     * @param applicationKinds kinds besides Testkube's that an administrator allows, asked for at each use
     * @param owed keeps what is made in a control plane for one environment
     */
    public ResourceApplier(
            Clusters clusters,
            TestkubeClients clients,
            String controllerId,
            Supplier<Set<String>> applicationKinds,
            Owed owed) {
        this.clusters = Objects.requireNonNull(clusters);
        this.clients = Objects.requireNonNull(clients);
        this.controllerId = Objects.requireNonNull(controllerId);
        this.applicationKinds = Objects.requireNonNull(applicationKinds);
        this.owed = Objects.requireNonNull(owed);
    }

    /** Kinds of applications that an administrator can allow. */
    public static List<String> knownApplicationKinds() {
        return ManifestKind.ofApplications();
    }

    @Override
    public Reconciler<ApplyResult> apply(
            NamespaceRef environment,
            List<ManifestSource> sources,
            ApplySpec spec,
            Console console,
            ReportStore report) {
        return new ResourceApplication(this, environment, sources, spec, console, report);
    }

    Set<String> applicationKinds() {
        return applicationKinds.get();
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

    Owed owed() {
        return owed;
    }

    ServedKinds kinds() {
        return kinds;
    }
}
