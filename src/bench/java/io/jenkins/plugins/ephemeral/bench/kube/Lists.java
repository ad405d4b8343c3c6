package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** List requests: selected, and in chunks where a limit asks for them. All chunks of one list are of one revision. */
final class Lists {
    private record Rest(long revision, List<ObjectNode> objects) {}

    private final Store store;
    private final Map<String, Rest> continuations = new ConcurrentHashMap<>();

    Lists(Store store) {
        this.store = store;
    }

    static Predicate<JsonNode> selected(ApiRequest request) {
        Predicate<JsonNode> selected =
                Selector.labels(request.query("labelSelector")).and(Selector.fields(request.query("fieldSelector")));
        String name = request.name();
        return name.isEmpty() ? selected : selected.and(o -> name.equals(Json.name(o)));
    }

    ObjectNode list(ResourceType type, ApiRequest request) {
        Rest rest = start(type, request);
        int limit = request.query("limit").isEmpty() ? 0 : Integer.parseInt(request.query("limit"));
        int size = limit > 0
                ? Math.min(limit, rest.objects().size())
                : rest.objects().size();
        ObjectNode answer = Json.object().put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
        ObjectNode meta = answer.putObject("metadata").put("resourceVersion", Long.toString(rest.revision()));
        ArrayNode items = answer.putArray("items");
        rest.objects().subList(0, size).forEach(o -> items.add(as(type, o)));
        List<ObjectNode> left = rest.objects().subList(size, rest.objects().size());
        if (!left.isEmpty()) {
            String token = UUID.randomUUID().toString();
            continuations.put(token, new Rest(rest.revision(), left));
            meta.put("continue", token).put("remainingItemCount", left.size());
        }
        return answer;
    }

    /** An object in the version under which it was asked for. */
    static ObjectNode as(ResourceType type, ObjectNode object) {
        return type.apiVersion().equals(Json.text(object, "/apiVersion"))
                ? object
                : object.deepCopy().put("apiVersion", type.apiVersion());
    }

    private Rest start(ResourceType type, ApiRequest request) {
        String token = request.query("continue");
        if (token.isEmpty()) {
            synchronized (store) {
                Predicate<JsonNode> selected = selected(request);
                return new Rest(
                        store.revision(),
                        store.list(type.qualified(), request.namespace()).stream()
                                .filter(selected)
                                .toList());
            }
        }
        Rest rest = continuations.get(token);
        if (rest == null || rest.revision() < store.compactedRevision()) {
            throw ApiError.expired("The provided continue parameter is too old to display a consistent list result. "
                    + "You can start a new list without the continue parameter.");
        }
        return rest;
    }
}
