package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;

/**
 * Kubernetes' strategic merge for Pods: maps are merged, lists with a merge key are merged by it, other lists and values
 * are replaced, null takes away, {@code $patch: delete} and {@code $patch: replace} do what they say. Source of the
 * keys: {@code patchMergeKey} in k8s.io/api/core/v1/types.go (1.31).
 */
final class StrategicMerge {
    private static final String DIRECTIVE = "$patch";
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("containers", "name"),
            Map.entry("initContainers", "name"),
            Map.entry("env", "name"),
            Map.entry("volumes", "name"),
            Map.entry("imagePullSecrets", "name"),
            Map.entry("volumeMounts", "mountPath"),
            Map.entry("volumeDevices", "devicePath"),
            Map.entry("ports", "containerPort"),
            Map.entry("hostAliases", "ip"),
            Map.entry("topologySpreadConstraints", "topologyKey"));

    private StrategicMerge() {}

    /** Merges a patch into a tree, which is changed. */
    static void merge(ObjectNode into, JsonNode patch) {
        Iterator<Map.Entry<String, JsonNode>> fields = patch.fields();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> field = fields.next();
            String name = field.getKey();
            JsonNode value = field.getValue();
            JsonNode old = into.get(name);
            if (name.equals(DIRECTIVE)) {
                continue;
            }
            if (value.isNull()) {
                into.remove(name);
            } else if (value.isObject()
                    && "replace".equals(value.path(DIRECTIVE).asText())) {
                into.set(name, withoutDirective(value));
            } else if (value.isObject() && old != null && old.isObject()) {
                merge((ObjectNode) old, value);
            } else if (value.isArray() && old != null && old.isArray() && KEYS.containsKey(name)) {
                mergeList((ArrayNode) old, value, name);
            } else {
                into.set(name, value.deepCopy());
            }
        }
    }

    private static void mergeList(ArrayNode into, JsonNode patch, String list) {
        String key = KEYS.get(list);
        for (JsonNode element : patch) {
            int at = find(into, key, element.path(key));
            String directive = element.path(DIRECTIVE).asText();
            if (directive.equals("delete")) {
                if (at >= 0) {
                    into.remove(at);
                }
            } else if (at < 0) {
                into.add(withoutDirective(element));
            } else if (directive.equals("replace") || isOneOfMany(list, element)) {
                into.set(at, withoutDirective(element));
            } else {
                merge((ObjectNode) into.get(at), element);
            }
        }
    }

    /** A volume has one source, a variable one value: merging two of them would make what no server takes. */
    private static boolean isOneOfMany(String list, JsonNode element) {
        return element.size() > 1 && (list.equals("volumes") || list.equals("env"));
    }

    private static int find(ArrayNode list, String key, JsonNode value) {
        for (int i = 0; i < list.size(); i++) {
            if (!value.isMissingNode()
                    && value.asText().equals(list.get(i).path(key).asText())) {
                return i;
            }
        }
        return -1;
    }

    private static JsonNode withoutDirective(JsonNode value) {
        JsonNode copy = value.deepCopy();
        if (copy.isObject()) {
            ((ObjectNode) copy).remove(DIRECTIVE);
        }
        return copy;
    }
}
