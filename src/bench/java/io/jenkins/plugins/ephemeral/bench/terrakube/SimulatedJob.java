package io.jenkins.plugins.ephemeral.bench.terrakube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A job and its steps. Guarded by the server's lock. */
final class SimulatedJob {
    static final ObjectMapper JSON = new ObjectMapper();

    /** One step. */
    static final class Step {
        final String id = UUID.randomUUID().toString();
        final int number;
        final String type;
        final String team;
        String name;
        String status = "pending";
        String output;

        Step(int number, String type, String name, String team) {
            this.number = number;
            this.type = type;
            this.name = name;
            this.team = team;
        }
    }

    final int id;
    final TerrakubeWorkspace workspace;
    final List<Step> steps = new ArrayList<>();
    final Map<String, String> stream = new LinkedHashMap<>();
    final ObjectNode context = JSON.createObjectNode();
    final String flow;
    final ObjectNode attributes;
    String status = "pending";
    boolean planChanges = true;
    boolean initialized;
    String approvalTeam;
    int logged;
    int sequence;

    SimulatedJob(int id, TerrakubeWorkspace workspace, String flow, ObjectNode attributes) {
        this.id = id;
        this.workspace = workspace;
        this.flow = flow;
        this.attributes = attributes;
    }

    boolean isOver() {
        return List.of("failed", "completed", "rejected", "cancelled", "noChanges")
                .contains(status);
    }

    Step next() {
        return first("pending");
    }

    Step first(String wanted) {
        return steps.stream()
                .filter(step -> step.status.equals(wanted))
                .findFirst()
                .orElse(null);
    }

    /** Writes a line to the job's stream; its id is a Redis record id. */
    void log(String line) {
        stream.put((1_766_501_234_567L + id) + "-" + sequence++, line);
    }

    void endSteps(String as) {
        for (Step step : steps) {
            if (step.status.equals("pending") || step.status.equals("running")) {
                step.status = as;
            }
        }
    }

    ObjectNode resource() {
        ObjectNode data = JSON.createObjectNode().put("type", "job").put("id", String.valueOf(id));
        ObjectNode all = attributes.deepCopy();
        all.put("status", status).put("planChanges", planChanges).put("approvalTeam", approvalTeam);
        all.putNull("output");
        all.put("commitId", initialized ? "0123456789abcdef" : null);
        data.set("attributes", all);
        ObjectNode relationships = data.putObject("relationships");
        relationships
                .putObject("workspace")
                .putObject("data")
                .put("type", "workspace")
                .put("id", workspace.id);
        ArrayNode ids = relationships.putObject("step").putArray("data");
        steps.forEach(step -> ids.addObject().put("type", "step").put("id", step.id));
        return data;
    }

    ArrayNode included() {
        ArrayNode included = JSON.createArrayNode();
        // not in their order: a set in the database
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            ObjectNode resource = included.addObject().put("type", "step").put("id", step.id);
            resource.putObject("attributes")
                    .put("stepNumber", step.number)
                    .put("name", step.name)
                    .put("status", step.status)
                    .put("output", step.output == null ? null : "stored");
        }
        return included;
    }
}
