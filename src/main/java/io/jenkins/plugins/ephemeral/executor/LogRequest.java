package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A request for a log, which can be called off before and after it was answered. Thread-safe. */
final class LogRequest {
    private static final Logger LOGGER = Logger.getLogger(LogRequest.class.getName());

    private CompletableFuture<?> response;
    private AsyncBody body;
    private boolean cancelled;

    /** It is under way. */
    synchronized void sent(CompletableFuture<?> pending) {
        response = pending;
    }

    /**
     * It was answered.
     *
     * @param answer the body, or null if there is none
     * @return whether anybody still wants it
     */
    synchronized boolean answered(AsyncBody answer) {
        body = answer;
        return !cancelled;
    }

    /** Nobody wants it any more. */
    void cancel() {
        AsyncBody open;
        CompletableFuture<?> pending;
        synchronized (this) {
            cancelled = true;
            open = body;
            pending = response;
        }
        try {
            if (open != null) {
                open.cancel();
            } else if (pending != null) {
                pending.cancel(true);
            }
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "the client was closed, and its streams with it", e);
        }
    }
}
