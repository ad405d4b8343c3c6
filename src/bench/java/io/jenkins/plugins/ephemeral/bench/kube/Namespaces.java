package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The life of namespaces: their default service account appears a moment after them, and a deleted one is emptied and then,
 * another moment later, gone; or stuck, with its conditions saying why.
 */
public final class Namespaces {
    private final Resources resources;
    private final ResourceTypes types;
    private final Controllers controllers;
    private volatile Duration accountAfter = Duration.ofMillis(15);
    private volatile Duration finalizeAfter = Duration.ofMillis(100);
    private volatile String discoveryFailure = "";

    Namespaces(Resources resources, ResourceTypes types, Controllers controllers) {
        this.resources = resources;
        this.types = types;
        this.controllers = controllers;
    }

    /** How long after a namespace its default service account appears (15 ms unless told). */
    public void serviceAccountAfter(Duration delay) {
        accountAfter = delay;
    }

    /** How long an emptied namespace stays Terminating (100 ms unless told). */
    public void finalizeAfter(Duration delay) {
        finalizeAfter = delay;
    }

    /**
     * Leaves an object with a finalizer in a namespace, so that its deletion gets stuck until {@link #release}.
     *
     * @param namespace an existing namespace
     * @param finalizer such as {@code example.com/hold}
     */
    public void hold(String namespace, String finalizer) {
        ObjectNode held = Json.object();
        Json.meta(held).put("name", "held-by-finalizer").putArray("finalizers").add(finalizer);
        resources.create(types.named("configmaps"), namespace, held, Call.CONTROLLER);
    }

    /** Takes the finalizers off everything in a namespace. */
    public void release(String namespace) {
        resources.store().inNamespace(namespace).forEach((key, object) -> {
            if (!object.at("/metadata/finalizers").isEmpty()) {
                ObjectNode freed = object.deepCopy();
                Json.meta(freed).remove("finalizers");
                resources.update(types.named(key.type()), namespace, key.name(), false, o -> freed, Call.CONTROLLER);
            }
        });
        retry(namespace);
    }

    /**
     * Lets every deletion get stuck as it does while an aggregated API is down.
     *
     * @param message what the condition says; "" ends it
     */
    public void discoveryFailure(String message) {
        discoveryFailure = message;
        if (message.isEmpty()) {
            resources.store().list("namespaces", "").forEach(n -> retry(Json.name(n)));
        }
    }

    private void retry(String namespace) {
        controllers.soon(() -> empty(namespace));
    }

    void on(Change change) {
        ObjectNode object = change.object();
        if (change.type().equals("namespaces")) {
            if (change.before() == null) {
                controllers.later(accountAfter, () -> furnish(Json.name(object)));
            } else if (change.after() != null && Json.deleting(change.after()) && !Json.deleting(change.before())) {
                empty(Json.name(object));
            }
        } else if (change.after() == null && !Json.namespace(object).isEmpty()) {
            String namespace = Json.namespace(object);
            if (change.type().equals("serviceaccounts") && Json.name(object).equals("default")) {
                controllers.later(accountAfter, () -> furnish(namespace));
            }
            empty(namespace);
        }
    }

    private void furnish(String namespace) {
        if (resources
                .store()
                .get("namespaces", "", namespace)
                .filter(n -> !Json.deleting(n))
                .isEmpty()) {
            return;
        }
        ensure("serviceaccounts", namespace, "default", Json.object());
        ObjectNode authority = Json.object();
        authority.putObject("data").put("ca.crt", "");
        ensure("configmaps", namespace, "kube-root-ca.crt", authority);
    }

    private void ensure(String type, String namespace, String name, ObjectNode object) {
        if (resources.store().get(type, namespace, name).isEmpty()) {
            Json.meta(object).put("name", name);
            resources.create(types.named(type), namespace, object, Call.CONTROLLER);
        }
    }

    /** Deletes what is in a namespace that terminates, and finalizes it once nothing is left. */
    private void empty(String namespace) {
        if (resources
                .store()
                .get("namespaces", "", namespace)
                .filter(Json::deleting)
                .isEmpty()) {
            return;
        }
        resources.store().inNamespace(namespace).forEach((key, object) -> {
            if (!Json.deleting(object)) {
                delete(key);
            }
        });
        Map<Key, ObjectNode> left = resources.store().inNamespace(namespace);
        resources.store().updateStatus(new Key("namespaces", "", namespace), status -> report(status, left));
        if (left.isEmpty() && discoveryFailure.isEmpty()) {
            controllers.later(finalizeAfter, () -> finish(namespace));
        }
    }

    private void delete(Key key) {
        try {
            ObjectNode background = Json.object().put("propagationPolicy", "Background");
            resources.delete(types.named(key.type()), key.namespace(), key.name(), background, Call.CONTROLLER);
        } catch (ApiError gone) {
            if (gone.code() != 404) {
                throw gone;
            }
        }
    }

    private void report(ObjectNode status, Map<Key, ObjectNode> left) {
        boolean discovered = discoveryFailure.isEmpty();
        Json.condition(
                status,
                "NamespaceDeletionDiscoveryFailure",
                !discovered,
                discovered ? "ResourcesDiscovered" : "DiscoveryFailed",
                discovered
                        ? "All resources successfully discovered"
                        : "Discovery failed for some groups, 1 failing: " + discoveryFailure);
        Json.condition(
                status,
                "NamespaceDeletionGroupVersionParsingFailure",
                false,
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed");
        Json.condition(
                status,
                "NamespaceDeletionContentFailure",
                false,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization");
        Map<String, Integer> remaining = new TreeMap<>();
        Map<String, Integer> finalizers = new TreeMap<>();
        left.forEach((key, object) -> {
            remaining.merge(key.type() + ".", 1, Integer::sum);
            Json.textList(object.at("/metadata/finalizers")).forEach(f -> finalizers.merge(f, 1, Integer::sum));
        });
        Json.condition(
                status,
                "NamespaceContentRemaining",
                !remaining.isEmpty(),
                remaining.isEmpty() ? "ContentRemoved" : "SomeResourcesRemain",
                remaining.isEmpty()
                        ? "All content successfully removed"
                        : "Some resources are remaining: " + counts(remaining, " has "));
        Json.condition(
                status,
                "NamespaceFinalizersRemaining",
                !finalizers.isEmpty(),
                finalizers.isEmpty() ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                finalizers.isEmpty()
                        ? "All content-preserving finalizers finished"
                        : "Some content in the namespace has finalizers remaining: " + counts(finalizers, " in "));
    }

    private static String counts(Map<String, Integer> counts, String between) {
        return String.join(
                ", ",
                counts.entrySet().stream()
                        .map(e -> e.getKey() + between + e.getValue() + " resource instances")
                        .toList());
    }

    private void finish(String namespace) {
        resources
                .store()
                .get("namespaces", "", namespace)
                .filter(n -> Json.deleting(n)
                        && resources.store().inNamespace(namespace).isEmpty())
                .ifPresent(found -> {
                    ObjectNode finalized = found.deepCopy();
                    Json.child(finalized, "spec").remove("finalizers");
                    resources.update(types.named("namespaces"), "", namespace, false, n -> finalized, Call.CONTROLLER);
                });
    }
}
