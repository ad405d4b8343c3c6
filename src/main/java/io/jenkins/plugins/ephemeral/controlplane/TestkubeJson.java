package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution.Output;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution.StepResult;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what the control plane answers and writes what it is asked, field names as in its OpenAPI file. It is read
 * liberally: fields that are missing or new, statuses nobody knew, Go's zero time, an exit code left out because it
 * is 0, a single object where the file says array.
 */
final class TestkubeJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private TestkubeJson() {}

    /** The object, or the only one of an array: the OpenAPI file says array where servers send an object. */
    static JsonNode single(JsonNode node) {
        return node.isArray() && !node.isEmpty() ? node.get(0) : node;
    }

    static TestkubeAgent agent(JsonNode node) {
        List<String> environments = new ArrayList<>();
        for (JsonNode environment : node.path("environments")) {
            environments.add(environment.path("id").asText(environment.asText("")));
        }
        return new TestkubeAgent(
                text(node, "id"),
                text(node, "name"),
                strings(node.path("labels")),
                environments,
                time(node.path("createdAt")),
                time(node.path("accessedAt")),
                time(node.path("deletedAt")),
                node.path("disabled").asBoolean(),
                text(node, "version"),
                text(node, "namespace"),
                node.hasNonNull("secretKey") ? text(node, "secretKey") : null);
    }

    static ObjectNode agentRequest(AgentRequest request, String environmentId) {
        ObjectNode body = NODES.objectNode();
        body.put("name", request.name());
        body.putArray("environments").add(environmentId);
        ArrayNode capabilities = body.putArray("capabilities");
        request.capabilities().forEach(capabilities::add);
        body.putObject("runnerPolicy").putArray("requiredMatch").add("name");
        body.put("floating", request.floating());
        ObjectNode labels = body.putObject("labels");
        request.labels().forEach(labels::put);
        return body;
    }

    static ObjectNode executionRequest(ExecutionRequest request) {
        ObjectNode body = NODES.objectNode();
        ObjectNode config = body.putObject("config");
        request.config().forEach(config::put);
        ObjectNode tags = body.putObject("tags");
        request.tags().forEach(tags::put);
        if (!request.match().isEmpty()) {
            ObjectNode target = body.putObject("target");
            ObjectNode match = target.putObject("match");
            request.match().forEach((label, values) -> values.forEach(match.putArray(label)::add));
            if (request.onlyWhenMatches()) {
                target.put("schedulerPolicy", "OnlyWhenMatches");
            }
        }
        ObjectNode context = body.putObject("runningContext");
        context.putObject("interface").put("name", "jenkins").put("type", "ci/cd");
        context.putObject("actor").put("name", "jenkins").put("type", "program");
        return body;
    }

    static TestkubeExecution execution(JsonNode node) {
        JsonNode result = node.path("result");
        List<StepResult> steps = new ArrayList<>();
        addSteps(node.path("signature"), "", result.path("steps"), steps);
        if (steps.isEmpty()) {
            result.path("steps")
                    .properties()
                    .forEach(step -> steps.add(step(step.getKey(), step.getKey(), step.getValue())));
        }
        List<Output> outputs = new ArrayList<>();
        for (JsonNode output : node.path("output")) {
            outputs.add(new Output(text(output, "ref"), text(output, "name"), strings(output.path("value"))));
        }
        JsonNode initialization = result.path("initialization");
        Instant queuedAt = time(result.path("queuedAt"));
        return new TestkubeExecution(
                text(node, "id"),
                text(node, "name"),
                text(node.path("workflow"), "name"),
                TestkubeExecution.normalize(text(result, "status")),
                queuedAt == null ? time(node.path("scheduledAt")) : queuedAt,
                time(result.path("startedAt")),
                time(result.path("finishedAt")),
                initialization.isObject() ? step("", "initialization", initialization) : null,
                List.copyOf(steps),
                List.copyOf(outputs));
    }

    private static void addSteps(JsonNode signature, String group, JsonNode results, List<StepResult> into) {
        for (JsonNode entry : signature) {
            String label = text(entry, "name").isEmpty() ? text(entry, "category") : text(entry, "name");
            String ref = text(entry, "ref");
            label = group + (label.isEmpty() ? ref : label);
            into.add(step(ref, label, results.path(ref)));
            addSteps(entry.path("children"), label + " › ", results, into);
        }
    }

    private static StepResult step(String ref, String name, JsonNode result) {
        Instant finishedAt = time(result.path("finishedAt"));
        String status = TestkubeExecution.normalize(text(result, "status"));
        JsonNode exitCode = result.path("exitCode");
        boolean ended = finishedAt != null && !status.equals("skipped");
        return new StepResult(
                ref,
                name,
                status,
                exitCode.isNumber() || ended ? (Integer) exitCode.asInt() : null,
                text(result, "errorMessage").isEmpty() ? null : text(result, "errorMessage"),
                time(result.path("startedAt")),
                finishedAt);
    }

    static TestkubeArtifact artifact(JsonNode node) {
        return new TestkubeArtifact(
                text(node, "name"),
                node.path("size").asLong(),
                node.path("status").asText("ready"));
    }

    static Notification notification(JsonNode node) {
        return new Notification(
                node.path("seqNo").asLong(),
                text(node, "eventType"),
                text(node, "ref"),
                node.hasNonNull("log") ? text(node, "log") : null);
    }

    /** An RFC 3339 time, or null for none and for Go's zero time, which is in the year 1. */
    static Instant time(JsonNode node) {
        if (!node.isTextual()) {
            return null;
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(node.asText());
            return time.withOffsetSameInstant(ZoneOffset.UTC).getYear() <= 1 ? null : time.toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    static Map<String, String> strings(JsonNode node) {
        Map<String, String> strings = new LinkedHashMap<>();
        Set<Map.Entry<String, JsonNode>> fields = node.properties();
        for (Map.Entry<String, JsonNode> field : fields) {
            JsonNode value = field.getValue();
            strings.put(field.getKey(), value.isValueNode() ? value.asText() : value.toString());
        }
        return strings;
    }
}
