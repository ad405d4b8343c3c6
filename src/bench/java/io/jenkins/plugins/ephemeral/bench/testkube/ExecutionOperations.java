package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The operations of agent.yaml on executions, and the two streams that Testkube's own client uses besides. */
final class ExecutionOperations {
    private static final String OF_WORKFLOW = "/test-workflows/{id}/executions";
    private static final String ALL = "/test-workflow-executions";
    private static final String ONE = ALL + "/{executionID}";
    private static final Set<String> WAITING = Set.of("queued", "assigned", "starting", "scheduling");

    private final ControlPlaneSettings settings;
    private final Scheduler scheduler;
    private final Artifacts artifacts;

    ExecutionOperations(ControlPlaneSettings settings, Scheduler scheduler, Artifacts artifacts) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.artifacts = artifacts;
    }

    void addTo(EnvironmentRoutes routes) {
        routes.add("POST", OF_WORKFLOW, this::execute)
                .add("GET", OF_WORKFLOW, call -> list(call, call.parameter("id")))
                .add("GET", ALL, call -> list(call, ""))
                .add("GET", ONE, this::get)
                .add("GET", OF_WORKFLOW + "/{executionID}", this::get)
                .add("POST", ONE + "/abort", this::abort)
                .add("POST", OF_WORKFLOW + "/{executionID}/abort", this::abort)
                .add("GET", ONE + "/logs", this::logs)
                .add("GET", ONE + "/notifications", this::notifications)
                .add("GET", ONE + "/artifacts", this::listArtifacts)
                .add("GET", ONE + "/artifacts/{filename}", this::artifact)
                .add("GET", ONE + "/artifact-archive", this::archive);
    }

    private Answer execute(Call call) {
        ObjectNode request = call.json();
        for (String strings : List.of("config", "tags")) {
            request.path(strings).fields().forEachRemaining(value -> requireText(strings, value.getValue()));
        }
        return Answer.json(
                scheduler.schedule(call.parameter("id"), context(request)).json());
    }

    /** Go's maps of strings take no numbers. */
    private static void requireText(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw Problem.badRequest("failed to execute test workflow: invalid body: " + field + ": cannot unmarshal "
                    + value.getNodeType() + " into a string");
        }
    }

    /** A user survives as an actor only with both name and e-mail address. */
    private static ObjectNode context(ObjectNode request) {
        JsonNode actor = request.path("runningContext").path("actor");
        if ("user".equals(actor.path("type").asText())
                && (actor.path("name").asText("").isEmpty()
                        || actor.path("email").asText("").isEmpty())) {
            ((ObjectNode) actor).remove(List.of("name", "email"));
        }
        return request;
    }

    private Answer list(Call call, String workflow) {
        List<Execution> all = scheduler.executions().stream()
                .filter(e -> workflow.isEmpty() || e.workflowName.equals(workflow))
                .toList();
        Set<String> statuses = call.query("status").isEmpty()
                ? Set.of()
                : Set.of(call.query("status").split(","));
        List<Execution> filtered = all.stream()
                .filter(e -> Selectors.matches(call.query("tagSelector"), e.tags))
                .filter(e -> statuses.isEmpty() || statuses.contains(e.status()))
                .toList();
        ObjectNode body = Json.object();
        body.set("totals", totals(all));
        body.set("filtered", totals(filtered));
        ArrayNode results = body.putArray("results");
        int size = number(call, "pageSize", 100);
        int skip = number(call, "page", 0) * size;
        // the newest comes first
        for (int i = filtered.size() - 1 - skip; i >= 0 && i > filtered.size() - 1 - skip - size; i--) {
            results.add(filtered.get(i).summary());
        }
        return Answer.json(body);
    }

    private static int number(Call call, String parameter, int standard) {
        String value = call.query(parameter);
        return value.matches("\\d{1,6}") ? Integer.parseInt(value) : standard;
    }

    private static ObjectNode totals(List<Execution> executions) {
        int passed = 0;
        int failed = 0;
        int queued = 0;
        int running = 0;
        for (Execution execution : executions) {
            String status = execution.status();
            if ("passed".equals(status)) {
                passed++;
            } else if (execution.finished()) {
                failed++;
            } else if (WAITING.contains(status)) {
                queued++;
            } else {
                running++;
            }
        }
        return Json.object()
                .put("results", executions.size())
                .put("passed", passed)
                .put("failed", failed)
                .put("queued", queued)
                .put("running", running)
                .put("paused", 0);
    }

    private Execution execution(Call call) {
        String id = call.parameter("executionID");
        return scheduler.find(id).orElseThrow(() -> Problem.notFound("get execution: client not found: " + id));
    }

    private Answer get(Call call) {
        return Answer.json(execution(call).json());
    }

    private Answer abort(Call call) {
        Execution execution = execution(call);
        if (!execution.abort(settings.abortedStatus)) {
            throw Problem.badRequest("failed to abort test workflow execution '" + execution.id
                    + "': checking execution: execution already finished");
        }
        return Answer.noContent();
    }

    private Answer logs(Call call) {
        Execution execution = execution(call);
        if (!execution.finished()) {
            throw Problem.internal("can't get log: " + execution.id + ": the log is stored when the execution ends");
        }
        return new Answer(200, "text/plain", execution.notifications.storedLog().getBytes(StandardCharsets.UTF_8));
    }

    private Answer notifications(Call call) {
        Execution execution = execution(call);
        String after = call.query("resumeAfterSeqNo");
        if (!after.matches("\\d{0,9}")) {
            throw Problem.badRequest("could not parse query string: resumeAfterSeqNo: " + after);
        }
        int position = after.isEmpty() ? 0 : Integer.parseInt(after);
        return Answer.stream(
                "text/event-stream", out -> execution.notifications.stream(position, settings.heartbeat, out));
    }

    private Answer listArtifacts(Call call) {
        return Answer.json(artifacts.json(execution(call)));
    }

    private Answer artifact(Call call) {
        // twice, as Testkube does: its clients escape once, and some proxies once more
        String name = Call.decode(Call.decode(call.rawParameter("filename")));
        return new Answer(200, "application/octet-stream", artifacts.read(execution(call).id, name));
    }

    private Answer archive(Call call) {
        String id = execution(call).id;
        List<String> masks = call.queries("mask");
        return Answer.stream("application/octet-stream", out -> artifacts.archive(id, masks, out));
    }
}
