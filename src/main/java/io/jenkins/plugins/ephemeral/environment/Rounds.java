package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** When the reaper goes round: from the start of the service to its end, jittered. */
final class Rounds {
    private static final Logger LOGGER = Logger.getLogger(Rounds.class.getName());
    /** What builds that resume after a start have to renew what they hold. */
    private static final Duration GRACE = Duration.ofMinutes(5);

    private static final Duration FIRST = Duration.ofSeconds(20);
    private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(10);

    private final EnvironmentService service;
    private final IntSupplier periodSeconds;
    private volatile boolean closed;
    private volatile Duration lastPeriod = SHORTEST_PERIOD;

    Rounds(EnvironmentService service, IntSupplier periodSeconds) {
        this.service = service;
        this.periodSeconds = periodSeconds;
    }

    /** Takes up what an earlier life left, and begins. */
    void start() {
        for (EnvironmentRecord record : service.registry().all()) {
            try {
                takeUp(record);
            } catch (RuntimeException e) {
                // the disk, most likely: the reaper comes back to it, and Jenkins starts all the same
                LOGGER.log(Level.WARNING, e, () -> "Environment " + record.name + " is taken up later");
            }
        }
        schedule(FIRST);
    }

    void close() {
        closed = true;
    }

    /** How long one round is away from the next, about. */
    Duration period() {
        try {
            Duration period = Duration.ofSeconds(periodSeconds.getAsInt());
            lastPeriod = period.compareTo(SHORTEST_PERIOD) < 0 ? SHORTEST_PERIOD : period;
        } catch (RuntimeException e) {
            // the configuration is being loaded anew, or is broken: the reaper goes round all the same
            LOGGER.log(Level.WARNING, e, () -> "The reaper's period cannot be read; it stays at " + lastPeriod);
        }
        return lastPeriod;
    }

    private void takeUp(EnvironmentRecord record) {
        if (!EnvironmentService.isLive(record.state)) {
            service.drive(record.name, Console.NONE);
            return;
        }
        Instant usual = record.deadline(service.now());
        Instant soon = service.now().plus(GRACE);
        Instant grace = usual.isBefore(soon) ? usual : soon;
        service.registry().change(record.name, changed -> {
            if (changed.expiresAt.isBefore(grace)) {
                changed.expiresAt = grace;
            }
        });
    }

    private void schedule(Duration delay) {
        // jittered, so that controllers that started together do not ask together
        long millis = delay.toMillis();
        long jittered = millis * 4 / 5 + ThreadLocalRandom.current().nextLong(millis * 2 / 5);
        service.driver().schedule("reaper", Duration.ofMillis(jittered), () -> {
            if (closed) {
                return;
            }
            try {
                service.reap();
            } finally {
                schedule(period());
            }
        });
    }
}
