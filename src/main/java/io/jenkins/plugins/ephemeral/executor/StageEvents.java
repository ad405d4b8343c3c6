package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Finds out where a stage is; reads events only while it does not start and nothing else tells why. */
final class StageEvents {
    /** How long a stage may be without news before its events are read. */
    static final Duration QUIET = Duration.ofSeconds(3);

    private static final Duration AGAIN = Duration.ofSeconds(10);

    /** What the end of a namespace looks like from the Job: whose deletion is seen first is the garbage collector's. */
    private static final Set<Outcome> MAY_BE_THE_NAMESPACE =
            EnumSet.of(Outcome.JOB_DELETED, Outcome.JOB_REPLACED, Outcome.POD_GONE, Outcome.DISRUPTED);

    private final Stage stage;
    private final StageLook look;
    private final Clock clock;
    private final Settling settling;
    private String lastNews = "";
    private Instant newsAt;
    private Instant readAt;
    private List<Event> events = List.of();

    StageEvents(Stage stage, StageLook look, Clock clock) {
        this.stage = stage;
        this.look = look;
        this.clock = clock;
        this.settling = new Settling(stage.usableSince(), clock);
    }

    /** What the look means. */
    Finding find(Sight sight) {
        Finding finding = of(sight);
        String trouble = isAboutTheNamespace(finding) ? look.namespaceTrouble() : null;
        if (trouble != null) {
            String reason = "Namespace " + stage.namespace() + ' ' + trouble
                    + ", and its Job with it. Nobody knows how far it came: look before you run it again.";
            return finding.state() == Finding.State.OVER
                    ? Finding.over(Outcome.NAMESPACE_GONE, finding.exitCode(), reason)
                    : Finding.stopping(Outcome.NAMESPACE_GONE, "", reason);
        }
        if (finding.state() == Finding.State.STOPPING && isAboutTheNamespace(finding)) {
            Sight now = look.sight(); // the Job was read before its Pod: who deleted it may have deleted both
            if (now.job() == null || now.isJobBeingDeleted()) {
                return of(now);
            }
        }
        if (finding.state() == Finding.State.STOPPING && finding.outcome() == Outcome.DISRUPTED) {
            events = look.withEvents(sight).events(); // who stopped it
            return of(sight);
        }
        if (finding.state() != Finding.State.STARTING) {
            return finding;
        }
        Instant now = clock.instant();
        String news = sight.pod() == null ? "no Pod" : sight.pod().getMetadata().getResourceVersion();
        if (!news.equals(lastNews)) {
            lastNews = news;
            newsAt = now;
            events = List.of();
        }
        boolean quiet = !now.isBefore(newsAt.plus(QUIET));
        boolean due = readAt == null || !now.isBefore(readAt.plus(AGAIN));
        boolean last = clock.millis() >= stage.state().startupDeadlineMillis;
        if (last || quiet && due) {
            readAt = now;
            events = look.withEvents(sight).events();
        }
        return of(sight);
    }

    private static boolean isAboutTheNamespace(Finding finding) {
        boolean ends = finding.state() == Finding.State.OVER || finding.state() == Finding.State.STOPPING;
        return ends && MAY_BE_THE_NAMESPACE.contains(finding.outcome());
    }

    private Finding of(Sight sight) {
        Finding finding = Diagnosis.of(stage.spec(), stage.state().podUid, sight.with(events));
        return settling.soften(finding, events);
    }

    /** The newest event of that reason that says something, or null. */
    static Event newest(List<Event> events, String reason) {
        Event newest = null;
        for (Event event : events) {
            if (reason.equals(event.getReason())
                    && event.getMessage() != null
                    && (newest == null || time(event).compareTo(time(newest)) >= 0)) {
                newest = event;
            }
        }
        return newest;
    }

    private static String time(Event event) {
        if (event.getLastTimestamp() != null) {
            return event.getLastTimestamp();
        }
        if (event.getEventTime() != null && event.getEventTime().getTime() != null) {
            return event.getEventTime().getTime();
        }
        String created =
                event.getMetadata() == null ? null : event.getMetadata().getCreationTimestamp();
        return created == null ? "" : created;
    }
}
