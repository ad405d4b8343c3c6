package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.List;

/** Says what a Pod that is not over does, or what it waits for. */
final class PodWaiting {
    /** Nothing but another spec helps against these. */
    private static final List<String> PULL_NEVER = List.of("InvalidImageName", "ErrImageNeverPull");

    private static final List<String> PULL = List.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");

    /** Names what is missing: a Secret, a ConfigMap, a key of one. */
    private static final String CONFIG = "CreateContainerConfigError";

    private static final List<String> START =
            List.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError");

    private PodWaiting() {}

    static Finding of(Pod pod, Sight sight) {
        ContainerStatus status = PodFacts.container(pod);
        ContainerState state = status == null ? null : status.getState();
        if (state != null && state.getRunning() != null) {
            return Finding.running(PodFacts.isNodeSilent(pod) ? "its node does not answer" : "");
        }
        PodCondition scheduled = scheduled(pod);
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        if (node == null || node.isEmpty()) {
            return unscheduled(scheduled);
        }
        for (ContainerStatus init : PodFacts.initContainers(pod)) {
            Finding finding =
                    init.getState() == null ? null : waiting(init.getState().getWaiting(), init, sight);
            if (finding != null) {
                return finding;
            }
        }
        Finding finding = state == null ? null : waiting(state.getWaiting(), status, sight);
        return finding == null ? preparing(sight.events(), node) : finding;
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
                ? PodFacts.sentence(String.valueOf(condition.getReason()))
                : PodFacts.sentence(condition.getMessage());
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
                ? PodFacts.sentence(reason)
                : PodFacts.sentence(waiting.getMessage());
        if (PULL.contains(reason) || PULL_NEVER.contains(reason)) {
            return pull(reason, detail, status.getImage(), sight.events());
        }
        if (START.contains(reason)) {
            return Finding.starting(
                    CONFIG.equals(reason) ? Outcome.CONTAINER_CONFIG : Outcome.CONTAINER_START,
                    "waiting because its container cannot be created (" + reason + "): " + detail,
                    "Its container could not be created (" + reason + "): " + detail + ' ' + remedy(reason, detail));
        }
        return null;
    }

    private static String remedy(String reason, String detail) {
        if (detail.contains("runAsNonRoot")) {
            return "Take an image that does not run as root, or say another user in securityContext (runAsUser).";
        }
        return CONFIG.equals(reason)
                ? "Make what is missing, or correct its name."
                : "Check what it names in securityContext, volumes and command, or look at the node.";
    }

    private static Finding pull(String reason, String detail, String image, List<Event> events) {
        Event failed = StageEvents.newest(events, "Failed");
        // "Back-off pulling image" says nothing; the event before it has the registry's words
        boolean better = failed != null
                && failed.getMessage() != null
                && failed.getMessage().contains("ull image");
        String why = better ? PodFacts.sentence(failed.getMessage()) : detail;
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
            Event event = StageEvents.newest(events, reason);
            if (event != null) {
                String why = PodFacts.sentence(event.getMessage());
                boolean missing = why.contains("not found");
                return Finding.starting(
                        missing ? Outcome.CONTAINER_CONFIG : Outcome.CONTAINER_START,
                        "waiting because of " + reason + ": " + why,
                        "Its Pod could not be prepared on node " + node + " (" + reason + "): " + why);
            }
        }
        boolean pulling = StageEvents.newest(events, "Pulling") != null && StageEvents.newest(events, "Pulled") == null;
        return Finding.starting(
                Outcome.CONTAINER_START,
                pulling ? "pulling its image" : "",
                "Its container did not run on node " + node + " in time"
                        + (pulling
                                ? ": the image was still being pulled. Raise startupTimeout, or use a smaller image."
                                : ". Raise startupTimeout, or look at the node."));
    }
}
