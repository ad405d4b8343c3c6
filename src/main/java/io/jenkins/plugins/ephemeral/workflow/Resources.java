package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.List;

/** Testkube resources of environments. */
public interface Resources {
    /**
     * Validates all documents before the first write (size, aliases, kinds, scope, namespaces; file and line in the
     * message) and has the server check them by dry run, then applies them: to the cluster by server-side apply where it
     * knows their kinds, Testkube's resources also to the control plane by REST where the spec names one (connected
     * runners take their workflows from there). Waits until they are available if the spec says so.
     *
     * @param environment where
     * @param sources the files
     * @param spec how
     * @param report the build's; it keeps when the newest run of the environment had been asked for before anything was
     *     written, so that runs of earlier builds are not taken for those that this build's triggers start
     */
    Reconciler<ApplyResult> apply(
            NamespaceRef environment,
            List<ManifestSource> sources,
            ApplySpec spec,
            Console console,
            ReportStore report);
}
