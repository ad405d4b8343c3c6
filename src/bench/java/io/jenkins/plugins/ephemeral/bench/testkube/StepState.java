package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Set;

/** How far a step, or the initialization, has come. Guarded by its {@link Execution}. */
final class StepState {
    private static final Set<String> ENDED = Set.of("passed", "failed", "timeout", "skipped", "aborted", "canceled");

    String status = "queued";
    String errorMessage = "";
    int exitCode;
    Instant queuedAt;
    Instant startedAt;
    Instant finishedAt;

    boolean ended() {
        return ENDED.contains(status);
    }

    boolean good() {
        return "passed".equals(status) || "skipped".equals(status);
    }

    ObjectNode json() {
        ObjectNode json = Json.object();
        if (!errorMessage.isEmpty()) {
            json.put("errorMessage", errorMessage);
        }
        json.put("status", status);
        // Go's model omits it when it is 0, and knows it as a floating point number
        if (exitCode != 0) {
            json.put("exitCode", (double) exitCode);
        }
        json.put("queuedAt", Json.time(queuedAt));
        json.put("startedAt", Json.time(startedAt));
        json.put("finishedAt", Json.time(finishedAt));
        return json;
    }
}
