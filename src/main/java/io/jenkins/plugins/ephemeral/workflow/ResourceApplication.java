package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.ReportStore;
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
    private final ReportStore report;
    private final ApplyResult result = new ApplyResult();

    private List<Manifest> manifests;
    private CustomDefinitions custom;
    private Set<String> unwanted;
    private int checked;
    private int next;
    private boolean pruned;
    private Definitions definitions;
    private Availability availability;
    private volatile String status = "reading manifests";

    ResourceApplication(
            ResourceApplier applier,
            NamespaceRef environment,
            List<ManifestSource> sources,
            ApplySpec spec,
            Console console,
            ReportStore report) {
        this.applier = applier;
        this.environment = environment;
        this.sources = sources;
        this.spec = spec;
        this.console = console;
        this.report = report;
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
        if (!installed(cluster)) {
            return Progress.again(LOOK);
        }
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
        if (definitions == null && client != null) {
            definitions = new Definitions(client, environment, spec, applier.controllerId(), applier.owed(), console);
        }
        Inventory inventory = new Inventory(cluster, environment);
        if (unwanted == null) {
            RunsBefore.write(report, environment, runs(client), manifests);
            unwanted = begin(inventory);
        }
        if (next < manifests.size()) {
            Manifest manifest = manifests.get(next);
            status = "applying " + manifest.id();
            apply(manifest, writer, served);
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

    /** What knows of the environment's runs: its control plane, or its standalone agent; null if it has neither. */
    private TestkubeClient runs(TestkubeClient client) {
        return client != null || spec.agentService == null
                ? client
                : WorkflowRunner.standalone(applier.clients(), applier.clusters(), environment, spec.agentService);
    }

    /** Definitions come first, since the others may be of their kinds, and are no part of the environment. */
    private boolean installed(Cluster cluster) {
        if (custom == null) {
            List<Manifest> definitions = new ArrayList<>(manifests);
            definitions.removeIf(each -> !each.kind().equals(CustomDefinitions.KIND));
            manifests.removeAll(definitions);
            custom = new CustomDefinitions(cluster, definitions, console);
        }
        status = "waiting for CustomResourceDefinitions";
        return custom.proceed();
    }

    private void check(Manifest manifest, ClusterWriter writer, boolean served, boolean shared) {
        if (!goesToTheCluster(manifest, served, shared)) {
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

    private void apply(Manifest manifest, ClusterWriter writer, boolean served) throws InterruptedException {
        if (goesToTheCluster(manifest, served, definitions != null)) {
            writer.apply(manifest);
        }
        if (definitions != null && manifest.type().isTestkube()) {
            definitions.apply(manifest);
        }
    }

    /** A connected agent takes its triggers from the control plane; one in the namespace too would be heard twice. */
    private static boolean goesToTheCluster(Manifest manifest, boolean served, boolean shared) {
        boolean trigger = manifest.kind().equals(ManifestLoader.TRIGGER);
        return !manifest.type().isTestkube() || served && !(trigger && shared);
    }

    /**
     * Takes away what an earlier call applied to the namespace, and what it made in the control plane for this
     * environment alone. The definitions that are shared stay: other builds use them.
     */
    private void prune(Inventory inventory, ClusterWriter writer, Cluster cluster) throws InterruptedException {
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
            if (kind != null && kind.isTestkube() && definitions != null) {
                definitions.prune(kind, id.substring(slash + 1));
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
        if (definitions != null) {
            result.variants.putAll(definitions.variants());
        }
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
