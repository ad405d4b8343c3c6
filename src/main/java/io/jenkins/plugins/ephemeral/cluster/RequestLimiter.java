package io.jenkins.plugins.ephemeral.cluster;

import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * How many requests an API server is asked for at most: a token bucket, since the client library throttles nothing.
 *
 * <p>Who comes when it is empty gets a place in the queue and is told when it is due. Builds take turns, however many
 * requests each of them has waiting: a place is numbered by how many the build had before it, not by when it was taken.
 * A turn that was let through once is let through to its end and leaves a debt to the bucket: sent away in the middle it
 * would ask everything again.
 *
 * <p>What is more urgent goes first ({@link Urgency}), though nobody waits for ever: who was passed by for half a minute
 * goes before all others. What is done at leisure leaves half of the bucket to the others.
 *
 * <p>A 429 halves the rate, at most once a second, and stops everything for as long as the server asked; without
 * further ones the rate is back after some twenty seconds.
 */
public final class RequestLimiter {
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;
    /** Who does not come for this long after it was due does not come at all. */
    private static final long FORFEIT_NANOS = 30 * SECOND;
    /** Who is late by this much is not waited for, but keeps its place. */
    private static final long LATE_NANOS = SECOND;

    /** Who waits for this long is not passed by any more. */
    private static final long PATIENCE_NANOS = 30 * SECOND;

    private static final long LONG_WAIT_NANOS = 2 * SECOND;
    private static final double SLOWEST_PER_SECOND = 0.5;
    private static final double GROWTH_PER_SECOND = 0.05;
    private static final double ROUNDING = 1e-9;

    private final LongSupplier nanoTime;
    private final Map<Object, Place> places = new HashMap<>();
    private final TreeSet<Place> queue = new TreeSet<>();
    /** Number of the last place of each party and urgency; of no interest once nobody waits. */
    private final Map<Object, Long> lastOf = new HashMap<>();

    /** Highest number that was let through, by urgency. */
    private final long[] served = new long[Urgency.values().length];

    private long arrivals;
    private double configuredPerSecond;
    private double perSecond;
    private int burst;
    private double tokens;
    private long filledNanos;
    private long halvedNanos;
    private long blockedUntilNanos;
    private long requests;
    private long longWaits;
    private long throttlings;

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
            // watches, and people who wait for a page
            admit(cluster, Thread.currentThread(), Thread.currentThread(), Urgency.ENDING, false);
        } else {
            admit(cluster, turn.drive(), turn.party(), turn.urgency(), turn.hasPassed(this));
            turn.passed(this);
        }
    }

    /** For who belongs to no build: it is a party of its own. */
    void admit(String cluster, Object who, boolean letThrough) {
        admit(cluster, who, who, Urgency.USUAL, letThrough);
    }

    /**
     * @param who keeps its place between two attempts
     * @param party the build on whose behalf it asks; parties take turns
     * @param urgency whom it goes before; a place that it has takes the higher one
     * @param letThrough whether the same turn was let through before
     */
    synchronized void admit(String cluster, Object who, Object party, Urgency urgency, boolean letThrough) {
        long now = nanoTime.getAsLong();
        refill(now);
        if (letThrough && now - blockedUntilNanos >= 0) {
            tokens -= 1;
            requests++;
            if (!places.isEmpty()) {
                numberFor(party, urgency);
            }
            return;
        }
        Place mine = places.get(who);
        if (mine == null || urgency.compareTo(mine.urgency) < 0) {
            long since = mine == null ? now : mine.sinceNanos;
            remove(who, mine);
            mine = new Place(urgency, numberFor(party, urgency), arrivals++, since, now);
            places.put(who, mine);
            queue.add(mine);
        }
        long wait = wait(mine, now);
        if (wait <= 0) {
            remove(who, mine);
            int kind = mine.urgency.ordinal();
            served[kind] = Math.max(served[kind], mine.number);
            tokens -= 1;
            requests++;
            return;
        }
        mine.dueNanos = now + wait;
        if (!mine.isLong && urgency != Urgency.LEISURE && mine.dueNanos - mine.sinceNanos > LONG_WAIT_NANOS) {
            mine.isLong = true;
            longWaits++;
        }
        throw new QueuedFault(
                "Waiting for the request limiter",
                cluster,
                "more than " + rounded(perSecond) + " requests per second are wanted of this API server; about "
                        + Math.max(1, Math.round(wait / (double) SECOND)) + " s to go",
                "",
                // whole milliseconds, rounded up: timers know no less, and who comes early has come in vain
                Duration.ofMillis((wait + MILLISECOND - 1) / MILLISECOND));
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
            throttlings++;
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

    /** How it goes just now, and the counters since the start. */
    synchronized Traffic traffic() {
        refill(nanoTime.getAsLong());
        return new Traffic(configuredPerSecond, perSecond, places.size(), requests, longWaits, throttlings);
    }

    /** The next number of a party: one more than its last, and never before those that were let through already. */
    private long numberFor(Object party, Urgency urgency) {
        if (places.isEmpty()) {
            lastOf.clear(); // who used what while nobody waited does not matter
        }
        long before = served[urgency.ordinal()];
        List<Object> key = List.of(party, urgency);
        long number = Math.max(before, lastOf.getOrDefault(key, before)) + 1;
        lastOf.put(key, number);
        return number;
    }

    /** How long until it may go, in nanoseconds; 0 when it may. */
    private long wait(Place mine, long now) {
        long ahead = queue.headSet(mine).stream()
                .filter(each -> now - each.dueNanos <= LATE_NANOS)
                .count();
        int left = mine.urgency == Urgency.LEISURE ? burst / 2 : 0;
        double missing = ahead + 1 + left - tokens;
        long wait = missing <= ROUNDING ? 0 : (long) Math.ceil(missing / perSecond * SECOND);
        return Math.max(wait, blockedUntilNanos - now);
    }

    private void refill(long now) {
        double seconds = (now - filledNanos) / (double) SECOND;
        filledNanos = now;
        if (perSecond < configuredPerSecond && now - halvedNanos >= SECOND) {
            perSecond = Math.min(configuredPerSecond, perSecond + seconds * GROWTH_PER_SECOND * configuredPerSecond);
        }
        if (!places.isEmpty()) {
            Map.copyOf(places).forEach((who, place) -> {
                if (now - place.dueNanos > FORFEIT_NANOS) {
                    remove(who, place);
                } else if (place.urgency != Urgency.ENDING && now - place.sinceNanos > PATIENCE_NANOS) {
                    queue.remove(place);
                    Place first = place.first();
                    places.put(who, first);
                    queue.add(first);
                }
            });
        }
        tokens = Math.min(burst, tokens + seconds * perSecond);
    }

    private void remove(Object who, Place place) {
        if (place != null) {
            places.remove(who);
            queue.remove(place);
        }
    }

    private static String rounded(double rate) {
        return rate == Math.rint(rate)
                ? String.valueOf((long) rate)
                : String.format(java.util.Locale.ROOT, "%.1f", rate);
    }
}
