package io.jenkins.plugins.ephemeral.controlplane;

import io.jenkins.plugins.ephemeral.outside.Fault;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Something that is being fetched without a thread: looked at from turn to turn.
 *
 * @param <T> what it becomes
 */
public final class Download<T> implements AutoCloseable {
    private final CompletableFuture<?> exchange;
    private final CompletableFuture<T> taken;
    private final Function<Exception, Fault> faults;

    Download(
            CompletableFuture<?> exchange,
            CompletableFuture<T> taken,
            Duration longest,
            Function<Exception, Fault> faults) {
        this.exchange = exchange;
        this.taken = taken.orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS);
        this.faults = faults;
    }

    /** Whether it came to an end, good or bad. */
    public boolean isDone() {
        return taken.isDone();
    }

    /** Calls {@code wake} once when it comes to an end, or at once if it has. */
    public void whenDone(Runnable wake) {
        taken.whenComplete((result, failure) -> wake.run());
    }

    /**
     * What it became. Call it when it is done.
     *
     * @throws Fault why it could not be fetched
     */
    public T result() {
        try {
            return taken.join();
        } catch (CompletionException e) {
            close();
            throw faults.apply(e.getCause() instanceof Exception ? (Exception) e.getCause() : e);
        }
    }

    /** Stops it. Twice is harmless. */
    @Override
    public void close() {
        exchange.cancel(true);
    }
}
