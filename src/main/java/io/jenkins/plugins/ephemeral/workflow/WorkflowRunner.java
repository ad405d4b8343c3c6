package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Path;
import java.util.Objects;

/** Workflow runs through the control plane's REST API. Thread-safe; holds nothing that a restart would miss. */
public final class WorkflowRunner implements Workflows {
    private final TestkubeClients clients;

    /** @param clients clients of the control planes */
    public WorkflowRunner(TestkubeClients clients) {
        this.clients = Objects.requireNonNull(clients);
    }

    @Override
    public Reconciler<WorkflowsResult> run(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            RunRef run,
            Path artifacts,
            Checkpoint checkpoint,
            Console console,
            ReportStore report) {
        RunScope scope = new RunScope(environment, spec, run, artifacts, checkpoint, console, report);
        return new WorkflowRuns(clients, scope, state);
    }

    @Override
    public Reconciler<Void> abort(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            Console console,
            ReportStore report) {
        RunScope scope = new RunScope(environment, spec, null, null, () -> {}, console, report);
        return new RunAbortion(clients, scope, state);
    }
}
