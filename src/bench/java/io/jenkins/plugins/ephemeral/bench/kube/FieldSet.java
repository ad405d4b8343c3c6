package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of an object that one manager owns, in the terms of {@code FieldsV1}: {@code f:} a field, {@code k:} an element of
 * a keyed list, {@code v:} a member of a set, {@code .} the element itself.
 */
final class FieldSet {
    private static final Set<String> UNMANAGED = Set.of(
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "managedFields",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generateName",
            "selfLink");

    private final Set<List<String>> paths = new LinkedHashSet<>();

    /** All fields that an object sets, without its identity. */
    static FieldSet of(ObjectNode object, boolean custom) {
        FieldSet set = new FieldSet();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            switch (field.getKey()) {
                case "apiVersion", "kind" -> {}
                case "metadata" -> set.addMetadata(field.getValue());
                default -> set.add(List.of("f:" + field.getKey()), field.getKey(), field.getValue(), custom);
            }
        }
        return set;
    }

    private void addMetadata(JsonNode metadata) {
        metadata.properties().stream()
                .filter(f -> !UNMANAGED.contains(f.getKey()))
                .forEach(f -> add(List.of("f:metadata", "f:" + f.getKey()), f.getKey(), f.getValue(), false));
    }

    private void add(List<String> path, String field, JsonNode value, boolean custom) {
        if (value instanceof ObjectNode object && !object.isEmpty()) {
            object.properties().forEach(f -> add(plus(path, "f:" + f.getKey()), f.getKey(), f.getValue(), custom));
            return;
        }
        if (value instanceof ArrayNode list && ListKeys.isSet(field)) {
            list.forEach(v -> paths.add(plus(path, "v:" + v)));
            return;
        }
        List<String> keys = value.isArray() && !custom ? ListKeys.of(field, value) : List.of();
        if (keys.isEmpty() || value.isEmpty()) {
            paths.add(path);
            return;
        }
        for (JsonNode element : value) {
            List<String> at = plus(path, "k:" + ListKeys.identity(element, keys));
            paths.add(plus(at, "."));
            element.properties().forEach(f -> add(plus(at, "f:" + f.getKey()), f.getKey(), f.getValue(), custom));
        }
    }

    private static List<String> plus(List<String> path, String step) {
        List<String> longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }

    Set<List<String>> paths() {
        return paths;
    }

    /** Whether this set holds the path or something below it. */
    boolean covers(List<String> path) {
        return paths.stream()
                .anyMatch(p ->
                        p.size() >= path.size() && p.subList(0, path.size()).equals(path));
    }

    ObjectNode toJson() {
        ObjectNode root = Json.object();
        for (List<String> path : paths) {
            ObjectNode at = root;
            for (String step : path) {
                at = Json.child(at, step);
            }
        }
        return root;
    }

    static FieldSet fromJson(JsonNode tree) {
        FieldSet set = new FieldSet();
        set.read(List.of(), tree);
        return set;
    }

    private void read(List<String> path, JsonNode tree) {
        if (tree.isEmpty() && !path.isEmpty()) {
            paths.add(path);
        }
        tree.properties().forEach(e -> read(plus(path, e.getKey()), e.getValue()));
    }

    /** The value at a path, null when there is none. */
    static JsonNode value(JsonNode object, List<String> path) {
        JsonNode at = object;
        for (String step : path) {
            JsonNode next = step.equals(".") ? Json.object() : step(at, step);
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at;
    }

    private static JsonNode step(JsonNode at, String step) {
        String argument = step.substring(2);
        if (step.startsWith("f:")) {
            return at.get(argument);
        }
        JsonNode wanted = Json.read(argument.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (JsonNode element : at) {
            if (step.startsWith("v:") ? element.equals(wanted) : hasIdentity(element, wanted)) {
                return element;
            }
        }
        return null;
    }

    private static boolean hasIdentity(JsonNode element, JsonNode identity) {
        List<String> keys = new ArrayList<>();
        identity.fieldNames().forEachRemaining(keys::add);
        return identity.equals(ListKeys.identity(element, keys));
    }

    /** Removes what is at a path, and the empty containers around it. */
    static void remove(JsonNode object, List<String> path) {
        List<String> at = path.get(path.size() - 1).equals(".") ? path.subList(0, path.size() - 1) : path;
        JsonNode parent = value(object, at.subList(0, at.size() - 1));
        String last = at.get(at.size() - 1);
        JsonNode target = parent == null ? null : step(parent, last);
        if (target == null) {
            return;
        }
        if (parent instanceof ArrayNode list) {
            for (int i = list.size() - 1; i >= 0; i--) {
                if (list.get(i) == target) {
                    list.remove(i);
                }
            }
        } else {
            ((ObjectNode) parent).remove(last.substring(2));
        }
        if (parent.isEmpty() && at.size() > 2) {
            remove(object, at.subList(0, at.size() - 1));
        }
    }

    /** A path as messages show it: {@code .spec.containers[name="main"].image}. */
    static String show(List<String> path) {
        StringBuilder text = new StringBuilder();
        for (String step : path) {
            if (step.startsWith("f:")) {
                text.append('.').append(step.substring(2));
            } else if (step.startsWith("k:")) {
                JsonNode keys = Json.read(step.substring(2).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                List<String> shown = new ArrayList<>();
                keys.properties().forEach(k -> shown.add(k.getKey() + "=" + k.getValue()));
                text.append('[').append(String.join(",", shown)).append(']');
            } else if (step.startsWith("v:")) {
                text.append('[').append(step.substring(2)).append(']');
            }
        }
        return text.toString();
    }
}
