package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Path;
import java.util.Objects;

/** Workflow runs through the REST API of the control plane, or of a standalone agent. Thread-safe; holds nothing that a restart would miss. */
public final class WorkflowRunner implements Workflows {
    private final TestkubeClients clients;
    private final Clusters clusters;

    /**
     * @param clients clients of the control planes
     * @param clusters the clusters, through which standalone agents are reached
     */
    public WorkflowRunner(TestkubeClients clients, Clusters clusters) {
        this.clients = Objects.requireNonNull(clients);
        this.clusters = Objects.requireNonNull(clusters);
    }

    /** What leads to the runs, with the configuration as it is now. */
    private TestkubeClient client(NamespaceRef environment, WorkflowRunSpec spec) {
        return spec.agentService == null
                ? clients.client(spec.controlPlane)
                : clients.standalone(
                        environment.cluster() + '/' + spec.agentService,
                        new ServiceProxyHttp(clusters.cluster(environment.cluster()), spec.agentService));
    }

    private Cluster resources(NamespaceRef environment, WorkflowRunSpec spec) {
        return spec.executionNamespace == null ? null : clusters.cluster(environment.cluster());
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
        RunScope scope = new RunScope(
                environment, spec, run, artifacts, checkpoint, console, report, resources(environment, spec));
        return new WorkflowRuns(() -> client(environment, spec), scope, state);
    }

    @Override
    public Reconciler<Void> abort(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            Console console,
            ReportStore report) {
        RunScope scope =
                new RunScope(environment, spec, null, null, () -> {}, console, report, resources(environment, spec));
        return new RunAbortion(() -> client(environment, spec), scope, state);
    }
}
