package io.jenkins.plugins.ephemeral.cluster;

import java.time.Duration;

/**
 * How long to look away between two looks by oneself: so long that all who look for the same reason leave the rest of the
 * request limit to others, however many they are.
 */
final class Looks {
    /** While a watch stands, at least: how late a lost event is noticed. */
    static final Duration WATCHED = Duration.ofSeconds(15);
    /** While none stands, at least. */
    static final Duration BLIND = Duration.ofSeconds(1);

    /** What of the request limit those may use who look to be sure, and those who look because nothing wakes them. */
    private static final double WATCHED_SHARE = 0.25;

    private static final double BLIND_SHARE = 0.5;

    private Looks() {}

    /**
     * @param watched whether a watch stands
     * @param looking how many look for the same reason, a request each
     * @param perSecond requests that the limiter lets through
     */
    static Duration apart(boolean watched, long looking, double perSecond) {
        double share = perSecond * (watched ? WATCHED_SHARE : BLIND_SHARE);
        Duration least = watched ? WATCHED : BLIND;
        Duration all = Duration.ofMillis((long) (looking * 1000 / share));
        return all.compareTo(least) > 0 ? all : least;
    }
}
