package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Which way one kind is followed in one cluster; asked for now and then, as rights change. Thread-safe. */
final class FollowingChoice {
    private static final Logger LOGGER = Logger.getLogger(FollowingChoice.class.getName());
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Cluster cluster;
    private final Class<? extends HasMetadata> type;
    private Following way;
    private long decidedNanos;

    FollowingChoice(Cluster cluster, Class<? extends HasMetadata> type) {
        this.cluster = cluster;
        this.type = type;
    }

    /** The way; null until it was decided. No I/O. */
    synchronized Following way() {
        return way;
    }

    /**
     * Asks the server, if it was not asked lately.
     *
     * @throws QueuedFault if the limiter lets it wait
     */
    void review() {
        synchronized (this) {
            if (way != null && System.nanoTime() - decidedNanos < KEPT_NANOS) {
                return;
            }
        }
        try {
            decided(Following.of(cluster, type));
        } catch (QueuedFault fault) {
            throw fault;
        } catch (Fault fault) {
            LOGGER.log(Level.FINE, fault, fault::getMessage); // then the watch itself will tell
        }
    }

    /** Notes what came out, be it of a review or of an attempt. */
    void decided(Following decision) {
        synchronized (this) {
            decidedNanos = System.nanoTime();
            if (decision == way) {
                return;
            }
            way = decision;
        }
        LOGGER.info(() ->
                "Cluster " + cluster.name() + ": " + type.getSimpleName() + " is followed by " + decision.words());
    }
}
