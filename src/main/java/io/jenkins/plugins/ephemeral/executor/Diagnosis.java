package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says where a stage is, from what Kubernetes shows of its Job and Pods. Pure: the same look gives the same finding, so
 * that it can be tested with objects as servers sent them.
 */
final class Diagnosis {
    /** Nothing but another spec helps against these. */
    private static final List<String> PULL_NEVER = List.of("InvalidImageName", "ErrImageNeverPull");

    private static final List<String> PULL = List.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");

    private static final List<String> START =
            List.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError");

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
        if (pod != null && Outcomes.isOver(pod) && !(retries && mayRetry(type, pod, sight))) {
            return Outcomes.ofPod(type, pod, sight);
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
            return deleted(pod, sight.events());
        }
        return ofPod(pod, sight);
    }

    /** Its Pod was told to stop. The Job has to go, too, or Kubernetes would begin it again. */
    private static Finding deleted(Pod pod, List<Event> events) {
        Finding why = Outcomes.disruption(pod, null);
        Event preempted = newest(events, "Preempted");
        if (why == null && preempted != null) {
            why = Finding.over(
                    Outcome.PREEMPTED,
                    null,
                    "The scheduler stopped its Pod for one of higher priority: "
                            + Outcomes.sentence(preempted.getMessage())
                            + " Run the stage again, or give it a priority class that is not preempted.");
        }
        Event tainted = newest(events, "TaintManagerEviction");
        if (why == null && tainted != null) {
            why = Finding.over(
                    Outcome.DISRUPTED,
                    null,
                    "Its node was tainted: " + Outcomes.sentence(tainted.getMessage()) + " Run the stage again.");
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
            boolean ran = Outcomes.hasBegun(pod);
            over &= Outcomes.isOver(pod);
            if (ran) {
                began.add(pod.getMetadata().getName());
            }
        }
        if (began.size() < 2) {
            boolean done = Outcomes.isOver(first) && Outcomes.hasBegun(first);
            return done ? Outcomes.ofPod(type, first, sight) : deleted(first, sight.events());
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
                Outcome.LOST,
                null,
                sight.otherUid() == null
                        ? "Its Job is gone: somebody deleted it, or its namespace. Nobody knows what it did: look before you run it again."
                        : "Another Job has its name now (UID " + sight.otherUid()
                                + "): somebody deleted it and made a new one. Nobody knows what it did: look before you run it again.");
    }

    private static Finding withoutPod(StageType type, String podUid, Sight sight) {
        Pod other = sight.pod();
        if (other != null && Outcomes.isOver(other)) {
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
                    Outcome.LOST,
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
        return refused(sight.events());
    }

    /** The Job has no Pod: its events are the only thing that tells why. */
    private static Finding refused(List<Event> events) {
        Event event = newest(events, "FailedCreate");
        if (event == null) {
            return Finding.starting(
                    Outcome.POD_REFUSED,
                    "waiting for its Pod",
                    "No Pod was made for its Job, and no event says why. Does the cluster's Job controller run?");
        }
        String message = Outcomes.sentence(event.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        String why = "Its Pod was refused: " + message;
        String waiting = "waiting because its Pod is refused: " + message;
        if (lower.contains("exceeded quota") || lower.contains("resourcequotas")) {
            return Finding.starting(
                    Outcome.POD_REFUSED,
                    waiting,
                    why + " Raise the environment's quota, ask for less in resources, or run fewer things at once.");
        }
        if (lower.contains("failed quota")) {
            return Finding.hopeless(
                    Outcome.POD_REFUSED,
                    waiting,
                    why + " The quota counts these: say them in the parameter resources.");
        }
        if (lower.contains("failed calling webhook") || lower.contains("timeout") || lower.contains("timed out")) {
            return Finding.starting(
                    Outcome.POD_REFUSED, waiting, why + " Look at the admission webhook that does not answer.");
        }
        if (lower.contains("serviceaccount") && (lower.contains("not found") || lower.contains("no api token"))) {
            return Finding.hopeless(
                    Outcome.POD_REFUSED,
                    waiting,
                    why + " Name a ServiceAccount that exists in the parameter serviceAccount.");
        }
        if (lower.contains("forbidden") || lower.contains("denied") || lower.contains("invalid")) {
            return Finding.hopeless(
                    Outcome.POD_REFUSED,
                    waiting,
                    why + " Change the stage so that the cluster's policy allows it, or the policy.");
        }
        return Finding.starting(Outcome.POD_REFUSED, waiting, why);
    }

    private static Finding ofPod(Pod pod, Sight sight) {
        ContainerStatus status = Outcomes.container(pod);
        ContainerState state = status == null ? null : status.getState();
        if (state != null && state.getRunning() != null) {
            return running(pod);
        }
        PodCondition scheduled = scheduled(pod);
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        if (node == null || node.isEmpty()) {
            return unscheduled(scheduled);
        }
        for (ContainerStatus init : Outcomes.initContainers(pod)) {
            Finding finding =
                    init.getState() == null ? null : waiting(init.getState().getWaiting(), init, sight);
            if (finding != null) {
                return finding;
            }
        }
        Finding finding = state == null ? null : waiting(state.getWaiting(), status, sight);
        return finding == null ? preparing(sight.events(), node) : finding;
    }

    private static Finding running(Pod pod) {
        PodCondition ready = null;
        if (pod.getStatus().getConditions() != null) {
            for (PodCondition condition : pod.getStatus().getConditions()) {
                ready = "Ready".equals(condition.getType()) ? condition : ready;
            }
        }
        boolean silent = "Unknown".equals(pod.getStatus().getPhase())
                || ready != null && "NodeStatusUnknown".equals(ready.getReason());
        return Finding.running(silent ? "its node does not answer" : "");
    }

    private static PodCondition scheduled(Pod pod) {
        if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
            return null;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
                return condition;
            }
        }
        return null;
    }

    private static Finding unscheduled(PodCondition condition) {
        if (condition == null) {
            return Finding.starting(
                    Outcome.UNSCHEDULABLE,
                    "waiting for a node",
                    "No node was chosen for its Pod. Does the cluster's scheduler run?");
        }
        String why = condition.getMessage() == null || condition.getMessage().isEmpty()
                ? Outcomes.sentence(String.valueOf(condition.getReason()))
                : Outcomes.sentence(condition.getMessage());
        return Finding.starting(
                Outcome.UNSCHEDULABLE,
                "waiting because no node takes its Pod: " + why,
                "No node took its Pod: " + why
                        + " Ask for less in resources, check nodeSelector and tolerations, or give the cluster more nodes.");
    }

    /** What a container waits for; null if it is nothing worth a word. */
    private static Finding waiting(ContainerStateWaiting waiting, ContainerStatus status, Sight sight) {
        String reason = waiting == null ? null : waiting.getReason();
        if (reason == null) {
            return null;
        }
        String detail = waiting.getMessage() == null || waiting.getMessage().isEmpty()
                ? Outcomes.sentence(reason)
                : Outcomes.sentence(waiting.getMessage());
        if (PULL.contains(reason) || PULL_NEVER.contains(reason)) {
            return pull(reason, detail, status.getImage(), sight.events());
        }
        if (START.contains(reason)) {
            return Finding.starting(
                    Outcome.CONTAINER_START,
                    "waiting because its container cannot be created (" + reason + "): " + detail,
                    "Its container could not be created (" + reason + "): " + detail
                            + " Make what is missing, or correct its name.");
        }
        return null;
    }

    private static Finding pull(String reason, String detail, String image, List<Event> events) {
        Event failed = newest(events, "Failed");
        // "Back-off pulling image" says nothing; the event before it has the registry's words
        boolean better = failed != null
                && failed.getMessage() != null
                && failed.getMessage().contains("ull image");
        String why = better ? Outcomes.sentence(failed.getMessage()) : detail;
        String progress = "waiting because image " + image + " cannot be pulled (" + reason + ")";
        String text = "Image " + image + " could not be pulled (" + reason + "): " + why
                + " Check name and tag, that the node reaches the registry, and imagePullSecrets.";
        return PULL_NEVER.contains(reason)
                ? Finding.hopeless(Outcome.IMAGE_PULL, progress, text)
                : Finding.starting(Outcome.IMAGE_PULL, progress, text);
    }

    /** On its node, nothing wrong that its status tells: volumes, network, a long pull. */
    private static Finding preparing(List<Event> events, String node) {
        for (String reason : List.of("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox")) {
            Event event = newest(events, reason);
            if (event != null) {
                String why = Outcomes.sentence(event.getMessage());
                return Finding.starting(
                        Outcome.CONTAINER_START,
                        "waiting because of " + reason + ": " + why,
                        "Its Pod could not be prepared on node " + node + " (" + reason + "): " + why);
            }
        }
        boolean pulling = newest(events, "Pulling") != null && newest(events, "Pulled") == null;
        return Finding.starting(
                Outcome.CONTAINER_START,
                pulling ? "pulling its image" : "",
                "Its container did not run on node " + node + " in time"
                        + (pulling
                                ? ": the image was still being pulled. Raise startupTimeout, or use a smaller image."
                                : ". Raise startupTimeout, or look at the node."));
    }

    private static Event newest(List<Event> events, String reason) {
        Event newest = null;
        for (Event event : events) {
            if (reason.equals(event.getReason())
                    && event.getMessage() != null
                    && (newest == null || time(event).compareTo(time(newest)) >= 0)) {
                newest = event;
            }
        }
        return newest;
    }

    private static String time(Event event) {
        if (event.getLastTimestamp() != null) {
            return event.getLastTimestamp();
        }
        if (event.getEventTime() != null && event.getEventTime().getTime() != null) {
            return event.getEventTime().getTime();
        }
        String created =
                event.getMetadata() == null ? null : event.getMetadata().getCreationTimestamp();
        return created == null ? "" : created;
    }
}
