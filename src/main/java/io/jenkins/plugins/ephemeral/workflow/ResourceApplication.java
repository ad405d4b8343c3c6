package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One call of apply. Everything is read and checked before the first write; then the inventory learns of what is coming,
 * and one resource per turn is written where it belongs. Done again from the start it comes to the same.
 */
final class ResourceApplication implements Reconciler<ApplyResult> {
    private final ResourceApplier applier;
    private final NamespaceRef environment;
    private final List<ManifestSource> sources;
    private final Map<String, String> parameters;
    private final boolean prune;
    private final String controlPlane;
    private final Console console;
    private final ApplyResult result = new ApplyResult();

    private List<Manifest> manifests;
    private Set<String> unwanted;
    private int next;
    private volatile String status = "reading manifests";

    ResourceApplication(
            ResourceApplier applier,
            NamespaceRef environment,
            List<ManifestSource> sources,
            Map<String, String> parameters,
            boolean prune,
            String controlPlane,
            Console console) {
        this.applier = applier;
        this.environment = environment;
        this.sources = sources;
        this.parameters = parameters;
        this.prune = prune;
        this.controlPlane = controlPlane;
        this.console = console;
    }

    @Override
    public String status() {
        return status;
    }

    @Override
    public Progress<ApplyResult> reconcile() throws InterruptedException {
        if (manifests == null) {
            manifests = new ManifestLoader(environment.namespace(), parameters).load(sources);
        }
        Clusters clusters = applier.clusters();
        Cluster cluster = clusters.cluster(environment.cluster());
        TestkubeClients clients = applier.clients();
        TestkubeClient client = controlPlane == null ? null : clients.client(controlPlane);
        boolean served = applier.kinds().areServed(cluster);
        if (!served && client == null) {
            throw new UserFault(
                    "applying manifests",
                    environment.toString(),
                    "the cluster does not know Testkube's resources, and the environment has no agent whose control"
                            + " plane would take them",
                    "Call ephemeralAgent() first, or have an administrator install Testkube's CRDs in the cluster.");
        }
        Inventory inventory = new Inventory(cluster, environment);
        if (unwanted == null) {
            unwanted = begin(inventory);
        }
        if (next < manifests.size()) {
            Manifest manifest = manifests.get(next);
            status = "applying " + manifest.id();
            apply(manifest, served ? cluster : null, client);
            next++;
            return Progress.again(Duration.ZERO);
        }
        if (!unwanted.isEmpty()) {
            status = "pruning";
            prune(inventory, served ? cluster : null);
        }
        return Progress.done(conclude(served, client));
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
        return prune ? known : Set.of();
    }

    private void apply(Manifest manifest, Cluster cluster, TestkubeClient client) throws InterruptedException {
        try {
            if (cluster != null) {
                cluster.apply(resource(manifest));
            }
            if (client != null) {
                client.upsert(kind(manifest.kind()), manifest.name(), shared(manifest));
            }
        } catch (UserFault refused) {
            String where = refused.where() + ", from " + manifest.place();
            throw new UserFault(refused.what(), where, refused.why(), refused.remedy(), refused);
        }
    }

    private GenericKubernetesResource resource(Manifest manifest) {
        GenericKubernetesResource resource =
                manifest.kind().equals(ManifestLoader.TEMPLATE) ? new TestWorkflowTemplate() : new TestWorkflow();
        resource.setApiVersion(ManifestLoader.API_VERSION);
        resource.setKind(manifest.kind());
        ObjectMeta meta = new ObjectMeta();
        meta.setName(manifest.name());
        meta.setNamespace(environment.namespace());
        Map<String, String> labels = strings(manifest, "labels");
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, applier.controllerId());
        labels.put(Labels.ENVIRONMENT, environment.environment());
        meta.setLabels(labels);
        Map<String, String> annotations = strings(manifest, "annotations");
        meta.setAnnotations(annotations.isEmpty() ? null : annotations);
        resource.setMetadata(meta);
        manifest.content().forEach((field, value) -> {
            if (!Set.of("apiVersion", "kind", "metadata", "status").contains(field)) {
                resource.setAdditionalProperty(field, value);
            }
        });
        return resource;
    }

    /** As the control plane keeps it: it is there for all builds, so it carries nothing of this environment. */
    private static String shared(Manifest manifest) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("name", manifest.name());
        for (String field : List.of("labels", "annotations")) {
            Map<String, String> values = strings(manifest, field);
            if (!values.isEmpty()) {
                meta.put(field, values);
            }
        }
        Map<String, Object> document = new LinkedHashMap<>(manifest.content());
        document.remove("status");
        document.put("metadata", meta);
        return Serialization.asJson(document);
    }

    private static Map<String, String> strings(Manifest manifest, String field) {
        Map<String, String> strings = new LinkedHashMap<>();
        Object values = manifest.mapping("metadata").get(field);
        if (values != null) {
            ((Map<?, ?>) values).forEach((key, value) -> strings.put((String) key, (String) value));
        }
        return strings;
    }

    /**
     * Takes away what an earlier call applied to the namespace. The control plane's definitions stay: other builds use
     * them.
     */
    private void prune(Inventory inventory, Cluster cluster) {
        for (String id : unwanted) {
            String kind = id.substring(0, id.indexOf('/'));
            if (cluster != null) {
                delete(
                        cluster,
                        kind.equals(ManifestLoader.TEMPLATE) ? TestWorkflowTemplate.class : TestWorkflow.class,
                        id.substring(id.indexOf('/') + 1));
            }
        }
        inventory.remove(unwanted);
    }

    private void delete(Cluster cluster, Class<? extends GenericKubernetesResource> type, String name) {
        cluster.get(type, environment.namespace(), name)
                .map(GenericKubernetesResource::getMetadata)
                .filter(meta -> meta.getLabels() != null
                        && environment.environment().equals(meta.getLabels().get(Labels.ENVIRONMENT)))
                .ifPresent(meta -> cluster.delete(type, environment.namespace(), name, meta.getUid(), -1));
    }

    private ApplyResult conclude(boolean served, TestkubeClient client) {
        manifests.forEach(manifest -> {
            result.applied.add(manifest.id());
            if (manifest.kind().equals(ManifestLoader.WORKFLOW)) {
                result.workflows.add(manifest.name());
            }
        });
        result.pruned.addAll(unwanted);
        List<String> places = new ArrayList<>();
        if (served) {
            places.add(environment.toString());
        }
        if (client != null) {
            places.add("control plane " + client.connection().name());
        }
        console.line("Applied to " + String.join(" and ", places) + ": " + String.join(", ", result.applied)
                + (result.pruned.isEmpty() ? "" : "; pruned: " + String.join(", ", result.pruned)) + '.');
        return result;
    }

    private static TestkubeResourceKind kind(String kind) {
        return kind.equals(ManifestLoader.TEMPLATE) ? TestkubeResourceKind.TEMPLATE : TestkubeResourceKind.WORKFLOW;
    }
}
