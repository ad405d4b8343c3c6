package io.jenkins.plugins.ephemeral.cluster;

import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many requests an API server is asked for at most: a token bucket, since the client library throttles nothing.
 *
 * <p>Who comes when it is empty gets a place in the queue and is told when it is due; each drive has one place at a
 * time, so that one that wants much takes turns with one that wants little. A turn that was let through once is let
 * through to its end and leaves a debt to the bucket: sent away in the middle it would ask everything again.
 *
 * <p>A 429 halves the rate, at most once a second, and stops everything for as long as the server asked; without
 * further ones the rate is back after some twenty seconds.
 */
public final class RequestLimiter {
    private static final long SECOND = 1_000_000_000L;
    /** Who does not come for this long after it was due does not come at all. */
    private static final long FORFEIT_NANOS = 30 * SECOND;

    private static final double SLOWEST_PER_SECOND = 0.5;
    private static final double GROWTH_PER_SECOND = 0.05;

    private final LongSupplier nanoTime;
    private final Map<Object, Long> due = new LinkedHashMap<>();
    private double configuredPerSecond;
    private double perSecond;
    private int burst;
    private double tokens;
    private long filledNanos;
    private long halvedNanos;
    private long blockedUntilNanos;

    /**
     * @param requestsPerSecond refill rate
     * @param burst how many requests may be made at once after a pause
     */
    public RequestLimiter(double requestsPerSecond, int burst) {
        this(requestsPerSecond, burst, System::nanoTime);
    }

    RequestLimiter(double requestsPerSecond, int burst, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.filledNanos = nanoTime.getAsLong();
        this.blockedUntilNanos = filledNanos;
        this.halvedNanos = filledNanos - SECOND;
        configure(requestsPerSecond, burst);
        this.tokens = this.burst;
    }

    /** Takes other limits from now on; a rate that the server made us lower stays lowered until it has grown back. */
    synchronized void configure(double requestsPerSecond, int newBurst) {
        double rate = Math.max(SLOWEST_PER_SECOND, requestsPerSecond);
        int size = Math.max(1, newBurst);
        if (rate == configuredPerSecond && size == burst) {
            return;
        }
        boolean lowered = perSecond < configuredPerSecond;
        configuredPerSecond = rate;
        perSecond = lowered ? Math.min(perSecond, rate) : rate;
        burst = size;
    }

    /**
     * Takes the right to make one request.
     *
     * @param cluster name of the cluster, for the message
     * @throws QueuedFault if there is none now, saying when to come back
     */
    void acquire(String cluster) {
        Turn turn = Turn.current();
        if (turn == null) {
            admit(cluster, Thread.currentThread(), false);
        } else {
            admit(cluster, turn.drive(), turn.hasPassed(this));
            turn.passed(this);
        }
    }

    /**
     * @param who keeps its place between two attempts
     * @param letThrough whether the same turn was let through before
     */
    synchronized void admit(String cluster, Object who, boolean letThrough) {
        long now = nanoTime.getAsLong();
        refill(now);
        if (letThrough && now - blockedUntilNanos >= 0) {
            tokens -= 1;
            return;
        }
        long wait = place(who, now);
        if (wait > 0) {
            throw new QueuedFault(
                    "Waiting for the request limiter",
                    cluster,
                    "more than " + rounded(perSecond) + " requests per second are wanted of this API server; about "
                            + Math.max(1, Math.round(wait / (double) SECOND)) + " s to go",
                    "",
                    Duration.ofNanos(wait));
        }
    }

    /**
     * The server said 429, or 503 with a time to wait.
     *
     * @param retryAfter for how long nothing is sent
     */
    synchronized void throttled(Duration retryAfter) {
        long now = nanoTime.getAsLong();
        refill(now);
        if (now - halvedNanos >= SECOND) {
            halvedNanos = now;
            perSecond = Math.max(SLOWEST_PER_SECOND, perSecond / 2);
        }
        tokens = Math.min(tokens, 0);
        long until = now + Math.max(0, retryAfter.toNanos());
        blockedUntilNanos = until - blockedUntilNanos > 0 ? until : blockedUntilNanos;
    }

    /** Requests per second that are let through now: what is configured, or less after a 429. */
    public synchronized double requestsPerSecond() {
        refill(nanoTime.getAsLong());
        return perSecond;
    }

    /** How long this one waits, in nanoseconds; 0 when it may go, which uses up its place. */
    private long place(Object who, long now) {
        Long mine = due.get(who);
        if (mine == null && tokens >= 1 && now - blockedUntilNanos >= 0) {
            tokens -= 1;
            return 0;
        }
        if (mine == null) {
            tokens -= 1;
            mine = now + (long) (Math.max(0, -tokens) / perSecond * SECOND);
        }
        if (blockedUntilNanos - mine > 0) {
            mine = blockedUntilNanos;
        }
        if (now - mine >= 0) {
            due.remove(who);
            return 0;
        }
        due.put(who, mine);
        return mine - now;
    }

    private void refill(long now) {
        double seconds = (now - filledNanos) / (double) SECOND;
        filledNanos = now;
        if (perSecond < configuredPerSecond && now - halvedNanos >= SECOND) {
            perSecond = Math.min(configuredPerSecond, perSecond + seconds * GROWTH_PER_SECOND * configuredPerSecond);
        }
        for (Iterator<Long> places = due.values().iterator(); places.hasNext(); ) {
            if (now - places.next() > FORFEIT_NANOS) {
                places.remove();
                tokens += 1;
            }
        }
        tokens = Math.min(burst, tokens + seconds * perSecond);
    }

    private static String rounded(double rate) {
        return rate == Math.rint(rate)
                ? String.valueOf((long) rate)
                : String.format(java.util.Locale.ROOT, "%.1f", rate);
    }
}
