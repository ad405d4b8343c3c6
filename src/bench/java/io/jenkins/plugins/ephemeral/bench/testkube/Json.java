package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON and YAML as trees, and Testkube's way to write times. */
final class Json {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final YAMLMapper YAML = new YAMLMapper();
    /** Nanoseconds always in nine digits: clients cut log lines at a fixed column. */
    private static final DateTimeFormatter PRECISE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Json() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static ArrayNode array() {
        return JSON.createArrayNode();
    }

    static byte[] bytes(JsonNode tree) {
        try {
            return JSON.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] yaml(JsonNode tree) {
        try {
            return YAML.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws Problem 400 if the body is no JSON object */
    static ObjectNode parse(byte[] body) {
        return asObject(body, JSON, "JSON");
    }

    /** @throws Problem 400 if the body is no YAML mapping */
    static ObjectNode parseYaml(byte[] body) {
        return asObject(body, YAML, "YAML");
    }

    private static ObjectNode asObject(byte[] body, ObjectMapper mapper, String language) {
        try {
            JsonNode tree = mapper.readTree(body);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw Problem.badRequest("invalid body: a " + language + " object is expected");
        } catch (IOException e) {
            throw Problem.badRequest("invalid body: " + e.getMessage());
        }
    }

    /** The strings of an object of strings; numbers and booleans as their text; empty if the node is missing. */
    static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new LinkedHashMap<>();
        object.fields()
                .forEachRemaining(e -> strings.put(e.getKey(), e.getValue().asText()));
        return strings;
    }

    static ObjectNode object(Map<String, String> strings) {
        ObjectNode object = object();
        strings.forEach(object::put);
        return object;
    }

    /** A time as Go writes it: an unset one is its zero time, not absent. */
    static String time(Instant instant) {
        return instant == null ? "0001-01-01T00:00:00Z" : instant.toString();
    }

    /** The 30 characters that begin every line of a log. */
    static String preciseTime(Instant instant) {
        return PRECISE.format(instant);
    }
}
