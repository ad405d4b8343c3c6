package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Path;
import java.time.Duration;

/** What all runs of one step have in common. */
final class RunScope {
    final NamespaceRef environment;
    final WorkflowRunSpec spec;
    final RunRef build;
    final Path artifacts;
    final Checkpoint checkpoint;
    final Console console;
    final ReportStore report;

    /** Where runs are started by resources; null if they are started by the API. */
    final Cluster resourceCluster;

    /** How long a run is looked for whose start was asked for and not answered, before it is asked for again. */
    final Duration patience;

    RunScope(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            RunRef build,
            Path artifacts,
            Checkpoint checkpoint,
            Console console,
            ReportStore report,
            Cluster resourceCluster,
            Duration patience) {
        this.environment = environment;
        this.spec = spec;
        this.build = build;
        this.artifacts = artifacts;
        this.checkpoint = checkpoint;
        this.console = console;
        this.report = report;
        this.resourceCluster = resourceCluster;
        this.patience = patience;
    }

    /** The same with another report. */
    RunScope reportingTo(ReportStore other) {
        return new RunScope(environment, spec, build, artifacts, checkpoint, console, other, resourceCluster, patience);
    }
}
