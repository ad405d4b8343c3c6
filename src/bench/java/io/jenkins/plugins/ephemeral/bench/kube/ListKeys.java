package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Which lists of the built-in kinds are maps in disguise, by the field that holds them (the API reference's
 * {@code patchMergeKey} and {@code x-kubernetes-list-map-keys}). All others are replaced as a whole.
 */
final class ListKeys {
    private static final Map<String, List<String>> KEYS = Map.ofEntries(
            Map.entry("containers", List.of("name")),
            Map.entry("initContainers", List.of("name")),
            Map.entry("ephemeralContainers", List.of("name")),
            Map.entry("env", List.of("name")),
            Map.entry("volumes", List.of("name")),
            Map.entry("volumeMounts", List.of("mountPath")),
            Map.entry("imagePullSecrets", List.of("name")),
            Map.entry("secrets", List.of("name")),
            Map.entry("hostAliases", List.of("ip")),
            Map.entry("conditions", List.of("type")),
            Map.entry("ownerReferences", List.of("uid")));

    private ListKeys() {}

    /** The names of the fields that identify an element of that list, empty for a list that is one value. */
    static List<String> of(String field, JsonNode list) {
        if (field.equals("ports") && list.size() > 0) {
            return list.get(0).has("containerPort")
                    ? List.of("containerPort", "protocol")
                    : List.of("port", "protocol");
        }
        return KEYS.getOrDefault(field, List.of());
    }

    /** Whether the list is a set of texts, of which every one is owned by itself. */
    static boolean isSet(String field) {
        return field.equals("finalizers");
    }

    /** The identity of one element, as it stands in {@code managedFields}; null when it lacks a key. */
    static ObjectNode identity(JsonNode element, List<String> keys) {
        ObjectNode identity = Json.object();
        for (String key : keys) {
            if (element.hasNonNull(key)) {
                identity.set(key, element.get(key));
            } else if (key.equals("protocol")) {
                identity.put(key, "TCP");
            } else {
                return null;
            }
        }
        return identity;
    }

    static ObjectNode find(ArrayNode list, ObjectNode identity, List<String> keys) {
        for (JsonNode element : list) {
            if (identity != null && identity.equals(identity(element, keys))) {
                return (ObjectNode) element;
            }
        }
        return null;
    }
}
