package io.jenkins.plugins.ephemeral.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;

/**
 * Which field of what was sent is not in the answer. Values may have been put into another form, lists may hold more
 * and in another order, and empty values may have been left out: only that a field is there is asked.
 */
final class Dropped {
    private Dropped() {}

    /** The path of the first one, {@code spec.template.spec.replicaz}, or null if there is none. */
    static String find(Map<String, Object> sent, GenericKubernetesResource answer) {
        JsonNode received = Serialization.jsonMapper().valueToTree(answer);
        for (Map.Entry<String, Object> field : sent.entrySet()) {
            // written only, or never written
            if (!List.of("apiVersion", "kind", "metadata", "status", "stringData")
                    .contains(field.getKey())) {
                String missing = find(field.getValue(), received.path(field.getKey()), field.getKey());
                if (missing != null) {
                    return missing;
                }
            }
        }
        return null;
    }

    private static String find(Object sent, JsonNode received, String path) {
        if (isEmpty(sent)) {
            return null;
        }
        if (received.isMissingNode()) {
            return path;
        }
        if (sent instanceof Map) {
            for (Map.Entry<?, ?> field : ((Map<?, ?>) sent).entrySet()) {
                String name = (String) field.getKey();
                String missing = find(field.getValue(), received.path(name), path + '.' + name);
                if (missing != null) {
                    return missing;
                }
            }
        } else if (sent instanceof List) {
            List<?> items = (List<?>) sent;
            for (int i = 0; i < items.size(); i++) {
                String missing = item(items.get(i), i, received, path + '[' + i + ']');
                if (missing != null) {
                    return missing;
                }
            }
        }
        return null;
    }

    /** An item may have moved: it is there if any of the answer's items has all of its fields. */
    private static String item(Object sent, int index, JsonNode received, String path) {
        for (JsonNode candidate : received) {
            if (find(sent, candidate, path) == null) {
                return null;
            }
        }
        return find(sent, received.path(index), path);
    }

    /** What a server leaves out of its answer as it means the same as nothing: Go's {@code omitempty}. */
    private static boolean isEmpty(Object value) {
        return value == null
                || value.equals("")
                || value.equals(false)
                || value instanceof Number && ((Number) value).doubleValue() == 0
                || value instanceof Map && ((Map<?, ?>) value).values().stream().allMatch(Dropped::isEmpty)
                || value instanceof List && ((List<?>) value).isEmpty();
    }
}
