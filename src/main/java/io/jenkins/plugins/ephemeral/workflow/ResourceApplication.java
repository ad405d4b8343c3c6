package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One call of apply. Everything is read and checked here and by the server's dry run before the first write; then the
 * inventory learns of what is coming, and one resource per turn is written where it belongs. Done again from the start
 * it comes to the same.
 */
final class ResourceApplication implements Reconciler<ApplyResult> {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final ResourceApplier applier;
    private final NamespaceRef environment;
    private final List<ManifestSource> sources;
    private final ApplySpec spec;
    private final Console console;
    private final ApplyResult result = new ApplyResult();

    private List<Manifest> manifests;
    private Set<String> unwanted;
    private int checked;
    private int next;
    private boolean pruned;
    private Availability availability;
    private volatile String status = "reading manifests";

    ResourceApplication(
            ResourceApplier applier,
            NamespaceRef environment,
            List<ManifestSource> sources,
            ApplySpec spec,
            Console console) {
        this.applier = applier;
        this.environment = environment;
        this.sources = sources;
        this.spec = spec;
        this.console = console;
    }

    @Override
    public String status() {
        return status;
    }

    @Override
    public Progress<ApplyResult> reconcile() throws InterruptedException {
        Set<String> allowed = applier.applicationKinds();
        if (manifests == null) {
            manifests = new ManifestLoader(environment.namespace(), spec.parameters, allowed).load(sources);
        }
        Cluster cluster = applier.clusters().cluster(environment.cluster());
        TestkubeClient client =
                spec.controlPlane == null ? null : applier.clients().client(spec.controlPlane);
        boolean served = manifests.stream().anyMatch(each -> each.type().isTestkube())
                && applier.kinds().areServed(cluster);
        ClusterWriter writer = new ClusterWriter(cluster, environment, applier.controllerId());
        if (checked < manifests.size()) {
            check(manifests.get(checked), writer, served, client != null);
            checked++;
            return Progress.again(Duration.ZERO);
        }
        Inventory inventory = new Inventory(cluster, environment);
        if (unwanted == null) {
            unwanted = begin(inventory);
        }
        if (next < manifests.size()) {
            Manifest manifest = manifests.get(next);
            status = "applying " + manifest.id();
            apply(manifest, writer, served, client);
            next++;
            return Progress.again(Duration.ZERO);
        }
        if (!pruned) {
            prune(inventory, writer, cluster);
            conclude(served, client);
            pruned = true;
        }
        return await(cluster);
    }

    private void check(Manifest manifest, ClusterWriter writer, boolean served, boolean shared) {
        if (manifest.type().isTestkube() && !served) {
            if (!shared) {
                throw new UserFault(
                        "applying manifests",
                        environment.toString(),
                        "the cluster does not know Testkube's resources, and the environment has no agent whose control"
                                + " plane would take them",
                        "Call ephemeralAgent() first, or have an administrator install Testkube's CRDs in the cluster.");
            }
            return;
        }
        status = "checking " + manifest.id();
        String unchecked = writer.dryRun(manifest);
        if (unchecked != null) {
            console.line(unchecked);
        }
    }

    /** Writes down what is coming; what was there and is not named any more is unwanted. */
    private Set<String> begin(Inventory inventory) {
        Set<String> ids = new TreeSet<>();
        manifests.forEach(manifest -> ids.add(manifest.id()));
        Set<String> known = inventory.read();
        if (!known.containsAll(ids)) {
            inventory.add(ids, applier.controllerId());
        }
        known.removeAll(ids);
        return spec.prune ? known : Set.of();
    }

    private void apply(Manifest manifest, ClusterWriter writer, boolean served, TestkubeClient client)
            throws InterruptedException {
        if (served || !manifest.type().isTestkube()) {
            writer.apply(manifest);
        }
        if (client != null && manifest.type().isTestkube()) {
            new ControlPlaneWriter(client).apply(manifest);
        }
    }

    /**
     * Takes away what an earlier call applied to the namespace. The control plane's definitions stay: other builds use
     * them.
     */
    private void prune(Inventory inventory, ClusterWriter writer, Cluster cluster) {
        if (unwanted.isEmpty()) {
            return;
        }
        status = "pruning";
        boolean served = applier.kinds().areServed(cluster);
        for (String id : unwanted) {
            int slash = id.indexOf('/');
            ManifestKind kind = ManifestKind.of(id.substring(0, slash));
            if (kind != null && (served || !kind.isTestkube())) {
                writer.delete(kind, id.substring(slash + 1));
            }
        }
        inventory.remove(unwanted);
    }

    private void conclude(boolean served, TestkubeClient client) {
        boolean inNamespace =
                served || manifests.stream().anyMatch(each -> !each.type().isTestkube());
        manifests.forEach(manifest -> {
            result.applied.add(manifest.id());
            if (manifest.kind().equals(ManifestLoader.WORKFLOW)) {
                result.workflows.add(manifest.name());
            }
        });
        result.pruned.addAll(unwanted);
        List<String> places = new ArrayList<>();
        if (inNamespace) {
            places.add(environment.toString());
        }
        if (client != null) {
            places.add("control plane " + client.connection().name());
        }
        console.line("Applied to " + String.join(" and ", places) + ": " + String.join(", ", result.applied)
                + (result.pruned.isEmpty() ? "" : "; pruned: " + String.join(", ", result.pruned)) + '.');
    }

    private Progress<ApplyResult> await(Cluster cluster) {
        if (!spec.waitForAvailable) {
            return Progress.done(result);
        }
        if (availability == null) {
            availability = new Availability(cluster, environment, manifests, console);
        }
        boolean available = availability.look(System.currentTimeMillis() > spec.deadlineMillis);
        status = availability.status();
        return available ? Progress.done(result) : Progress.again(LOOK);
    }
}
