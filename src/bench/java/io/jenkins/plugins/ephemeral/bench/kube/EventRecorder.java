package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Writes Events as the cluster's components do: one per object, reason and message, counted when it comes again. */
final class EventRecorder {
    private record Same(String uid, String reason, String message) {}

    private final Store store;
    private final AtomicLong number = new AtomicLong(System.nanoTime());
    private final Map<Same, Key> known = new HashMap<>();

    EventRecorder(Store store) {
        this.store = store;
    }

    void normal(JsonNode about, String component, String reason, String message) {
        record(about, component, "Normal", reason, message);
    }

    void warning(JsonNode about, String component, String reason, String message) {
        record(about, component, "Warning", reason, message);
    }

    private synchronized void record(JsonNode about, String component, String type, String reason, String message) {
        String namespace = Json.namespace(about).isEmpty() ? "default" : Json.namespace(about);
        Same same = new Same(Json.uid(about), reason, message);
        Key earlier = known.get(same);
        if (earlier != null && store.update(earlier, EventRecorder::again).isPresent()) {
            return;
        }
        if (store.get("namespaces", "", namespace)
                .filter(n -> !Json.deleting(n))
                .isEmpty()) {
            return;
        }
        String name = Json.name(about) + "." + Long.toHexString(number.incrementAndGet());
        ObjectNode event = Json.object().put("kind", "Event").put("apiVersion", "v1");
        String now = Json.now();
        Json.meta(event)
                .put("name", name)
                .put("namespace", namespace)
                .put("uid", java.util.UUID.randomUUID().toString())
                .put("creationTimestamp", now);
        ObjectNode involved = event.putObject("involvedObject");
        involved.put("kind", Json.text(about, "/kind")).put("apiVersion", Json.text(about, "/apiVersion"));
        Json.put(involved, "namespace", Json.namespace(about));
        involved.put("name", Json.name(about)).put("uid", Json.uid(about));
        involved.put("resourceVersion", Json.text(about, "/metadata/resourceVersion"));
        event.put("reason", reason).put("message", message).put("type", type).put("count", 1);
        event.put("firstTimestamp", now).put("lastTimestamp", now);
        event.putNull("eventTime");
        event.putObject("source").put("component", component);
        event.put("reportingComponent", component).put("reportingInstance", "");
        Key key = new Key("events", namespace, name);
        store.put(key, event);
        known.put(same, key);
    }

    private static ObjectNode again(ObjectNode event) {
        return event.put("count", event.path("count").asInt() + 1).put("lastTimestamp", Json.now());
    }
}
