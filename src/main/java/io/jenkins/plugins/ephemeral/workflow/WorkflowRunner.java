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
import java.time.Duration;
import java.util.Objects;

/** Workflow runs through the REST API of the control plane, or of a standalone agent. Thread-safe; holds nothing that a restart would miss. */
public final class WorkflowRunner implements Workflows {
    /**
     * Longer than a proxy or a control plane holds a request back that it carries out in the end, as a rule. Nothing
     * bounds that: what comes to light later still is ended as a second run.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestkubeClients clients;
    private final Clusters clusters;
    private final Duration patience;

    /**
     * @param clients clients of the control planes
     * @param clusters the clusters, through which standalone agents are reached
     */
    public WorkflowRunner(TestkubeClients clients, Clusters clusters) {
        this(clients, clusters, PATIENCE);
    }

    /** @param patience how long a run is looked for whose start was asked for and not answered */
    WorkflowRunner(TestkubeClients clients, Clusters clusters, Duration patience) {
        this.patience = patience;
        this.clients = Objects.requireNonNull(clients);
        this.clusters = Objects.requireNonNull(clusters);
    }

    /** What leads to the runs, with the configuration as it is now. */
    private TestkubeClient client(NamespaceRef environment, WorkflowRunSpec spec) {
        return spec.agentService == null
                ? clients.client(spec.controlPlane)
                : standalone(clients, clusters, environment, spec.agentService);
    }

    /** What leads to a standalone agent. */
    static TestkubeClient standalone(
            TestkubeClients clients, Clusters clusters, NamespaceRef environment, String agentService) {
        return clients.standalone(
                environment.cluster() + '/' + agentService,
                new ServiceProxyHttp(clusters.cluster(environment.cluster()), agentService));
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
                environment, spec, run, artifacts, checkpoint, console, report, resources(environment, spec), patience);
        return new WorkflowRuns(() -> client(environment, spec), scope, state);
    }

    @Override
    public Reconciler<Void> abort(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            Console console,
            ReportStore report) {
        RunScope scope = new RunScope(
                environment, spec, null, null, () -> {}, console, report, resources(environment, spec), patience);
        return new RunAbortion(() -> client(environment, spec), scope, state);
    }
}
