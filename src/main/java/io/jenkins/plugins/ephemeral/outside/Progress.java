package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;
import java.util.Objects;

/**
 * What one turn of a {@link Reconciler} came to: done with a result, or to be looked at again.
 *
 * @param <T> the result
 */
public final class Progress<T> {
    private final boolean done;
    private final T result;
    private final Duration delay;

    private Progress(boolean done, T result, Duration delay) {
        this.done = done;
        this.result = result;
        this.delay = delay;
    }

    /** The undertaking is over; {@code result} may be null. */
    public static <T> Progress<T> done(T result) {
        return new Progress<>(true, result, Duration.ZERO);
    }

    /** To be looked at again after {@code delay}, or earlier if somebody calls {@link Drive#wake()}. */
    public static <T> Progress<T> again(Duration delay) {
        return new Progress<>(false, null, Objects.requireNonNull(delay));
    }

    /** Whether it is over. */
    public boolean isDone() {
        return done;
    }

    /** The result when done, else null. */
    public T result() {
        return result;
    }

    /** When not done: how long until the next turn. */
    public Duration delay() {
        return delay;
    }
}
