package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;

/** Stages that a Terrakube control plane runs. */
public interface TerrakubeJobs {
    /**
     * Validates a spec without I/O.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault naming the parameter
     */
    void validate(TerrakubeSpec spec);

    /** The state that a stage begins with: by its comments its job is found again. Pure. */
    TerrakubeState begin(TerrakubeSpec spec, RunRef run, String nodeId);

    /** The state of a stage that goes on with a job that waits for an approval. Pure. */
    TerrakubeState continued(TerrakubeEntry waiting);

    /**
     * Creates the job or decides on it, follows it and its log, and is done when it waits for an approval or is over. A
     * job that ended badly is a result, not a failure of the reconciler. Idempotent across restarts by {@code state}.
     */
    Reconciler<TerrakubeResult> run(
            TerrakubeSpec spec, TerrakubeState state, Checkpoint checkpoint, Console console, ReportStore report);

    /**
     * Cancels the job, and is done when it is over or is said to go on. Takes the same state object as {@link #run} in
     * this process (or the one that was read back after a restart), whose drive is cancelled before.
     */
    Reconciler<Void> cancel(TerrakubeSpec spec, TerrakubeState state, Console console, ReportStore report);
}
