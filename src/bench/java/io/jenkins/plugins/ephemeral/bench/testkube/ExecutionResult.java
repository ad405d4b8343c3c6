package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The {@code result} of an execution: its state and those of its steps. Guarded by its {@link Execution}. */
final class ExecutionResult {
    private static final Set<String> TERMINAL = Set.of("passed", "failed", "aborted", "canceled");

    final StepState initialization = new StepState();
    String status = "queued";
    String predicted = "passed";
    Instant queuedAt;
    Instant startedAt;
    Instant finishedAt;
    private final Instant scheduledAt;
    private final Map<String, StepState> steps = new LinkedHashMap<>();
    private Step plan;

    ExecutionResult(Instant scheduledAt) {
        this.scheduledAt = scheduledAt;
    }

    boolean finished() {
        return TERMINAL.contains(status);
    }

    void plan(Step root) {
        plan = root;
        root.children.forEach(this::known);
    }

    private void known(Step step) {
        steps.put(step.ref, new StepState());
        step.children.forEach(this::known);
    }

    StepState step(Step step) {
        return steps.get(step.ref);
    }

    void endStep(Step step, String result, Instant now) {
        StepState state = step(step);
        state.status = result;
        state.finishedAt = now;
        step.children.forEach(child -> skip(child, now));
        if (!state.good() && !step.optional && "passed".equals(predicted)) {
            predicted = "failed";
        }
    }

    private void skip(Step step, Instant now) {
        StepState state = step(step);
        if (!state.ended()) {
            state.status = "skipped";
            state.finishedAt = now;
        }
        step.children.forEach(child -> skip(child, now));
    }

    /** What the steps make of it. */
    String verdict() {
        boolean failed = !initialization.good()
                || plan.children.stream()
                        .anyMatch(step -> !step.optional && !step(step).good());
        return failed ? "failed" : "passed";
    }

    void end(String result, Instant now) {
        finishedAt = finishedAt == null ? now : finishedAt;
        predicted = result;
        boolean aborted = !"passed".equals(result) && !"failed".equals(result);
        if (aborted && !initialization.ended()) {
            initialization.status = result;
            initialization.finishedAt = finishedAt;
        }
        for (StepState step : steps.values()) {
            if (!step.ended()) {
                step.status = "running".equals(step.status) && aborted ? result : "skipped";
                step.finishedAt = finishedAt;
            }
        }
        status = result;
    }

    /** The tree of steps, or null as long as no runner has planned them. */
    ArrayNode signature() {
        if (plan == null) {
            return null;
        }
        ArrayNode signature = Json.array();
        plan.children.forEach(step -> signature.add(step.signature()));
        return signature;
    }

    ObjectNode json() {
        ObjectNode json = summary();
        json.set("initialization", initialization.json());
        if (!steps.isEmpty()) {
            ObjectNode all = json.putObject("steps");
            steps.forEach((ref, step) -> all.set(ref, step.json()));
        }
        return json;
    }

    ObjectNode summary() {
        ObjectNode json = Json.object().put("status", status).put("predictedStatus", predicted);
        json.put("queuedAt", Json.time(queuedAt));
        json.put("startedAt", Json.time(startedAt));
        json.put("finishedAt", Json.time(finishedAt));
        long millis = 0;
        if (finishedAt != null) {
            millis = Duration.between(scheduledAt, finishedAt).toMillis();
            String text = GoDuration.text(millis);
            json.put("duration", text).put("totalDuration", text);
        }
        return json.put("durationMs", millis).put("pausedMs", 0).put("totalDurationMs", millis);
    }
}
