package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;

/** Stage Jobs. */
public interface StageJobs {
    /**
     * Takes the administrator's defaults for what the spec leaves out, validates it, and holds its Pod against what the
     * administrator allows. Once for each stage, before its name is decided: a restart in its middle does not meet
     * newer settings.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault naming the parameter or the setting
     */
    void prepare(NamespaceRef environment, StageJobSpec spec, RunRef run);

    /**
     * Links a stage to the one it comes {@code after}: commit, image and outputs of that one are written into the spec.
     * Pure.
     *
     * @param environment where the stage is to run
     * @param report what the build knows so far
     * @return null if it is to be run, SKIPPED if there is nothing to do
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if it must not run
     */
    StageJobResult link(NamespaceRef environment, StageJobSpec spec, Report report);

    /**
     * Validates a spec without I/O.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault naming the parameter
     */
    void validate(StageJobSpec spec);

    /**
     * Deterministic name of the Job of (controller, run, flow node): DNS-1123, at most 63 characters. Pure. An attempt
     * of a {@code retry} has flow nodes of its own, so that each attempt has a Job of its own.
     */
    String jobName(StageJobSpec spec, RunRef run, String nodeId);

    /**
     * Launches the Job, follows it and its log, and is done with its outcome; a stage that ended badly is a result,
     * not a failure of the reconciler. The report's entry is kept up to date. Idempotent across restarts by
     * {@code state}; its {@code jobName} is set by the caller beforehand.
     *
     * @param archive keeps a copy of the outputs if the spec asks for it
     */
    Reconciler<StageJobResult> run(
            NamespaceRef environment,
            StageJobSpec spec,
            StageJobState state,
            RunRef run,
            Checkpoint checkpoint,
            Console console,
            ReportStore report,
            StageArchive archive);

    /**
     * Deletes the Job with grace, drains its log, and is done when its Pod is gone or said to be still there; the
     * result is ABORTED. Takes the same state object as {@link #run} in this process (or the one that was read back
     * after a restart), whose drive is cancelled before: a turn of it that is still under way is waited for.
     */
    Reconciler<StageJobResult> cancel(
            NamespaceRef environment, StageJobSpec spec, StageJobState state, Console console, ReportStore report);

    /**
     * Nobody goes on with a stage, since its {@link #run} failed: its lock is given up if its Job was never made, else it
     * stays taken until who wants it next has seen that nothing of the stage runs any more. Touches no cluster.
     */
    void abandon(NamespaceRef environment, StageJobSpec spec, StageJobState state, Console console);
}
