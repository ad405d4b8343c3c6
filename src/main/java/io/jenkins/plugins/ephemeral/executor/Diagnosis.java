package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;

/**
 * Says where a stage is, from what Kubernetes shows of its Job and Pods. Pure: the same look gives the same finding, so
 * that it can be tested with objects as servers sent them.
 */
final class Diagnosis {
    private Diagnosis() {}

    /**
     * What a look means.
     *
     * @param spec the stage
     * @param podUid UID of the Pod that was seen first, or null if none was seen yet
     * @param sight the look
     */
    static Finding of(StageJobSpec spec, String podUid, Sight sight) {
        StageType type = StageType.of(spec);
        boolean retries = spec.backoffLimit > 0;
        if (!retries && sight.pods().size() > 1) {
            return several(type, podUid, sight);
        }
        Pod pod = retries || podUid == null ? sight.pod() : sight.pod(podUid);
        if (pod != null && PodFacts.isOver(pod) && !(retries && mayRetry(type, pod, sight))) {
            return ended(type, pod, sight);
        }
        if (sight.job() == null) {
            return pod == null ? gone(sight) : Finding.running("its Job was deleted by somebody");
        }
        if (pod == null) {
            return withoutPod(type, podUid, sight);
        }
        if (sight.isJobBeingDeleted()) {
            return Finding.running("its Job is being deleted by somebody");
        }
        if (pod.getMetadata().getDeletionTimestamp() != null && !retries) {
            return deleted(pod, sight);
        }
        return PodWaiting.of(pod, sight);
    }

    /** How a Pod that is over ended; one that was stopped along with its Job was not stopped for itself. */
    private static Finding ended(StageType type, Pod pod, Sight sight) {
        Finding end = Outcomes.ofPod(type, pod, sight);
        boolean stopped = end.outcome() == Outcome.DISRUPTED && Disruptions.of(pod, null) == null;
        boolean jobDeleted = sight.job() == null || sight.isJobBeingDeleted();
        if (!stopped || !jobDeleted || pod.getMetadata().getDeletionTimestamp() == null) {
            return end;
        }
        return Finding.over(
                sight.otherUid() == null ? Outcome.JOB_DELETED : Outcome.JOB_REPLACED,
                end.exitCode(),
                "Somebody deleted its Job while it ran. " + Outcomes.killedHard(PodFacts.value(end.exitCode()))
                        + " Look at what it was to change before you run it again.");
    }

    /** Its Pod was told to stop. The Job has to go, too, or Kubernetes would begin it again. */
    private static Finding deleted(Pod pod, Sight sight) {
        if (sight.isDeadlineOver() || sight.wasDeletedAfterDeadline(pod)) {
            return Finding.stopping(
                    Outcome.DEADLINE,
                    "its deadline is over",
                    Outcomes.deadline(null).reason());
        }
        List<Event> events = sight.events();
        if (PodFacts.isNodeSilent(pod)) {
            return Finding.stopping(
                    Outcome.NODE_LOST,
                    "its node does not answer, and Kubernetes gives its Pod up",
                    Disruptions.nodeLost(null, pod).reason());
        }
        Finding why = Disruptions.of(pod, null);
        Event preempted = StageEvents.newest(events, "Preempted");
        if (why == null && preempted != null) {
            why = Finding.over(
                    Outcome.PREEMPTED,
                    null,
                    "The scheduler stopped its Pod for one of higher priority: "
                            + PodFacts.sentence(preempted.getMessage())
                            + " Run the stage again, or give it a priority class that is not preempted.");
        }
        Event tainted = StageEvents.newest(events, "TaintManagerEviction");
        if (why == null && tainted != null) {
            why = Finding.over(
                    Outcome.DISRUPTED,
                    null,
                    "Its node was tainted: " + PodFacts.sentence(tainted.getMessage()) + " Run the stage again.");
        }
        return why == null
                ? Finding.stopping(
                        Outcome.DISRUPTED,
                        "its Pod is being deleted by somebody",
                        "Somebody deleted its Pod: a person, a drained node, a clean-up. The Job was deleted, too, so that Kubernetes does not begin it again. Look at what it was to change before you run it again.")
                : Finding.stopping(why.outcome(), "its Pod is told to stop", why.reason());
    }

    /** More Pods than there should be: Kubernetes replaced one that somebody deleted, or made a mistake. */
    private static Finding several(StageType type, String podUid, Sight sight) {
        Pod first = podUid == null || sight.pod(podUid) == null ? sight.pods().get(0) : sight.pod(podUid);
        List<String> began = new ArrayList<>();
        boolean over = true;
        for (Pod pod : sight.pods()) {
            boolean ran = PodFacts.hasBegun(pod);
            over &= PodFacts.isOver(pod);
            if (ran) {
                began.add(pod.getMetadata().getName());
            }
        }
        if (began.size() < 2) {
            boolean done = PodFacts.isOver(first) && PodFacts.hasBegun(first);
            return done ? Outcomes.ofPod(type, first, sight) : deleted(first, sight);
        }
        String reason = "Kubernetes ran it more than once, in Pods " + String.join(" and ", began)
                + ". Look at what it was to change before you run it again.";
        return over && (sight.job() == null || sight.isJobOver())
                ? Finding.over(
                        Outcome.DUPLICATE, Outcomes.ofPod(type, first, sight).exitCode(), reason)
                : Finding.stopping(Outcome.DUPLICATE, "Kubernetes made a second Pod for it", reason);
    }

    /** Whether Kubernetes may make another Pod after this one, by backoffLimit. */
    private static boolean mayRetry(StageType type, Pod pod, Sight sight) {
        if (sight.job() == null || sight.isJobOver()) {
            return false;
        }
        Finding end = Outcomes.ofPod(type, pod, sight);
        return end.outcome().verdict() != io.jenkins.plugins.ephemeral.report.Verdict.PASSED;
    }

    private static Finding gone(Sight sight) {
        return Finding.over(
                sight.otherUid() == null ? Outcome.JOB_DELETED : Outcome.JOB_REPLACED,
                null,
                sight.otherUid() == null
                        ? "Its Job is gone: somebody deleted it, or Kubernetes did, ttlSecondsAfterFinished after its end, while Jenkins was away. Nobody knows what it did: look before you run it again."
                        : "Another Job has its name now (UID " + sight.otherUid()
                                + "): somebody deleted it and made a new one. Nobody knows what it did: look before you run it again.");
    }

    private static Finding withoutPod(StageType type, String podUid, Sight sight) {
        Pod other = sight.pod();
        if (other != null && PodFacts.isOver(other)) {
            return Finding.over(
                    Outcome.DUPLICATE,
                    Outcomes.ofPod(type, other, sight).exitCode(),
                    "Its Pod was deleted, and Kubernetes ran it a second time in Pod "
                            + other.getMetadata().getName()
                            + ". Look at what it was to change before you run it again.");
        }
        if (sight.isJobOver()) {
            return Outcomes.ofJobWithoutPod(type, sight);
        }
        if (sight.isJobBeingDeleted()) {
            return Finding.running("its Job is being deleted by somebody");
        }
        if (podUid != null) {
            return Finding.stopping(
                    Outcome.POD_GONE,
                    "its Pod is gone",
                    "Its Pod is gone: somebody deleted it, or its node. The Job was deleted, too, so that Kubernetes does not begin it again. Nobody knows what it did: look before you run it again.");
        }
        if (Boolean.TRUE.equals(
                sight.job().getSpec() == null ? null : sight.job().getSpec().getSuspend())) {
            return Finding.starting(
                    Outcome.POD_REFUSED,
                    "waiting because the Job is suspended",
                    "Somebody suspended the Job: a queueing controller, or a person.");
        }
        return PodRefusal.of(sight.events());
    }
}
