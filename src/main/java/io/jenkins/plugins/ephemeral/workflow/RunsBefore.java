package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.time.Instant;
import java.util.List;

/**
 * Which runs of an environment cannot have been started by this build's triggers: those that were there before it
 * applied anything. It is told by the time at which the newest of them was asked for, which is the control plane's own;
 * Jenkins' clock plays no part. Taken before the first apply of a build, and again before the first one with triggers.
 */
final class RunsBefore {
    private RunsBefore() {}

    /** Writes it down, once, before the first write; done again after a restart it changes nothing. */
    static void write(ReportStore report, NamespaceRef environment, TestkubeClient client, List<Manifest> manifests)
            throws InterruptedException {
        boolean triggers = manifests.stream().anyMatch(each -> each.kind().equals(ManifestLoader.TRIGGER));
        EnvironmentEntry known = Merging.environment(report.read(), environment.environment());
        if (client == null || known.applied && (known.appliedTriggers || !triggers)) {
            return;
        }
        Instant newest;
        try {
            newest = client.runs().newest(RunTags.ENVIRONMENT, environment.environment());
        } catch (UserFault refused) {
            // whoever only applies needs no right to see runs; whoever waits for some is refused there
            newest = null;
        }
        Instant before = newest;
        report.update(written -> {
            EnvironmentEntry entry = Merging.environment(written, environment.environment());
            entry.applied = true;
            entry.appliedTriggers |= triggers;
            entry.runsBefore = before;
        });
    }

    /** Milliseconds since the epoch after which a run that a trigger started was asked for; 0 for any time. */
    static long millis(EnvironmentEntry entry) {
        return entry.runsBefore == null ? 0 : entry.runsBefore.toEpochMilli();
    }
}
