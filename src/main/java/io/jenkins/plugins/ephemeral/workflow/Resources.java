package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.util.List;
import java.util.Map;

/** Testkube resources of environments. */
public interface Resources {
    /**
     * Validates all documents before the first write (size, aliases, kinds, scope, namespaces; file and line in the
     * message), then applies them: to the cluster by server-side apply where it knows Testkube's CRDs, to the control
     * plane by REST where {@code controlPlane} is given (connected runners take their workflows from there).
     *
     * @param environment where
     * @param sources the files
     * @param parameters values for {@code ${name}} in the texts; an undefined one is refused
     * @param prune whether to take away what an earlier call of this environment applied and this one does not name
     * @param controlPlane name of the Testkube control plane, or null for none
     */
    Reconciler<ApplyResult> apply(
            NamespaceRef environment,
            List<ManifestSource> sources,
            Map<String, String> parameters,
            boolean prune,
            String controlPlane,
            Console console);
}
