package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Access to JSON trees, the only form in which the embedded server knows Kubernetes objects. */
final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static ArrayNode array(Iterable<String> texts) {
        ArrayNode array = array();
        texts.forEach(array::add);
        return array;
    }

    /** Reads JSON, or YAML where it is none (apply patches may be either). */
    static JsonNode read(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (java.io.IOException notJson) {
            try {
                Object tree = new Yaml(new SafeConstructor(new LoaderOptions()))
                        .load(new String(bytes, StandardCharsets.UTF_8));
                return MAPPER.valueToTree(tree);
            } catch (RuntimeException notYaml) {
                throw ApiError.badRequest(
                        "the object provided is unrecognized (must be of type Object): " + notYaml.getMessage());
            }
        }
    }

    static byte[] write(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text at a JSON pointer, or "" where there is none. */
    static String text(JsonNode node, String pointer) {
        return node.at(pointer).asText("");
    }

    /** The object of that name below a node, made when missing. */
    static ObjectNode child(ObjectNode node, String name) {
        return node.get(name) instanceof ObjectNode found ? found : node.putObject(name);
    }

    static ObjectNode child(ObjectNode node, String name, String... more) {
        ObjectNode at = child(node, name);
        for (String step : more) {
            at = child(at, step);
        }
        return at;
    }

    static ArrayNode list(ObjectNode node, String name) {
        return node.get(name) instanceof ArrayNode found ? found : node.putArray(name);
    }

    static ObjectNode meta(JsonNode object) {
        return child((ObjectNode) object, "metadata");
    }

    static String name(JsonNode object) {
        return text(object, "/metadata/name");
    }

    static String namespace(JsonNode object) {
        return text(object, "/metadata/namespace");
    }

    static String uid(JsonNode object) {
        return text(object, "/metadata/uid");
    }

    static boolean deleting(JsonNode object) {
        return object.at("/metadata").hasNonNull("deletionTimestamp");
    }

    static Map<String, String> texts(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }

    static List<String> textList(JsonNode array) {
        List<String> list = new ArrayList<>();
        array.forEach(e -> list.add(e.asText()));
        return list;
    }

    /** Now, in the API's form: whole seconds, UTC. */
    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Sets one condition, replacing the one of that type; the transition time moves only when the status changes. */
    static void condition(ObjectNode status, String type, boolean value, String reason, String message) {
        condition(status, type, value ? "True" : "False", reason, message);
    }

    static void condition(ObjectNode status, String type, String value, String reason, String message) {
        ArrayNode conditions = list(status, "conditions");
        ObjectNode condition = null;
        for (JsonNode candidate : conditions) {
            if (type.equals(text(candidate, "/type"))) {
                condition = (ObjectNode) candidate;
            }
        }
        if (condition == null) {
            condition = conditions.addObject().put("type", type);
        }
        if (!value.equals(text(condition, "/status"))) {
            condition.put("lastTransitionTime", now());
        }
        condition.put("status", value);
        put(condition, "reason", reason);
        put(condition, "message", message);
    }

    static void put(ObjectNode node, String name, String value) {
        if (value == null || value.isEmpty()) {
            node.remove(name);
        } else {
            node.put(name, value);
        }
    }
}
