package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;

/**
 * Nothing is wrong outside: a gate of our own, such as a request limiter, lets this call wait. The {@link Driver} comes
 * back when it is due; it is no outage, does not count against the bound for those, and is silent while it is short.
 */
public final class QueuedFault extends TransientFault {
    private static final long serialVersionUID = 1L;

    /**
     * See {@link Fault}.
     *
     * @param due how long until the call is let through
     */
    public QueuedFault(String what, String where, String why, String remedy, Duration due) {
        super(what, where, why, remedy, due, null);
    }
}
