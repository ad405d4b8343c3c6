package io.jenkins.plugins.ephemeral.bench.terrakube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The operations, as Elide, {@code TerraformOutputController} and {@code ContextController} offer them. */
final class Api {
    private static final Pattern COLLECTION =
            Pattern.compile("/api/v1/organization(?:/([^/]+)/(workspace|template|job))?");
    private static final Pattern JOB = Pattern.compile("/api/v1/organization/([^/]+)/job/(\\d+)");
    private static final Pattern LOG =
            Pattern.compile("/tfoutput/v1/organization/([^/]+)/job/(\\d+)/step/([^/]+?)(/stream)?");
    private static final Pattern CONTEXT = Pattern.compile("/context/v1/(\\d+)");
    private static final Pattern EQUALS = Pattern.compile("filter\\[(\\w+)]=(\\w+)==\"?([^\"]*)\"?");

    private final EmbeddedTerrakube server;

    Api(EmbeddedTerrakube server) {
        this.server = server;
    }

    boolean streams() {
        return server.streams;
    }

    Answer answer(HttpExchange http, String method, byte[] body) throws IOException {
        String path = http.getRequestURI().getPath();
        synchronized (server.lock) {
            Matcher match = COLLECTION.matcher(path);
            if (match.matches()) {
                return method.equals("POST") ? create(http, body) : list(match.group(2), query(http));
            }
            match = JOB.matcher(path);
            if (match.matches()) {
                SimulatedJob job = server.jobs.get(Integer.parseInt(match.group(2)));
                if (job == null || !match.group(1).equals(server.organizationId)) {
                    return Answer.error(404, "Unknown identifier " + match.group(2) + " for job");
                }
                return method.equals("PATCH") ? patch(http, job, body) : read(job);
            }
            match = LOG.matcher(path);
            if (match.matches() && match.group(4) == null) {
                return log(server.jobs.get(Integer.parseInt(match.group(2))), match.group(3));
            }
            match = CONTEXT.matcher(path);
            if (match.matches()) {
                SimulatedJob job = server.jobs.get(Integer.parseInt(match.group(1)));
                return new Answer(
                        200,
                        "application/json",
                        (job == null ? "{}" : job.context.toString()).getBytes(StandardCharsets.UTF_8));
            }
            return new Answer(
                    404,
                    "application/json",
                    "{\"status\":404,\"error\":\"Not Found\"}".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String query(HttpExchange http) {
        String raw = http.getRequestURI().getRawQuery();
        return raw == null ? "" : URLDecoder.decode(raw, StandardCharsets.UTF_8);
    }

    private Answer list(String type, String query) {
        List<ObjectNode> all = new ArrayList<>();
        if (type == null) {
            all.add(named("organization", server.organizationId, server.organization()));
        } else if (type.equals("workspace")) {
            server.workspaces.values().forEach(each -> all.add(named("workspace", each.id, each.name)));
        } else if (type.equals("template")) {
            server.templateIds.forEach((name, id) -> all.add(named("template", id, name)));
        } else {
            server.jobs.descendingMap().values().forEach(job -> all.add(job.resource()));
        }
        Matcher filter = EQUALS.matcher(query);
        boolean filtered = filter.find();
        ObjectNode document = SimulatedJob.JSON.createObjectNode();
        ArrayNode data = document.putArray("data");
        for (ObjectNode each : all) {
            String value = filtered ? each.at("/attributes/" + filter.group(2)).asText("") : "";
            if (!filtered || value.equals(filter.group(3))) {
                data.add(each);
            }
        }
        return Answer.document(200, document);
    }

    private static ObjectNode named(String type, String id, String name) {
        ObjectNode data = SimulatedJob.JSON.createObjectNode().put("type", type).put("id", id);
        data.putObject("attributes").put("name", name);
        return data;
    }

    private Answer create(HttpExchange http, byte[] body) throws IOException {
        if (!Answer.JSON_API.equals(http.getRequestHeaders().getFirst("Content-Type"))) {
            return Answer.error(415, "Unsupported Media Type");
        }
        if (!server.mayManage) {
            return Answer.error(403, "CreatePermission Denied");
        }
        JsonNode data = SimulatedJob.JSON.readTree(body).path("data");
        String workspaceId = data.at("/relationships/workspace/data/id").asText();
        TerrakubeWorkspace workspace = server.workspaces.values().stream()
                .filter(each -> each.id.equals(workspaceId))
                .findFirst()
                .orElse(null);
        ObjectNode attributes = (ObjectNode) data.path("attributes");
        String flow = attributes.hasNonNull("tcl")
                ? EmbeddedTerrakube.decoded(attributes.path("tcl").asText())
                : server.templates.get(attributes.path("templateReference").asText());
        if (workspace == null || flow == null || !data.path("type").asText().equals("job")) {
            return Answer.error(400, "Unknown identifier " + workspaceId + " for workspace");
        }
        if (attributes.path("comments").asText().length() > 512) {
            return Answer.error(500, "value too long for type character varying(512)");
        }
        int id = server.jobs.isEmpty() ? 1 : server.jobs.lastKey() + 1;
        SimulatedJob job = new SimulatedJob(id, workspace, flow, attributes.deepCopy());
        server.jobs.put(id, job);
        ObjectNode document = SimulatedJob.JSON.createObjectNode();
        document.set("data", job.resource());
        return Answer.document(201, document);
    }

    private static Answer read(SimulatedJob job) {
        ObjectNode document = SimulatedJob.JSON.createObjectNode();
        document.set("data", job.resource());
        document.set("included", job.included());
        return Answer.document(200, document);
    }

    private Answer patch(HttpExchange http, SimulatedJob job, byte[] body) throws IOException {
        if (!Answer.JSON_API.equals(http.getRequestHeaders().getFirst("Content-Type"))) {
            return Answer.error(415, "Unsupported Media Type");
        }
        JsonNode data = SimulatedJob.JSON.readTree(body).path("data");
        if (!data.path("id").asText().equals(String.valueOf(job.id))) {
            return Answer.error(400, "Id in response body does not match requested id to update from path");
        }
        String status = data.at("/attributes/status").asText();
        if (!(status.equals("cancelled") ? server.mayManage : server.mayApprove)) {
            return Answer.error(403, "UpdatePermission Denied");
        }
        change(job, status);
        return new Answer(204, Answer.JSON_API, new byte[0]);
    }

    /** Terrakube checks nothing here: a status is set whatever the job does. */
    static void change(SimulatedJob job, String status) {
        boolean queued = job.status.equals("queue");
        job.status = status;
        if (status.equals("cancelled")) {
            if (queued && job.workspace.deafToCancel && job.next() != null) {
                job.next().status = "running";
                return;
            }
            job.endSteps("cancelled");
        } else if (status.equals("rejected")) {
            job.endSteps("failed");
        }
    }

    private static Answer log(SimulatedJob job, String stepId) {
        String text = "";
        if (job != null) {
            for (SimulatedJob.Step step : job.steps) {
                if (step.id.equals(stepId)) {
                    boolean stored = step.status.equals("completed") || step.status.equals("failed");
                    text = stored || job.stream.isEmpty()
                            ? String.valueOf(step.output == null ? "" : step.output)
                            : String.join("\n", job.stream.values()) + "\n";
                }
            }
        }
        return new Answer(200, "application/octet-stream", text.getBytes(StandardCharsets.UTF_8));
    }

    /** Server-sent events of the job's stream; ends when the step is over and all was sent. */
    void stream(HttpExchange http, String path) throws IOException, InterruptedException {
        Matcher match = LOG.matcher(path);
        if (!match.matches()) {
            http.sendResponseHeaders(404, -1);
            return;
        }
        http.getResponseHeaders().set("Content-Type", "text/event-stream");
        http.sendResponseHeaders(200, 0);
        String last = http.getRequestHeaders().getFirst("Last-Event-ID");
        try (OutputStream out = http.getResponseBody()) {
            boolean open = true;
            while (open) {
                StringBuilder events = new StringBuilder();
                synchronized (server.lock) {
                    SimulatedJob job = server.jobs.get(Integer.parseInt(match.group(2)));
                    last = after(job, last, events);
                    open = events.length() > 0 || job != null && !isOver(job, match.group(3));
                    if (open && events.length() == 0) {
                        server.lock.wait(200);
                        events.append(":heartbeat\n\n");
                    }
                }
                out.write(events.toString().getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }
    }

    private static String after(SimulatedJob job, String last, StringBuilder events) {
        String at = last;
        if (job != null) {
            boolean seen = last == null;
            for (Map.Entry<String, String> line : job.stream.entrySet()) {
                if (seen) {
                    at = line.getKey();
                    events.append("id:")
                            .append(at)
                            .append("\ndata:")
                            .append(line.getValue())
                            .append("\n\n");
                }
                seen |= line.getKey().equals(last);
            }
        }
        return at;
    }

    private static boolean isOver(SimulatedJob job, String stepId) {
        return job.steps.stream()
                .filter(step -> step.id.equals(stepId))
                .anyMatch(step -> List.of("completed", "failed", "cancelled").contains(step.status));
    }
}
