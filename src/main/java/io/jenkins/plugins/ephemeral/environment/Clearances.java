package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Which identities were found to have all rights, per cluster as it is configured. Only the good news is kept: a right
 * that was missing is looked for anew by the next build.
 */
final class Clearances {
    private static final Duration KEPT = Duration.ofMinutes(5);

    private final Map<Cluster, Map<String, Instant>> known = new WeakHashMap<>();
    private final InstantSource clock;

    Clearances(InstantSource clock) {
        this.clock = clock;
    }

    synchronized boolean has(Cluster cluster, String subject) {
        Instant at = known.getOrDefault(cluster, Map.of()).get(subject);
        return at != null && clock.instant().isBefore(at.plus(KEPT));
    }

    synchronized void add(Cluster cluster, String subject) {
        known.computeIfAbsent(cluster, key -> new HashMap<>()).put(subject, clock.instant());
    }

    /** Something was refused there: what was known is in doubt. */
    synchronized void forget(Cluster cluster) {
        known.remove(cluster);
    }
}
