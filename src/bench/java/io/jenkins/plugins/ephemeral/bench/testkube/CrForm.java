package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Turns a workflow or template from the form of the custom resource, in which it is kept, into that of the API and
 * back. They differ in the head, and in that the API wraps optional scalars as {@code {"value": ...}} (the Boxed*
 * schemas of control-plane.yaml). Knows the fields of configuration, content, containers, Jobs and steps.
 */
final class CrForm {
    private static final String API_VERSION = "testworkflows.testkube.io/v1";

    /** Fields that the API wraps wherever they stand in a spec. */
    private static final Set<String> BOXED = Set.of(
            "workingDir",
            "command",
            "args",
            "pure",
            "pureByDefault",
            "isolatedContainers",
            "activeDeadlineSeconds",
            "mode",
            "global",
            "privileged",
            "runAsNonRoot",
            "readOnlyRootFilesystem",
            "allowPrivilegeEscalation",
            "timezone");

    /** Wrapped as text, since a template expression may stand there. */
    private static final Set<String> BOXED_TEXT = Set.of("runAsUser", "runAsGroup", "fsGroup");

    private static final Set<String> BOXED_PARAMETER = Set.of(
            "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    /** Maps of the user's own keys to strings. */
    private static final Set<String> STRING_MAPS =
            Set.of("labels", "annotations", "nodeSelector", "tags", "requests", "limits", "matchLabels");

    private CrForm() {}

    /** @throws Problem 400 if it is no resource of that kind or has no name */
    static ObjectNode fromYaml(byte[] body, String kind) {
        ObjectNode resource = Json.parseYaml(body);
        if (!kind.equals(resource.path("kind").asText())
                || !API_VERSION.equals(resource.path("apiVersion").asText())) {
            throw Problem.badRequest("invalid body: only " + kind + " of " + API_VERSION + " is accepted");
        }
        ObjectNode kept = Json.object();
        kept.put("name", resource.path("metadata").path("name").asText(""));
        copy(resource.path("metadata"), kept, "labels", "annotations");
        copy(resource, kept, "description", "spec");
        return kept;
    }

    static ObjectNode toYamlForm(ObjectNode kept, String kind) {
        ObjectNode resource = Json.object().put("apiVersion", API_VERSION).put("kind", kind);
        copy(kept, resource.putObject("metadata"), "name", "labels", "annotations");
        copy(kept, resource, "description", "spec");
        return resource;
    }

    static ObjectNode fromApi(ObjectNode api) {
        ObjectNode kept = Json.object();
        kept.put("name", api.path("name").asText(""));
        copy(api, kept, "labels", "annotations", "description");
        kept.set("spec", unboxed(api.path("spec")));
        return kept;
    }

    static ObjectNode toApi(ObjectNode kept, Instant created, Instant updated) {
        ObjectNode api = Json.object();
        copy(kept, api, "name", "description", "labels", "annotations");
        api.put("created", Json.time(created)).put("updated", Json.time(updated));
        api.set("spec", boxed(kept.path("spec"), ""));
        return api;
    }

    private static void copy(JsonNode from, ObjectNode to, String... fields) {
        for (String field : fields) {
            if (from.hasNonNull(field)) {
                to.set(field, from.get(field));
            }
        }
    }

    private static JsonNode boxed(JsonNode node, String parent) {
        if (node.isArray()) {
            ArrayNode items = Json.array();
            node.forEach(item -> items.add(boxed(item, parent)));
            return items;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode object = Json.object();
        node.fields().forEachRemaining(field -> object.set(field.getKey(), boxedField(field, parent)));
        return object;
    }

    private static JsonNode boxedField(Map.Entry<String, JsonNode> field, String parent) {
        String name = field.getKey();
        JsonNode value = field.getValue();
        if ("config".equals(name)) {
            return isParameters(value) ? parameters(value) : Json.object(Json.strings(value));
        }
        if (STRING_MAPS.contains(name)) {
            return Json.object(Json.strings(value));
        }
        boolean boxed = BOXED.contains(name) || ("shell".equals(name) && "run".equals(parent));
        if (boxed && !"exec".equals(parent)) {
            return Json.object().set("value", value);
        }
        return BOXED_TEXT.contains(name) ? Json.object().put("value", value.asText()) : boxed(value, name);
    }

    /** A config of a spec declares parameters; one of a template reference gives values. */
    private static boolean isParameters(JsonNode config) {
        for (JsonNode value : config) {
            if (!value.isObject()) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode parameters(JsonNode config) {
        ObjectNode parameters = Json.object();
        config.fields().forEachRemaining(parameter -> {
            ObjectNode schema = parameters.putObject(parameter.getKey());
            // the custom resource's default type is string; the API always writes one
            schema.put("type", parameter.getValue().path("type").asText("string"));
            parameter.getValue().fields().forEachRemaining(field -> {
                JsonNode value = field.getValue();
                if ("default".equals(field.getKey())) {
                    schema.putObject("default").put("value", value.asText());
                } else if (BOXED_PARAMETER.contains(field.getKey())) {
                    schema.putObject(field.getKey()).set("value", value);
                } else {
                    schema.set(field.getKey(), value);
                }
            });
        });
        return parameters;
    }

    private static JsonNode unboxed(JsonNode node) {
        if (node.isArray()) {
            ArrayNode items = Json.array();
            node.forEach(item -> items.add(unboxed(item)));
            return items;
        }
        if (!node.isObject()) {
            return node.isMissingNode() ? Json.object() : node;
        }
        ObjectNode object = Json.object();
        node.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (STRING_MAPS.contains(field.getKey())) {
                object.set(field.getKey(), value);
                return;
            }
            boolean isBox = value.isObject() && value.size() == 1 && value.has("value");
            object.set(field.getKey(), isBox ? value.get("value") : unboxed(value));
        });
        return object;
    }
}
