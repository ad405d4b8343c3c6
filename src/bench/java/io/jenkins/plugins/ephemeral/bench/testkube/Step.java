package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One step as it is going to run: a group of steps, or one operation. */
final class Step {
    /** What a step without children does. */
    enum Operation {
        COMMAND,
        DELAY,
        UPLOAD
    }

    final String ref;
    String id = "";
    String name = "";
    String category = "";
    boolean optional;
    boolean negative;
    /** {@code passed} and the like; empty for the default of its place. */
    String condition = "";
    /** Bound for this step, or null. */
    Duration timeout;

    int retries;
    final List<Step> children = new ArrayList<>();

    Operation operation;
    /** Program and arguments. */
    List<String> command = List.of();

    Duration delay = Duration.ZERO;
    /** The artifacts part of the specification. */
    JsonNode artifacts;
    /** Files to write before. */
    JsonNode files = Json.array();
    /** Image, working directory, environment: those of the step over those around it. */
    ObjectNode container = Json.object();

    Step(String ref) {
        this.ref = ref;
    }

    String workingDir() {
        return container.path("workingDir").asText("/data");
    }

    ObjectNode signature() {
        ObjectNode signature = Json.object().put("ref", ref);
        putIfSet(signature, "id", id);
        putIfSet(signature, "name", name);
        putIfSet(signature, "category", category);
        if (optional) {
            signature.put("optional", true);
        }
        if (negative) {
            signature.put("negative", true);
        }
        if (!children.isEmpty()) {
            ArrayNode inner = signature.putArray("children");
            children.forEach(child -> inner.add(child.signature()));
        }
        return signature;
    }

    private static void putIfSet(ObjectNode object, String field, String value) {
        if (!value.isEmpty()) {
            object.put(field, value);
        }
    }
}
