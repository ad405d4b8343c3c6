package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.report.Verdict;

/** How a stage ended. */
public enum Outcome {
    /** Exit code 0. */
    SUCCEEDED(Verdict.PASSED),
    /** A plan found nothing to do. */
    NO_CHANGES(Verdict.PASSED),
    /** A plan found something to do. */
    CHANGES(Verdict.PASSED),
    /** Not run, since the stage it depends on had nothing to do. */
    SKIPPED(Verdict.SKIPPED),
    /** A control plane's job waited for an approval and was rejected, as the step asked for. */
    REJECTED(Verdict.SKIPPED),
    /** The program's exit code says no. */
    FAILED(Verdict.FAILED),
    /** Killed for using more memory than its limit. */
    OOM_KILLED(Verdict.FAILED),
    /** Ran longer than its timeout. */
    TIMED_OUT(Verdict.FAILED),
    /** The image could not be pulled. */
    IMAGE_PULL(Verdict.ERROR),
    /** The container could not be created or started. */
    CONTAINER_START(Verdict.ERROR),
    /** Something that the container needs is not there: a Secret, a ConfigMap, a volume. */
    CONTAINER_CONFIG(Verdict.ERROR),
    /** No node takes the Pod. */
    UNSCHEDULABLE(Verdict.ERROR),
    /** The namespace's quota is used up. */
    QUOTA(Verdict.ERROR),
    /** The Pod does not pass the namespace's Pod Security level. */
    POD_SECURITY(Verdict.ERROR),
    /** An admission webhook or policy of the cluster refused it, or did not answer. */
    ADMISSION(Verdict.ERROR),
    /** The Pod's service account does not exist. */
    SERVICE_ACCOUNT(Verdict.ERROR),
    /** No Pod could be created, for a reason that has no outcome of its own. */
    POD_REFUSED(Verdict.ERROR),
    /** Jenkins' identity may not do what the stage needs. */
    FORBIDDEN(Verdict.ERROR),
    /** The namespace is gone or on its way out. */
    NAMESPACE_GONE(Verdict.ERROR),
    /** Somebody told the Pod to stop while it ran: deleted, drained, tainted node. */
    DISRUPTED(Verdict.ERROR),
    /** The node evicted the Pod, since it ran short of memory, disk or process ids. */
    EVICTED(Verdict.ERROR),
    /** The scheduler stopped the Pod in favour of one of higher priority. */
    PREEMPTED(Verdict.ERROR),
    /** The Pod's node does not answer any more. */
    NODE_LOST(Verdict.ERROR),
    /** Kubernetes' own deadline ended the Job: the outer bound, or one that somebody else set. */
    DEADLINE(Verdict.ERROR),
    /** Kubernetes made a second Pod for the stage; it was killed. */
    DUPLICATE(Verdict.ERROR),
    /** It ended well, but its outputs are missing, empty or too large. */
    OUTPUTS(Verdict.FAILED),
    /** The outputs of the stage before are missing or were changed; the program was not started. */
    INPUTS(Verdict.ERROR),
    /** Aborted by a person or by the build. */
    ABORTED(Verdict.ABORTED),
    /** Somebody deleted the Job; what it did may not be known. */
    JOB_DELETED(Verdict.ERROR),
    /** Another Job has the name of this one, of another UID: somebody deleted it and made a new one. */
    JOB_REPLACED(Verdict.ERROR),
    /** The Job is there and its Pod is not, and nobody saw how it ended. */
    POD_GONE(Verdict.ERROR),
    /** The Job was asked for before Jenkins went away for long, and was never seen. */
    NEVER_SEEN(Verdict.ERROR),
    /** What is to be seen contradicts itself or tells nothing: nobody knows what it did. */
    LOST(Verdict.ERROR);

    private final Verdict verdict;

    Outcome(Verdict verdict) {
        this.verdict = verdict;
    }

    /**
     * Whether the infrastructure took a stage away that had done nothing wrong, so that running it again may help. A
     * stage that changes things may have done half of them: whether it is run again is for a person to say.
     */
    public boolean isInfrastructureLoss() {
        return this == EVICTED || this == PREEMPTED || this == DISRUPTED || this == NODE_LOST || this == POD_GONE;
    }

    /** What it means in a report. */
    public Verdict verdict() {
        return verdict;
    }
}
