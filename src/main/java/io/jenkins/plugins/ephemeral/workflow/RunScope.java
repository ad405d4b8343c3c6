package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Path;

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

    RunScope(
            NamespaceRef environment,
            WorkflowRunSpec spec,
            RunRef build,
            Path artifacts,
            Checkpoint checkpoint,
            Console console,
            ReportStore report,
            Cluster resourceCluster) {
        this.environment = environment;
        this.spec = spec;
        this.build = build;
        this.artifacts = artifacts;
        this.checkpoint = checkpoint;
        this.console = console;
        this.report = report;
        this.resourceCluster = resourceCluster;
    }

    /** The same with another report. */
    RunScope reportingTo(ReportStore other) {
        return new RunScope(environment, spec, build, artifacts, checkpoint, console, other, resourceCluster);
    }
}
