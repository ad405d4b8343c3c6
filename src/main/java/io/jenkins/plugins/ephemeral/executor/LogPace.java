package io.jenkins.plugins.ephemeral.executor;

import java.time.Duration;

/** When the log of a container is asked for again. Guarded by the follower that owns it. */
final class LogPace {
    /** The longest pause between two requests. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    private static final Duration FIRST = Duration.ofMillis(300);

    /** How long a stream may go on after its container is over, before the rest is read in another way. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private int breaks;
    private long notBeforeNanos = System.nanoTime();
    private long overSinceNanos;
    private boolean over;

    /** The container is over: its log will not grow any more. */
    void over(long nowNanos) {
        if (!over) {
            over = true;
            overSinceNanos = nowNanos;
        }
    }

    /** Whether the container is over. */
    boolean isOver() {
        return over;
    }

    /** Whether a request may be made. */
    boolean isDue(long nowNanos) {
        return nowNanos - notBeforeNanos >= 0;
    }

    /** Whether a stream has gone on for too long after the end of its container. */
    boolean hasLingered(long nowNanos) {
        return over && nowNanos - overSinceNanos > LINGER.toNanos();
    }

    /** A stream has ended; the pause grows as long as nothing is heard. */
    void broke(boolean heard) {
        breaks = heard ? 1 : breaks + 1;
        Duration delay = FIRST.multipliedBy(1L << Math.min(breaks - 1, 6));
        notBeforeNanos = System.nanoTime() + (delay.compareTo(LONGEST) > 0 ? LONGEST : delay).toNanos();
    }

    /** How long until there is something to do; {@link #LONGEST} if nothing is to be done. */
    Duration untilNextLook(boolean open) {
        if (open && !over) {
            return LONGEST;
        }
        long due = open ? overSinceNanos + LINGER.toNanos() : notBeforeNanos;
        return Duration.ofNanos(Math.max(0, Math.min(LONGEST.toNanos(), due - System.nanoTime())));
    }
}
