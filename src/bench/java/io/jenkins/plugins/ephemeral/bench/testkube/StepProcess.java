package io.jenkins.plugins.ephemeral.bench.testkube;

import java.time.Duration;

/** A program of one step, wherever it runs. */
interface StepProcess {
    /**
     * Waits for the end.
     *
     * @param timeout bound, or null for none
     * @return whether it ended by itself; otherwise it has been killed
     */
    boolean await(Duration timeout) throws InterruptedException;

    int exitCode();

    /** Kills it. */
    void kill();
}
