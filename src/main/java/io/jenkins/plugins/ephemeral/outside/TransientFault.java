package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;

/** The other side cannot answer now (no connection, throttled, 5xx): the {@link Driver} tries again with back-off. */
public class TransientFault extends Fault {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /**
     * See {@link Fault}.
     *
     * @param retryAfter how long the other side asked us to wait, or {@link Duration#ZERO} if it did not
     */
    public TransientFault(String what, String where, String why, String remedy, Duration retryAfter, Throwable cause) {
        super(what, where, why, remedy, cause);
        this.retryAfter = retryAfter;
    }

    /** How long the other side asked us to wait at least; zero if it did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
