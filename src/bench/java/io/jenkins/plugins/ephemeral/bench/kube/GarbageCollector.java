package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Deletes what its owner leaves behind, and carries out the propagation policies. */
final class GarbageCollector {
    private final Resources resources;
    private final ResourceTypes types;

    GarbageCollector(Resources resources, ResourceTypes types) {
        this.resources = resources;
        this.types = types;
    }

    void on(Change change) {
        ObjectNode object = change.object();
        if (change.after() == null) {
            collectOrphansOf(Json.uid(object));
            object.at("/metadata/ownerReferences").forEach(owner -> foreground(Json.text(owner, "/uid")));
        } else if (Json.deleting(object)) {
            if (has(object, "orphan")) {
                orphan(Json.uid(object));
                dropFinalizer(Key.of(change.type(), object), "orphan");
            } else if (has(object, "foregroundDeletion")) {
                foreground(Json.uid(object));
            }
        } else if (change.before() == null && object.at("/metadata").has("ownerReferences")) {
            collectIfOwnerless(Key.of(change.type(), object), object);
        }
    }

    private static boolean has(JsonNode object, String finalizer) {
        return Json.textList(object.at("/metadata/finalizers")).contains(finalizer);
    }

    private Map<Key, ObjectNode> dependents(String uid) {
        return resources.store().all().entrySet().stream()
                .filter(e -> owners(e.getValue()).contains(uid))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Set<String> owners(JsonNode object) {
        return Set.copyOf(object.at("/metadata/ownerReferences").findValuesAsText("uid"));
    }

    private void collectOrphansOf(String uid) {
        dependents(uid).forEach(this::collectIfOwnerless);
    }

    private void collectIfOwnerless(Key key, ObjectNode object) {
        Set<String> uids =
                resources.store().all().values().stream().map(Json::uid).collect(Collectors.toSet());
        if (owners(object).stream().noneMatch(uids::contains)) {
            delete(key, Json.object().put("propagationPolicy", "Background"));
        }
    }

    private void delete(Key key, ObjectNode options) {
        try {
            resources.delete(types.named(key.type()), key.namespace(), key.name(), options, Call.CONTROLLER);
        } catch (ApiError gone) {
            if (gone.code() != 404) {
                throw gone;
            }
        }
    }

    private void orphan(String uid) {
        dependents(uid).keySet().forEach(key -> resources.store().update(key, dependent -> {
            ArrayNode references = (ArrayNode) dependent.at("/metadata/ownerReferences");
            for (int i = references.size() - 1; i >= 0; i--) {
                if (uid.equals(Json.text(references.get(i), "/uid"))) {
                    references.remove(i);
                }
            }
            return dependent;
        }));
    }

    /** Deletes the dependents of a waiting owner; without any left, lets the owner go. */
    private void foreground(String uid) {
        resources.store().all().forEach((key, owner) -> {
            if (uid.equals(Json.uid(owner)) && Json.deleting(owner) && has(owner, "foregroundDeletion")) {
                Map<Key, ObjectNode> dependents = dependents(uid);
                dependents.forEach((k, d) -> {
                    if (!Json.deleting(d)) {
                        delete(k, Json.object().put("propagationPolicy", "Background"));
                    }
                });
                if (dependents(uid).isEmpty()) {
                    dropFinalizer(key, "foregroundDeletion");
                }
            }
        });
    }

    private void dropFinalizer(Key key, String finalizer) {
        resources.store().get(key).ifPresent(object -> {
            ObjectNode changed = object.deepCopy();
            ArrayNode finalizers = Json.list(Json.meta(changed), "finalizers");
            for (int i = finalizers.size() - 1; i >= 0; i--) {
                if (finalizers.get(i).asText().equals(finalizer)) {
                    finalizers.remove(i);
                }
            }
            Json.meta(changed).remove("resourceVersion");
            ResourceType type = types.named(key.type());
            resources.update(type, key.namespace(), key.name(), false, live -> changed, Call.CONTROLLER);
        });
    }
}
