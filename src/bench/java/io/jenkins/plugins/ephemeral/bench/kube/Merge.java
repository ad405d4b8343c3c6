package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.List;

/** The ways in which a patch changes an object. */
final class Merge {
    private Merge() {}

    /** The object after a patch of that content type; the object itself stays as it is. */
    static ObjectNode patched(ObjectNode object, JsonNode patch, String contentType, boolean custom) {
        return switch (contentType) {
            case "application/json-patch+json" -> (ObjectNode) JsonPatch.apply(patch, object);
            case "application/merge-patch+json" -> plain(object.deepCopy(), patch);
            case "application/strategic-merge-patch+json" -> {
                if (custom) {
                    throw ApiError.of(
                            415,
                            "UnsupportedMediaType",
                            "the body of the request was in an unknown format - accepted media types include: "
                                    + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
                }
                yield keyed(object.deepCopy(), patch, false);
            }
            default ->
                throw ApiError.of(
                        415,
                        "UnsupportedMediaType",
                        "the body of the request was in an unknown format - accepted media types include: "
                                + "application/json-patch+json, application/merge-patch+json, "
                                + "application/strategic-merge-patch+json, application/apply-patch+yaml");
        };
    }

    /** RFC 7396. */
    private static ObjectNode plain(ObjectNode target, JsonNode patch) {
        patch.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                target.remove(field.getKey());
            } else if (value.isObject()) {
                plain(Json.child(target, field.getKey()), value);
            } else {
                target.set(field.getKey(), value);
            }
        });
        return target;
    }

    /**
     * Merges lists of the built-in kinds by their keys, as a strategic merge patch and an apply do.
     *
     * @param custom whether the object is of a custom kind: its lists are replaced as a whole
     */
    static ObjectNode keyed(ObjectNode target, JsonNode patch, boolean custom) {
        patch.properties().forEach(field -> {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (value.isNull()) {
                target.remove(name);
            } else if (value.isObject()) {
                boolean metadata = name.equals("metadata");
                keyed(Json.child(target, name), value, custom && !metadata);
            } else if (value instanceof ArrayNode list) {
                mergeList(target, name, list, custom);
            } else {
                target.set(name, value);
            }
        });
        return target;
    }

    private static void mergeList(ObjectNode target, String name, ArrayNode list, boolean custom) {
        List<String> keys = custom ? List.of() : ListKeys.of(name, list);
        if (ListKeys.isSet(name) && target.get(name) instanceof ArrayNode present) {
            List<String> members = Json.textList(present);
            list.forEach(v -> {
                if (!members.contains(v.asText())) {
                    present.add(v);
                }
            });
            return;
        }
        if (keys.isEmpty()) {
            target.set(name, list.deepCopy());
            return;
        }
        ArrayNode present = Json.list(target, name);
        for (JsonNode element : list) {
            ObjectNode same = ListKeys.find(present, ListKeys.identity(element, keys), keys);
            if ("delete".equals(Json.text(element, "/$patch"))) {
                removeSame(present, same);
            } else if (same == null) {
                present.add(element.deepCopy());
            } else {
                keyed(same, element, false);
            }
        }
    }

    private static void removeSame(ArrayNode list, ObjectNode element) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i) == element) {
                list.remove(i);
            }
        }
    }
}
