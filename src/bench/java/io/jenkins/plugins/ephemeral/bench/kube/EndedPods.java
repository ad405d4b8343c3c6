package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** The Pods of one Job that ended: they stay counted when somebody deletes them. */
final class EndedPods {
    private final Set<String> succeeded = new HashSet<>();
    private final Set<String> failed = new HashSet<>();
    private Instant retryAt = Instant.EPOCH;

    /**
     * Looks at one Pod.
     *
     * @param deletedCounts whether one that is deleted while it runs has failed
     * @param firstRetryDelay pause before the replacement of the first one that failed; doubled with each
     */
    void look(ObjectNode pod, boolean deletedCounts, Duration firstRetryDelay) {
        String phase = Json.text(pod, "/status/phase");
        if (phase.equals("Succeeded")) {
            succeeded.add(Json.uid(pod));
        } else if ((phase.equals("Failed") || deletedCounts && Json.deleting(pod)) && failed.add(Json.uid(pod))) {
            long factor = 1L << Math.min(10, failed.size() - 1);
            retryAt = Instant.now().plus(firstRetryDelay.multipliedBy(factor));
        }
    }

    int succeeded() {
        return succeeded.size();
    }

    int failed() {
        return failed.size();
    }

    /** How long until the next Pod may be made; zero or less for now. */
    Duration untilRetry() {
        return Duration.between(Instant.now(), retryAt);
    }

    static boolean isOver(JsonNode pod) {
        return Set.of("Succeeded", "Failed").contains(Json.text(pod, "/status/phase"));
    }
}
