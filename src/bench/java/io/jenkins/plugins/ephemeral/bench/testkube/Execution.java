package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** One execution: what was asked for, and how far it has come. */
final class Execution {
    /** States in which no runner has begun, so that an abort takes effect at once. */
    private static final Set<String> WAITING = Set.of("queued", "assigned");

    final String id;
    final String name;
    final int number;
    final String workflowName;
    final JsonNode target;
    final Map<String, String> tags;
    final Notifications notifications = new Notifications();

    private final Clock clock;
    private final ObjectNode request;
    private final ObjectNode workflow;
    private final ObjectNode resolved;
    private final Instant scheduledAt;
    private final ExecutionResult result;
    private final ArrayNode output = Json.array();
    private final ArrayNode reports = Json.array();
    private String abortedStatus;
    private String runnerId;
    private String namespace;
    private Instant assignedAt;
    private Instant statusAt;
    private Runnable onAbort = () -> {};

    /**
     * @param request the run request as it came
     * @param workflow the workflow in the API's form
     * @param resolved the workflow after configuration and templates, in the API's form
     */
    Execution(
            String id,
            int number,
            ObjectNode request,
            ObjectNode workflow,
            ObjectNode resolved,
            JsonNode target,
            Map<String, String> tags,
            Clock clock) {
        this.id = id;
        this.number = number;
        this.request = request;
        this.workflow = workflow;
        this.resolved = resolved;
        this.target = target;
        this.tags = tags;
        this.clock = clock;
        workflowName = workflow.path("name").asText();
        // a name in the request is not looked at by Testkube's handler
        name = workflowName + "-" + number;
        scheduledAt = clock.instant();
        statusAt = scheduledAt;
        result = new ExecutionResult(scheduledAt);
    }

    synchronized String status() {
        return result.status;
    }

    synchronized boolean finished() {
        return result.finished();
    }

    /** Ends it before anything ran: the specification is wrong. */
    synchronized void refuse(String message) {
        result.finishedAt = scheduledAt;
        result.initialization.errorMessage = message;
        end("aborted");
    }

    /** Gives it to a runner; false if it has been aborted in between. */
    synchronized boolean assign(String agentId, String agentNamespace) {
        if (!"queued".equals(result.status)) {
            return false;
        }
        runnerId = agentId;
        namespace = agentNamespace;
        assignedAt = clock.instant();
        become("assigned");
        return true;
    }

    /** To {@code starting} or {@code scheduling}, unless it is being aborted. */
    synchronized void advance(String next) {
        if (stopped()) {
            return;
        }
        if ("scheduling".equals(next)) {
            result.queuedAt = clock.instant();
            result.initialization.queuedAt = result.queuedAt;
        }
        become(next);
    }

    /** Makes the steps known; they are shown from now on. */
    synchronized void plan(Step root) {
        result.plan(root);
    }

    /**
     * To {@code running}.
     *
     * @param abort what stops it from now on
     * @return false if it is being aborted
     */
    synchronized boolean beginInitialization(Runnable abort) {
        if (stopped()) {
            return false;
        }
        onAbort = abort;
        result.startedAt = clock.instant();
        result.initialization.startedAt = result.startedAt;
        result.initialization.status = "running";
        become("running");
        return true;
    }

    private boolean stopped() {
        return aborting() || result.finished();
    }

    synchronized void endInitialization(String status, String error) {
        result.initialization.status = status;
        result.initialization.errorMessage = error;
        result.initialization.finishedAt = clock.instant();
        changed();
    }

    synchronized void beginStep(Step step) {
        StepState state = result.step(step);
        state.queuedAt = clock.instant();
        state.startedAt = state.queuedAt;
        state.status = "running";
        changed();
    }

    /** @param exitCode of its program; 0 also if it has none */
    synchronized void endStep(Step step, String status, int exitCode) {
        result.step(step).exitCode = exitCode;
        result.endStep(step, status, clock.instant());
        changed();
    }

    synchronized boolean isGood(Step step) {
        return result.step(step).good();
    }

    /** Id of the agent that has it; null while none has. */
    synchronized String runnerId() {
        return runnerId;
    }

    synchronized boolean aborting() {
        return abortedStatus != null;
    }

    /**
     * Aborts it.
     *
     * @param as the terminal status to get to
     * @return false if it is finished already
     */
    boolean abort(String as) {
        Runnable stop;
        synchronized (this) {
            if (result.finished()) {
                return false;
            }
            if (aborting()) {
                return true;
            }
            abortedStatus = as;
            result.predicted = as;
            if (WAITING.contains(result.status)) {
                end(as);
                return true;
            }
            become("stopping");
            stop = onAbort;
        }
        stop.run();
        return true;
    }

    /** Ends it as its steps say, or as it has been aborted. */
    synchronized void finish() {
        if (!result.finished()) {
            end(aborting() ? abortedStatus : result.verdict());
        }
    }

    private void end(String as) {
        result.end(as, clock.instant());
        become(as);
        notifications.end();
    }

    synchronized void output(ObjectNode entry) {
        output.add(entry);
        ObjectNode frame = Json.object().put("ts", Json.time(clock.instant()));
        frame.set("output", entry);
        notifications.add("output", frame);
    }

    synchronized void report(ObjectNode report) {
        reports.add(report);
    }

    /** One line of output of a step, or of the initialization if that is null. */
    void log(Step step, String line) {
        notifications.line(step == null ? "" : step.ref, Json.preciseTime(clock.instant()), line);
    }

    private void become(String next) {
        result.status = next;
        statusAt = clock.instant();
        changed();
    }

    private void changed() {
        ObjectNode frame = Json.object().put("ts", Json.time(clock.instant()));
        frame.set("result", result.json());
        notifications.add("result", frame);
    }

    synchronized ObjectNode json() {
        ObjectNode json = head();
        json.put("assignedAt", Json.time(assignedAt));
        if (namespace != null) {
            json.put("namespace", namespace);
        }
        if (!target.isEmpty()) {
            json.set("runnerTarget", target);
            json.set("runnerOriginalTarget", target);
        }
        if (result.signature() != null) {
            json.set("signature", result.signature());
        }
        json.set("result", result.json());
        if (!output.isEmpty()) {
            json.set("output", output.deepCopy());
        }
        json.set("workflow", workflow);
        json.set("resolvedWorkflow", resolved);
        if (request.path("disableWebhooks").asBoolean()) {
            json.put("disableWebhooks", true);
        }
        return json;
    }

    /** The shorter form of lists. */
    synchronized ObjectNode summary() {
        ObjectNode json = head();
        json.set("result", result.summary());
        ObjectNode of = json.putObject("workflow").put("name", workflowName);
        if (workflow.has("labels")) {
            of.set("labels", workflow.get("labels"));
        }
        return json;
    }

    private ObjectNode head() {
        ObjectNode json = Json.object().put("id", id).put("groupId", id);
        if (runnerId != null) {
            json.put("runnerId", runnerId);
        }
        json.put("name", name).put("number", number);
        json.put("scheduledAt", Json.time(scheduledAt)).put("statusAt", Json.time(statusAt));
        if (!tags.isEmpty()) {
            json.set("tags", Json.object(tags));
        }
        if (request.has("runningContext")) {
            json.set("runningContext", request.get("runningContext"));
        }
        ObjectNode parameters = Json.object();
        Json.strings(request.path("config")).forEach((key, value) -> {
            JsonNode declared = workflow.path("spec").path("config").path(key);
            if (declared.isObject() && !declared.path("sensitive").asBoolean()) {
                parameters.putObject(key).put("value", value);
            }
        });
        if (!parameters.isEmpty()) {
            json.set("configParams", parameters);
        }
        if (request.has("runtime")) {
            json.set("runtime", request.get("runtime"));
        }
        if (!reports.isEmpty()) {
            json.set("reports", reports.deepCopy());
        }
        return json;
    }
}
