package io.jenkins.plugins.ephemeral.outside;

/**
 * An undertaking that goes on outside, looked at again and again until it is over. Between two turns no thread is
 * held. A reconciler holds no truth: made anew from its persisted request and state after a restart, it finds out by
 * looking where it is. Turns of one reconciler never overlap.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface Reconciler<T> {
    /**
     * One turn: looks, does what can be done now, and says when to come back. It may make outside calls (each is
     * bounded in time) but never sleeps or waits for something to happen.
     *
     * @return done, or when to look again
     * @throws UserFault to fail now
     * @throws TransientFault to be called again with back-off; what was done before stays done
     * @throws LostFault to fail as lost
     */
    Progress<T> reconcile() throws InterruptedException;

    /** What it waits for, a lowercase clause for the thread dump: {@code "waiting for the agent's Pod"}. No I/O. */
    default String status() {
        return "working";
    }
}
