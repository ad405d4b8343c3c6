package io.jenkins.plugins.ephemeral.controlplane;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** An open stream of events. */
public final class Subscription implements AutoCloseable {
    private final AtomicLong lastAliveNanos = new AtomicLong(System.nanoTime());
    private volatile boolean closed;
    private volatile CompletableFuture<?> exchange;

    /** How long nothing has arrived, heartbeats included. */
    public Duration silentFor() {
        return Duration.ofNanos(System.nanoTime() - lastAliveNanos.get());
    }

    /** Something arrived. */
    void alive() {
        lastAliveNanos.set(System.nanoTime());
    }

    boolean isClosed() {
        return closed;
    }

    /** The exchange began; {@code ended} is called when it is over, unless it was closed before. */
    void opened(CompletableFuture<?> open, Runnable ended) {
        exchange = open;
        open.whenComplete((answer, failure) -> {
            if (!closed) {
                ended.run();
            }
        });
    }

    /** Ends it; its listener is not called any more. Twice is harmless. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<?> open = exchange;
        if (open != null) {
            open.cancel(true);
        }
    }
}
