package io.jenkins.plugins.ephemeral.executor;

/**
 * Keeps the turns of one stage's {@code run} and {@code cancel} apart, within this process: a cancel waits for the turn
 * of a run that is under way, which might just be creating the Job, and no further turn begins after it.
 */
final class StageTurns {
    private boolean running;
    private boolean cancelled;
    private StageLogs logs;

    /** A turn of the run wants to begin; false if it must not. */
    synchronized boolean enter() {
        if (cancelled) {
            return false;
        }
        running = true;
        return true;
    }

    /** The turn is over. */
    synchronized void leave() {
        running = false;
    }

    /** A cancel begins; whether no turn of the run is under way any more. */
    synchronized boolean cancel() {
        cancelled = true;
        return !running;
    }

    /** From now on these logs are printed; those of an earlier reconciler of the same stage are closed. */
    void takeOver(StageLogs next) {
        StageLogs before;
        synchronized (this) {
            before = logs == next ? null : logs;
            logs = next;
        }
        if (before != null) {
            before.close();
        }
    }
}
