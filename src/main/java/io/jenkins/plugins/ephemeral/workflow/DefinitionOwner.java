package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whose a definition in a control plane is. What all builds share by name belongs to the job that wrote it, or to the
 * main branch of that job's project once it has written it; what is one environment's own belongs to that. Said by a
 * label with the controller and an annotation with the job. What earlier versions wrote carries the hash alone, and
 * belongs to whoever writes it next.
 */
final class DefinitionOwner {
    /** Annotation of what we write: hash of the manifest, by which another build sees whether its own says the same. */
    static final String HASH = "jenkins.io/definition-hash";

    /** Label of what is one environment's own, with its name: selectors of other environments must not find it. */
    static final String VARIANT = "jenkins.io/ephemeral-environment";

    /** Annotation of what is shared: full name of the job that wrote it. */
    static final String JOB = "jenkins.io/definition-job";

    private final String controllerId;
    private final NamespaceRef environment;
    private final ApplySpec spec;

    DefinitionOwner(String controllerId, NamespaceRef environment, ApplySpec spec) {
        this.controllerId = controllerId;
        this.environment = environment;
        this.spec = spec;
    }

    /** Whether a definition is no variant, or one of this environment. */
    static boolean mayUse(Map<String, String> labels, NamespaceRef environment, String controllerId) {
        String owner = labels.get(VARIANT);
        return owner == null
                || owner.equals(environment.environment())
                        && controllerId.equals(labels.getOrDefault(Owed.CONTROLLER_LABEL, controllerId));
    }

    Map<String, String> labels(boolean own) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(Owed.CONTROLLER_LABEL, controllerId);
        if (own) {
            labels.put(VARIANT, environment.environment());
        }
        return labels;
    }

    Map<String, String> annotations(boolean own) {
        return own || spec.job == null ? Map.of() : Map.of(JOB, spec.job);
    }

    /** Whose a definition is that was found under a name, for people; null if it is ours to write. */
    String other(TestkubeResource known, boolean own) {
        // a GitOps agent copies what is in the namespace, with the labels that it has there
        String copied = known.labels().get(Labels.CONTROLLER);
        String controller = known.labels().getOrDefault(Owed.CONTROLLER_LABEL, copied);
        String job = known.annotations().get(JOB);
        String variantOf = known.labels().get(VARIANT);
        if (controller != null && !controller.equals(controllerId)) {
            return "another Jenkins controller, " + controller + (job == null ? "" : " (job " + job + ')');
        }
        if (own || variantOf != null) {
            return own && environment.environment().equals(variantOf)
                    ? null
                    : variantOf == null ? "nobody's environment" : "environment " + variantOf;
        }
        if (controller == null && !known.annotations().containsKey(HASH)) {
            return "somebody who is no build of Jenkins: it has no label " + Owed.CONTROLLER_LABEL;
        }
        boolean ours = job == null || spec.job == null || job.equals(spec.job) || isOfOurMain(job);
        return ours ? null : "job " + job;
    }

    /** The main branch takes over what other branches of its project have written. */
    private boolean isOfOurMain(String job) {
        return spec.mainOf != null && job.startsWith(spec.mainOf + '/');
    }
}
