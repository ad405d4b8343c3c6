package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One agent as the control plane knows it. Changed by its {@link AgentStore} only. */
final class Agent {
    final String id;
    final String name;
    final String secretKey;
    final Map<String, String> labels;
    final List<String> environments = new ArrayList<>();
    final List<String> capabilities = new ArrayList<>();
    final List<String> requiredMatch = new ArrayList<>();
    final boolean hasPolicy;
    final boolean floating;
    final Instant createdAt;
    volatile Instant accessedAt;
    volatile Instant deletedAt;
    volatile String version;
    volatile String namespace;
    volatile boolean connected;

    Agent(String id, String secretKey, JsonNode request, Instant createdAt) {
        this.id = id;
        this.secretKey = secretKey;
        this.createdAt = createdAt;
        name = request.path("name").asText();
        labels = Json.strings(request.path("labels"));
        floating = request.path("floating").asBoolean();
        request.path("environments").forEach(e -> environments.add(e.asText()));
        request.path("capabilities").forEach(c -> capabilities.add(c.asText()));
        hasPolicy = request.has("runnerPolicy");
        request.path("runnerPolicy").path("requiredMatch").forEach(m -> requiredMatch.add(m.asText()));
    }

    boolean isRunner() {
        return capabilities.contains("runner");
    }

    /**
     * Whether a run with this target may go to this agent: every matched label has one of the values, no refused label
     * has, and the labels of the agent's own policy are all asked for. The name is a label of every agent.
     */
    boolean accepts(JsonNode target) {
        for (String label : requiredMatch) {
            if (!target.path("match").has(label)) {
                return false;
            }
        }
        return labelsMatch(target.path("match"), true) && labelsMatch(target.path("not"), false);
    }

    private boolean labelsMatch(JsonNode wanted, boolean expected) {
        boolean[] matches = {true};
        wanted.fields().forEachRemaining(label -> {
            String own = "name".equals(label.getKey()) ? name : labels.get(label.getKey());
            boolean found = false;
            for (JsonNode value : label.getValue()) {
                found |= value.asText().equals(own);
            }
            matches[0] &= found == expected;
        });
        return matches[0];
    }

    ObjectNode json(String environmentName) {
        ObjectNode json = Json.object().put("id", id).put("name", name);
        if (version != null) {
            json.put("version", version);
        }
        if (namespace != null) {
            json.put("namespace", namespace);
        }
        json.put("disabled", false);
        json.set("labels", Json.object(labels));
        ArrayNode in = json.putArray("environments");
        environments.forEach(
                e -> in.addObject().put("id", e).put("slug", environmentName).put("name", environmentName));
        ArrayNode can = json.putArray("capabilities");
        capabilities.forEach(can::add);
        if (hasPolicy) {
            ArrayNode required = json.putObject("runnerPolicy").putArray("requiredMatch");
            requiredMatch.forEach(required::add);
        }
        json.put("floating", floating).put("createdAt", Json.time(createdAt)).put("isSuperAgent", false);
        if (accessedAt != null) {
            json.put("accessedAt", Json.time(accessedAt));
        }
        if (deletedAt != null) {
            json.put("deletedAt", Json.time(deletedAt));
        }
        return json;
    }
}
