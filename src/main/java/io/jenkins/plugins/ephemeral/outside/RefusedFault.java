package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;

/**
 * The other side did not do it, and that is certain: it was not reached, or throttles. Unlike after any other
 * {@link TransientFault}, asking again cannot do it twice.
 */
public final class RefusedFault extends TransientFault {
    private static final long serialVersionUID = 1L;

    /** See {@link TransientFault}. */
    public RefusedFault(String what, String where, String why, String remedy, Duration retryAfter, Throwable cause) {
        super(what, where, why, remedy, retryAfter, cause);
    }
}
