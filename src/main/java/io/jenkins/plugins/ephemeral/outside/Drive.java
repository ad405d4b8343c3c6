package io.jenkins.plugins.ephemeral.outside;

/** One reconciler being driven. */
public interface Drive {
    /** Asks for a turn now; a turn that is running is followed by another one. Never blocks, may be called often. */
    void wake();

    /**
     * Ends it: no further turn begins, the listener is not called any more. A turn that is running is not
     * interrupted, its outcome is dropped. Never blocks.
     */
    void cancel();

    /**
     * Has {@code letGo} called once when it is over (done, failed or cancelled), after its last turn and before the
     * listener hears of it; at once if it is over already. For subscriptions and streams that a turn opened.
     *
     * @param letGo never blocks
     */
    void whenOver(Runnable letGo);

    /** Whether the listener was called or it was cancelled. */
    boolean isOver();

    /** What it is doing, for the thread dump. No I/O. */
    String status();

    /**
     * Hears how it ended; exactly one method is called, once, on a driver thread.
     *
     * @param <T> the result
     */
    interface Listener<T> {
        /** It is done. */
        void done(T result);

        /** It failed: a {@link Fault}, or an unexpected exception. */
        void failed(Throwable failure);
    }
}
