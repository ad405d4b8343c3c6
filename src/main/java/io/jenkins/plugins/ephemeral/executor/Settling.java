package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Refusals of Pods that pass by themselves while a namespace is new: its service account, its quota and its limits are
 * known to the whole API server only some moments after they were made. The Job controller tries again.
 */
final class Settling {
    private static final Duration BOUND = Duration.ofSeconds(15);
    /** Of the admission plugins ServiceAccount, ResourceQuota and LimitRanger. */
    private static final List<String> PASSING =
            List.of("serviceaccount", "service account", "status unknown for quota", "must specify");

    private static final Set<Outcome> REFUSALS = Set.of(Outcome.POD_REFUSED, Outcome.SERVICE_ACCOUNT, Outcome.QUOTA);

    private final Instant usableSince;
    private final Clock clock;

    /** @param usableSince when the environment became usable, or null if nobody knows */
    Settling(Instant usableSince, Clock clock) {
        this.usableSince = usableSince;
        this.clock = clock;
    }

    /** The same finding, as one to wait with if it is about something that passes. */
    Finding soften(Finding finding, List<Event> events) {
        boolean refused = finding.state() == Finding.State.HOPELESS && REFUSALS.contains(finding.outcome());
        if (!refused || usableSince == null) {
            return finding;
        }
        Instant end = usableSince.plus(BOUND);
        String reason = finding.reason().toLowerCase(Locale.ROOT);
        boolean passing = PASSING.stream().anyMatch(reason::contains);
        // an event of that time counts until there is a later one
        boolean early = clock.instant().isBefore(end) || lastRefusal(events).isBefore(end);
        return passing && early ? Finding.starting(finding.outcome(), finding.progress(), finding.reason()) : finding;
    }

    private static Instant lastRefusal(List<Event> events) {
        Instant last = Instant.MIN;
        for (Event event : events) {
            if ("FailedCreate".equals(event.getReason()) && event.getLastTimestamp() != null) {
                try {
                    Instant at = Instant.parse(event.getLastTimestamp());
                    last = at.isAfter(last) ? at : last;
                } catch (DateTimeException e) {
                    // an event without a time we can read tells nothing
                }
            }
        }
        return last.equals(Instant.MIN) ? Instant.MAX : last;
    }
}
