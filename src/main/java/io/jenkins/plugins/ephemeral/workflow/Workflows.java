package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Path;

/** Workflow runs. */
public interface Workflows {
    /**
     * Starts the runs, follows them (status by polling is the truth, notifications are printed as they come, with step
     * prefixes), collects logs, artifacts and JUnit into the report, and ends when all are over. Idempotent across
     * restarts by {@code state}.
     *
     * @param environment where they run
     * @param spec what to run
     * @param state how far it is; changed in place and made durable by {@code checkpoint}
     * @param run the build, for tags
     * @param artifacts folder of the build that artifacts are kept in
     */
    Reconciler<WorkflowsResult> run(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            RunRef run,
            Path artifacts,
            Checkpoint checkpoint,
            Console console,
            ReportStore report);

    /** Aborts the runs of {@code state} that are not over and is done when the control plane confirmed it. */
    Reconciler<Void> abort(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            Console console,
            ReportStore report);
}
