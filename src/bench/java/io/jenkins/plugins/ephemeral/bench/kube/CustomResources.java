package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** CustomResourceDefinitions: become Established, are served, and their schemas are held. */
final class CustomResources {
    static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

    private final Store store;
    private final ResourceTypes types;

    CustomResources(Store store, ResourceTypes types) {
        this.store = store;
        this.types = types;
    }

    private JsonNode version(ResourceType type) {
        JsonNode definition = store.get(DEFINITIONS, "", type.qualified()).orElseGet(Json::object);
        for (JsonNode version : definition.at("/spec/versions")) {
            if (type.version().equals(Json.text(version, "/name"))) {
                return version;
            }
        }
        return Json.object();
    }

    boolean hasStatus(ResourceType type) {
        return version(type).at("/subresources").has("status");
    }

    /** Accepts and serves a definition. */
    void establish(String name) {
        store.get(DEFINITIONS, "", name).ifPresent(types::define);
        store.updateStatus(new Key(DEFINITIONS, "", name), status -> {
            Json.condition(status, "NamesAccepted", true, "NoConflicts", "no conflicts found");
            Json.condition(status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted");
        });
    }

    /** Stops serving a kind; its objects go with it. */
    void remove(String name) {
        types.undefine(name);
        store.list(name, "").forEach(object -> store.remove(Key.of(name, object)));
    }

    /** Drops what the schema does not know and refuses what contradicts it, as the server does for custom kinds. */
    void validate(ResourceType type, ObjectNode object) {
        if (!type.custom()) {
            return;
        }
        JsonNode schema = version(type).at("/schema/openAPIV3Schema");
        for (String field : List.of("spec", "status")) {
            JsonNode known = schema.at("/properties").path(field);
            if (object.has(field) && known.isObject()) {
                check(type, object, field, object.get(field), known);
            }
        }
        for (String required : Json.textList(schema.path("required"))) {
            if (!object.has(required)) {
                throw ApiError.invalid(type, Json.name(object), required, "Required value");
            }
        }
    }

    private void check(ResourceType type, ObjectNode object, String path, JsonNode value, JsonNode schema) {
        checkType(type, object, path, value, schema);
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            throw ApiError.invalid(
                    type,
                    Json.name(object),
                    path,
                    "Unsupported value: " + value + ": supported values: "
                            + String.join(", ", texts(schema.get("enum"))));
        }
        if (value instanceof ObjectNode map) {
            checkFields(type, object, path, map, schema);
        } else if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(type, object, path + "[" + i + "]", value.get(i), schema.get("items"));
            }
        }
    }

    private void checkFields(ResourceType type, ObjectNode object, String path, ObjectNode map, JsonNode schema) {
        for (String required : Json.textList(schema.path("required"))) {
            if (!map.has(required)) {
                throw ApiError.invalid(type, Json.name(object), path + "." + required, "Required value");
            }
        }
        JsonNode properties = schema.path("properties");
        JsonNode additional = schema.path("additionalProperties");
        boolean open = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        for (Map.Entry<String, JsonNode> field : new ArrayList<>(map.properties())) {
            JsonNode known = properties.has(field.getKey()) ? properties.get(field.getKey()) : additional;
            if (known.isObject()) {
                if (!field.getValue().isNull() || !known.path("nullable").asBoolean()) {
                    check(type, object, path + "." + field.getKey(), field.getValue(), known);
                }
            } else if (!open && !known.asBoolean()) {
                map.remove(field.getKey());
            }
        }
    }

    private static void checkType(ResourceType type, ObjectNode object, String path, JsonNode value, JsonNode schema) {
        boolean either = schema.path("x-kubernetes-int-or-string").asBoolean();
        String wanted = Json.text(schema, "/type");
        boolean fits =
                switch (wanted) {
                    case "object" -> value.isObject();
                    case "array" -> value.isArray();
                    case "string" -> value.isTextual();
                    case "integer" -> value.isIntegralNumber();
                    case "number" -> value.isNumber();
                    case "boolean" -> value.isBoolean();
                    default -> !either || value.isTextual() || value.isIntegralNumber();
                };
        if (!fits) {
            String found = value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
            throw ApiError.invalid(
                    type,
                    Json.name(object),
                    path,
                    "Invalid value: \"" + found + "\": " + path + " in body must be of type "
                            + (wanted.isEmpty() ? "integer or string" : wanted) + ": \"" + found + "\"");
        }
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        for (JsonNode candidate : values) {
            if (candidate.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> texts(JsonNode values) {
        return java.util.stream.StreamSupport.stream(values.spliterator(), false)
                .map(JsonNode::toString)
                .toList();
    }
}
