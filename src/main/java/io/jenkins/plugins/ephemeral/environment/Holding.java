package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How environments are let go of: by the block that held them, or because the build that did is gone. */
final class Holding {
    private static final Logger LOGGER = Logger.getLogger(Holding.class.getName());
    /** What was said of a branch may be taken back within this time, as when a pull request is closed and reopened. */
    static final Duration RUMOUR = Duration.ofSeconds(60);

    /** A build must be seen ended twice, so far apart: one that resumes may look ended for a moment. */
    static final Duration SEEN_TWICE = Duration.ofSeconds(10);

    private final EnvironmentService service;
    private final Map<RunRef, Instant> seenOver = new ConcurrentHashMap<>();

    Holding(EnvironmentService service) {
        this.service = service;
    }

    /** The block of that build lets go of what it holds or waits for under that name. */
    void letGo(String name, RunRef by, String nodeId, Ending ending, Console console) {
        List<EnvironmentRecord> concerned = service.registry()
                .all(each -> (name.equals(each.name) || name.equals(each.base))
                        && (each.isHeldBy(by, nodeId) || each.isAwaitedBy(by, nodeId) || isAdopted(each, by)));
        for (EnvironmentRecord record : concerned) {
            if (!record.isHeldBy(by, nodeId) && !isAdopted(record, by)) {
                service.registry().change(record.name, each -> each.letGo(by, nodeId));
            } else if (!EnvironmentService.isLive(record.state)) {
                service.drive(record.name, console);
            } else {
                letGo(record, by, nodeId, ending, console);
            }
        }
    }

    /** Held by nobody though its build is this one: found again after its record was lost. */
    private static boolean isAdopted(EnvironmentRecord record, RunRef by) {
        return record.spec.lifetime == Lifetime.BUILD
                && record.holders.isEmpty()
                && record.run().equals(by);
    }

    private void letGo(EnvironmentRecord record, RunRef by, String nodeId, Ending ending, Console console) {
        boolean kept = record.spec.lifetime == Lifetime.BUILD
                && ending == Ending.FAILURE
                && record.spec.keepOnFailure
                && record.state == EnvironmentState.READY;
        // without a namespace there is nothing to leave to anybody
        boolean left = record.spec.lifetime == Lifetime.BRANCH && record.uid != null;
        boolean shared = record.holders.size() > 1;
        if (!kept && !left && !shared) {
            service.end(record.name, ending, console);
            return;
        }
        Optional<EnvironmentRecord> now = service.registry().change(record.name, each -> {
            each.letGo(by, nodeId);
            if (each.holders.isEmpty()) {
                each.expiresAt = idle(each);
                each.reason = kept ? "It is kept after a failure." : null;
            }
        });
        String until = now.map(each -> each.expiresAt.truncatedTo(ChronoUnit.SECONDS))
                .map(Instant::toString)
                .orElse("");
        String what = kept
                ? "kept after the failure, until " + until
                : shared ? "left to those who share it" : "left for the next build, until " + until;
        console.line("Environment " + record.name + ": " + what + '.');
    }

    /** Until when it waits for its next build. */
    private Instant idle(EnvironmentRecord record) {
        Instant usual = record.deadline(service.now());
        Instant soon = service.now().plus(RUMOUR);
        return record.rumoured && soon.isBefore(usual) ? soon : usual;
    }

    /** Extends the time to live of what is held or in use. */
    void renew(String name) {
        service.registry().change(name, record -> {
            Instant deadline = record.deadline(service.now());
            Duration gained = Duration.between(record.expiresAt, deadline);
            // not worth a write for each minute of a day
            boolean worthIt = gained.compareTo(record.spec.ttl.dividedBy(20)) > 0;
            if (EnvironmentService.isLive(record.state) && worthIt) {
                record.expiresAt = deadline;
            }
        });
    }

    /** Frees it from builds that hold it or wait for it and are over, once that was seen twice. */
    void lookAtBuilds(EnvironmentRecord record) {
        for (Holder holder : record.holders) {
            freeIfOver(record, holder);
        }
        for (Holder waiting : record.queue) {
            freeIfOver(record, waiting);
        }
    }

    /** Forgets what was seen of builds that no environment names any more. */
    void forgetOthers() {
        Set<RunRef> named = new HashSet<>();
        for (EnvironmentRecord record : service.registry().all()) {
            record.holders.forEach(each -> named.add(each.run(record.controllerId)));
            record.queue.forEach(each -> named.add(each.run(record.controllerId)));
        }
        seenOver.keySet().retainAll(named);
    }

    /** Of how many builds it was seen that they are over. */
    int seenOver() {
        return seenOver.size();
    }

    private void freeIfOver(EnvironmentRecord record, Holder holder) {
        RunRef run = holder.run(record.controllerId);
        if (service.builds().state(run) != Builds.Run.OVER) {
            seenOver.remove(run);
            return;
        }
        Instant first = seenOver.putIfAbsent(run, service.now());
        if (first != null && !service.now().isBefore(first.plus(SEEN_TWICE))) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Environment " + record.name + " is freed from " + run.externalId() + ", which is over");
            letGo(record.name, run, holder.nodeId, Ending.RUN_LOST, Console.NONE);
            seenOver.remove(run);
        }
    }
}
