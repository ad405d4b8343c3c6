package io.jenkins.plugins.ephemeral.executor;

import java.time.Duration;

/** When the log of a container is asked for again. Guarded by the follower that owns it. */
final class LogPace {
    /** The longest pause between two requests. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    private static final Duration FIRST = Duration.ofMillis(300);

    /**
     * How long a stream that follows may be silent after its container is over, before the rest is read: some nodes look
     * only every few seconds whether a container is over.
     */
    private static final Duration LINGER = Duration.ofMillis(100);

    /** How long a stream may go on after its Pod is gone: there is no other way to read the rest. */
    private static final Duration LINGER_GONE = Duration.ofSeconds(5);

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

    /** Whether a stream that follows has gone on for too long after the end of its container. */
    boolean hasLingered(long nowNanos, long heardNanos) {
        return over && nowNanos - lastNanos(heardNanos) > LINGER.toNanos();
    }

    /** Whether a stream has gone on for too long after the end of its Pod. */
    boolean hasLingeredGone(long nowNanos) {
        return over && nowNanos - overSinceNanos > LINGER_GONE.toNanos();
    }

    private long lastNanos(long heardNanos) {
        return heardNanos - overSinceNanos > 0 ? heardNanos : overSinceNanos;
    }

    /** A stream has ended; the pause grows as long as nothing is heard. */
    void broke(boolean heard) {
        breaks = heard ? 1 : breaks + 1;
        Duration delay = FIRST.multipliedBy(1L << Math.min(breaks - 1, 6));
        notBeforeNanos = System.nanoTime() + (delay.compareTo(LONGEST) > 0 ? LONGEST : delay).toNanos();
    }

    /** How long until a request may be made. */
    Duration untilNextRequest() {
        return Duration.ofNanos(Math.max(0, Math.min(LONGEST.toNanos(), notBeforeNanos - System.nanoTime())));
    }

    /** How long until there is something to do about a stream that follows; {@link #LONGEST} if there is nothing. */
    Duration untilLingered(long heardNanos) {
        if (!over) {
            return LONGEST;
        }
        long left = lastNanos(heardNanos) + LINGER.toNanos() - System.nanoTime();
        return left <= 0 ? LINGER : Duration.ofNanos(left);
    }
}
