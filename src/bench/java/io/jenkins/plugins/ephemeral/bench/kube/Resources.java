package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Create, update, patch, apply and delete, with the API server's own checks; for requests and for the cluster's controllers. */
final class Resources {
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    private final Store store;
    private final Admission admission;
    private final Random random = new Random();

    Resources(Store store, Admission admission) {
        this.store = store;
        this.admission = admission;
    }

    Store store() {
        return store;
    }

    ObjectNode get(ResourceType type, String namespace, String name) {
        return store.get(Key.of(type, namespace, name)).orElseThrow(() -> ApiError.notFound(type, name));
    }

    ObjectNode create(ResourceType type, String namespace, ObjectNode body, Call call) {
        synchronized (store) {
            ObjectNode object = body.deepCopy();
            identify(type, namespace, object);
            String name = Json.name(object);
            admission.openForCreation(type, namespace, name);
            ObjectNode meta = Json.meta(object);
            if (!Json.text(meta, "/resourceVersion").isEmpty()) {
                throw ApiError.badRequest("resourceVersion should not be set on objects to be created");
            }
            meta.put("uid", UUID.randomUUID().toString());
            meta.put("creationTimestamp", Json.now());
            meta.put("generation", 1);
            meta.remove(
                    java.util.List.of("deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"));
            Defaults.onApply(type, object);
            ObjectNode wishes = object.deepCopy();
            Defaults.onCreate(type, object, admission.hasStatus(type));
            if (call.apply()) {
                ManagedFields.applied(Json.object(), wishes, object, call.manager(), call.force(), type.custom());
            } else {
                ManagedFields.updated(Json.object(), object, call.manager(), type.custom());
            }
            admission.validateCreation(type, namespace, object, call.user());
            Key key = Key.of(type, namespace, name);
            if (store.get(key).isPresent()) {
                throw ApiError.alreadyExists(type, name);
            }
            return call.dryRun() ? object : store.put(key, object);
        }
    }

    /** Fills in what the path says, and refuses what contradicts it. */
    private void identify(ResourceType type, String namespace, ObjectNode object) {
        checkKind(type, object);
        ObjectNode meta = Json.meta(object);
        String own = Json.text(meta, "/namespace");
        if (type.namespaced()) {
            if (!own.isEmpty() && !own.equals(namespace)) {
                throw ApiError.badRequest(
                        "the namespace of the provided object does not match the namespace sent on the request");
            }
            meta.put("namespace", namespace);
        } else {
            meta.remove("namespace");
        }
        String prefix = Json.text(meta, "/generateName");
        if (Json.text(meta, "/name").isEmpty() && !prefix.isEmpty()) {
            meta.put("name", prefix + suffix());
        }
        if (Json.text(meta, "/name").isEmpty()) {
            throw ApiError.invalid(type, "", "metadata.name", "Required value: name or generateName is required");
        }
    }

    private static void checkKind(ResourceType type, ObjectNode object) {
        String kind = Json.text(object, "/kind");
        String apiVersion = Json.text(object, "/apiVersion");
        if (!kind.isEmpty() && !kind.equals(type.kind())
                || !apiVersion.isEmpty() && !apiVersion.equals(type.apiVersion())) {
            throw ApiError.badRequest(kind + " in version \"" + apiVersion + "\" cannot be handled as a " + type.kind()
                    + ": expected " + type.apiVersion() + "/" + type.kind());
        }
        object.put("kind", type.kind());
        object.put("apiVersion", type.apiVersion());
    }

    String suffix() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
        }
        return text.toString();
    }

    /** A PUT, or any patch but an apply. */
    ObjectNode update(
            ResourceType type,
            String namespace,
            String name,
            boolean status,
            UnaryOperator<ObjectNode> change,
            Call call) {
        synchronized (store) {
            ObjectNode before = get(type, namespace, name);
            ObjectNode wanted = change.apply(before);
            checkKind(type, wanted);
            checkRevision(type, before, wanted);
            checkUid(type, before, wanted);
            ObjectNode after = status ? before.deepCopy() : wanted.deepCopy();
            if (status) {
                after.set("status", wanted.path("status").deepCopy());
            } else {
                keepIdentity(type, before, after);
            }
            Defaults.onUpdate(type, after);
            ManagedFields.updated(before, after, call.manager(), type.custom());
            return finish(type, before, after, status, call);
        }
    }

    private static void checkRevision(ResourceType type, ObjectNode before, ObjectNode wanted) {
        String version = Json.text(wanted, "/metadata/resourceVersion");
        if (!version.isEmpty() && !version.equals(Json.text(before, "/metadata/resourceVersion"))) {
            throw ApiError.conflict(
                    type,
                    Json.name(before),
                    "the object has been modified; please apply your changes to the latest version and try again");
        }
    }

    private static void checkUid(ResourceType type, ObjectNode before, ObjectNode wanted) {
        String uid = Json.uid(wanted);
        if (!uid.isEmpty() && !uid.equals(Json.uid(before))) {
            throw ApiError.conflict(
                    type,
                    Json.name(before),
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + Json.uid(before));
        }
    }

    private void keepIdentity(ResourceType type, ObjectNode before, ObjectNode after) {
        for (String field : new String[] {
            "name",
            "namespace",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion"
        }) {
            JsonNode value = before.at("/metadata").get(field);
            if (value == null) {
                Json.meta(after).remove(field);
            } else {
                Json.meta(after).set(field, value);
            }
        }
        if (admission.hasStatus(type)) {
            after.remove("status");
            if (before.has("status")) {
                after.set("status", before.get("status"));
            }
        }
    }

    private ObjectNode finish(ResourceType type, ObjectNode before, ObjectNode after, boolean status, Call call) {
        if (!status) {
            admission.validateUpdate(type, before, after, call.user());
            if (!before.path("spec").equals(after.path("spec"))) {
                Json.meta(after)
                        .put("generation", before.at("/metadata/generation").asLong() + 1);
            }
        }
        if (call.dryRun() || after.equals(before)) {
            return after;
        }
        Key key = Key.of(type, Json.namespace(before), Json.name(before));
        ObjectNode stored = store.put(key, after);
        if (Json.deleting(stored) && removable(type, stored)) {
            return store.remove(key).orElse(stored);
        }
        return stored;
    }

    private static boolean removable(ResourceType type, ObjectNode object) {
        boolean held = type.is("namespaces") && !object.at("/spec/finalizers").isEmpty()
                || type.is("pods")
                        && object.at("/metadata/deletionGracePeriodSeconds").asLong() > 0;
        return !held && object.at("/metadata/finalizers").isEmpty();
    }

    /** Server-side apply: creates or merges. */
    ObjectNode apply(ResourceType type, String namespace, String name, ObjectNode body, Call call) {
        synchronized (store) {
            ObjectNode wishes = body.deepCopy();
            checkKind(type, wishes);
            ObjectNode meta = Json.meta(wishes);
            String own = Json.text(meta, "/name");
            if (!own.isEmpty() && !own.equals(name)) {
                throw ApiError.badRequest(
                        "the name of the object (" + own + ") does not match the name on the URL (" + name + ")");
            }
            if (meta.has("managedFields") && !meta.get("managedFields").isEmpty()) {
                throw ApiError.badRequest("metadata.managedFields must be nil");
            }
            meta.put("name", name);
            Optional<ObjectNode> live = store.get(Key.of(type, namespace, name));
            if (live.isEmpty()) {
                if (!Json.uid(wishes).isEmpty()) {
                    throw ApiError.conflict(
                            type,
                            name,
                            "Precondition failed: UID in precondition: " + Json.uid(wishes) + ", UID in object meta: ");
                }
                admission.mayCreate(type, namespace, name, call.user());
                return create(type, namespace, wishes, call);
            }
            ObjectNode before = live.get();
            checkRevision(type, before, wishes);
            String uid = Json.uid(wishes);
            if (!uid.isEmpty() && !uid.equals(Json.uid(before))) {
                throw ApiError.invalid(
                        type, name, "metadata.uid", "Invalid value: \"" + uid + "\": field is immutable");
            }
            Defaults.onApply(type, wishes);
            ObjectNode merged = Merge.keyed(before.deepCopy(), wishes, type.custom());
            keepIdentity(type, before, merged);
            ManagedFields.applied(before, wishes, merged, call.manager(), call.force(), type.custom());
            Defaults.onUpdate(type, merged);
            return finish(type, before, merged, false, call);
        }
    }

    /**
     * Deletes, at once or, where finalizers or a grace period hold the object, by marking it.
     *
     * @param options {@code DeleteOptions}
     * @return the object when it is only marked, else a {@code Status}
     */
    ObjectNode delete(ResourceType type, String namespace, String name, JsonNode options, Call call) {
        synchronized (store) {
            ObjectNode object = get(type, namespace, name);
            checkDeletion(type, object, options);
            if (call.dryRun()) {
                return object;
            }
            Key key = Key.of(type, namespace, name);
            ObjectNode marked = marked(type, object, options);
            if (removable(type, marked)) {
                return done(type, store.remove(key).orElseThrow());
            }
            return marked.equals(object) ? object : store.put(key, marked);
        }
    }

    private void checkDeletion(ResourceType type, ObjectNode object, JsonNode options) {
        String name = Json.name(object);
        String uid = Json.text(options, "/preconditions/uid");
        if (!uid.isEmpty() && !uid.equals(Json.uid(object))) {
            throw ApiError.staleUid(type, name, uid, Json.uid(object));
        }
        String version = Json.text(options, "/preconditions/resourceVersion");
        String current = Json.text(object, "/metadata/resourceVersion");
        if (!version.isEmpty() && !version.equals(current)) {
            throw ApiError.conflict(
                    type,
                    name,
                    "Precondition failed: ResourceVersion in precondition: " + version
                            + ", ResourceVersion in object meta: " + current);
        }
        if (type.is("namespaces") && Admission.PERMANENT.contains(name)) {
            throw ApiError.forbidden(type, name, "this namespace may not be deleted");
        }
    }

    private static ObjectNode marked(ResourceType type, ObjectNode object, JsonNode options) {
        ObjectNode marked = object.deepCopy();
        ObjectNode meta = Json.meta(marked);
        long grace = type.is("pods") ? graceSeconds(object, options) : 0;
        if (!Json.deleting(object)) {
            String policy = Json.text(options, "/propagationPolicy");
            // batch/v1 keeps its first behaviour for callers that say nothing
            boolean orphan = policy.equals("Orphan")
                    || options.path("orphanDependents").asBoolean()
                    || policy.isEmpty() && !options.has("orphanDependents") && type.is("jobs.batch");
            if (orphan) {
                Json.list(meta, "finalizers").add("orphan");
            } else if (policy.equals("Foreground")) {
                Json.list(meta, "finalizers").add("foregroundDeletion");
            }
        }
        if (!Json.deleting(object)
                || grace < meta.path("deletionGracePeriodSeconds").asLong()) {
            meta.put("deletionGracePeriodSeconds", grace);
            meta.put(
                    "deletionTimestamp",
                    Instant.now()
                            .plusSeconds(grace)
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString());
        }
        if (type.is("namespaces")) {
            Json.child(marked, "status").put("phase", "Terminating");
        }
        return marked;
    }

    private static long graceSeconds(ObjectNode pod, JsonNode options) {
        String phase = Json.text(pod, "/status/phase");
        if (Json.text(pod, "/spec/nodeName").isEmpty() || phase.equals("Succeeded") || phase.equals("Failed")) {
            return 0;
        }
        return options.hasNonNull("gracePeriodSeconds")
                ? options.get("gracePeriodSeconds").asLong()
                : pod.at("/spec/terminationGracePeriodSeconds").asLong(30);
    }

    private static ObjectNode done(ResourceType type, ObjectNode removed) {
        ObjectNode status =
                Json.object().put("kind", "Status").put("apiVersion", "v1").put("status", "Success");
        status.putObject("metadata");
        ObjectNode details = status.putObject("details").put("name", Json.name(removed));
        Json.put(details, "group", type.group());
        details.put("kind", type.plural()).put("uid", Json.uid(removed));
        return status;
    }
}
