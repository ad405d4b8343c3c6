package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/** What a Pod's status says, read without stumbling over what is not there. */
final class PodFacts {
    private PodFacts() {}

    /** Status of the stage's container, or null as long as there is none. */
    static ContainerStatus container(Pod pod) {
        if (pod == null || pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
            return null;
        }
        for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
            if (StageJobManifest.CONTAINER.equals(status.getName())) {
                return status;
            }
        }
        return null;
    }

    /** How the stage's container ended, or null if it did not. */
    static ContainerStateTerminated terminated(Pod pod) {
        ContainerStatus status = container(pod);
        return status == null || status.getState() == null
                ? null
                : status.getState().getTerminated();
    }

    /** Whether the stage's container ran, or does so. */
    static boolean hasBegun(Pod pod) {
        ContainerStatus status = container(pod);
        return status != null
                && status.getState() != null
                && (status.getState().getRunning() != null || status.getState().getTerminated() != null);
    }

    /** Whether the Pod is over: nothing of it will run any more. */
    static boolean isOver(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase) || terminated(pod) != null;
    }

    static List<ContainerStatus> initContainers(Pod pod) {
        List<ContainerStatus> statuses =
                pod.getStatus() == null ? null : pod.getStatus().getInitContainerStatuses();
        return statuses == null ? List.of() : statuses;
    }

    /** The condition of the Pod that is true, of that type; or null. */
    static PodCondition condition(Pod pod, String type) {
        if (pod.getStatus() == null || pod.getStatus().getConditions() == null) {
            return null;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if (type.equals(condition.getType()) && "True".equals(condition.getStatus())) {
                return condition;
            }
        }
        return null;
    }

    /**
     * Whether the node controller called the Pod not ready because its node does not answer: it changes that condition
     * alone, and gives no reason (seen on 1.20).
     */
    static boolean isNodeSilent(Pod pod) {
        boolean gates = pod.getSpec() != null
                && pod.getSpec().getReadinessGates() != null
                && !pod.getSpec().getReadinessGates().isEmpty();
        return !gates
                && pod.getStatus() != null
                && (condition(pod, "ContainersReady") != null && isFalse(pod, "Ready")
                        || "Unknown".equals(pod.getStatus().getPhase()));
    }

    private static boolean isFalse(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> type.equals(condition.getType()) && "False".equals(condition.getStatus()));
    }

    static String podReason(Pod pod) {
        return pod.getStatus() == null ? null : pod.getStatus().getReason();
    }

    static String podMessage(Pod pod) {
        String message = pod.getStatus() == null ? null : pod.getStatus().getMessage();
        return sentence(message == null || message.isEmpty() ? "no message" : message);
    }

    static String message(PodCondition condition, String otherwise) {
        return condition == null
                        || condition.getMessage() == null
                        || condition.getMessage().isEmpty()
                ? otherwise
                : sentence(condition.getMessage());
    }

    static String message(ContainerStateTerminated end) {
        String message = end.getMessage();
        return message == null || message.isEmpty() ? sentence(String.valueOf(end.getReason())) : sentence(message);
    }

    /** With a full stop, in one line, no longer than a screen. */
    static String sentence(String text) {
        String line = text.trim().replaceAll("\\s+", " ");
        line = line.length() > 800 ? line.substring(0, 800) + "…" : line;
        return line.endsWith(".") || line.endsWith("…") ? line : line + ".";
    }

    static Integer exitCode(ContainerStateTerminated end) {
        return end == null ? null : end.getExitCode();
    }

    static int value(Integer number) {
        return number == null ? -1 : number;
    }

    /** When the stage's container began to run, in the first Pod in which it did; or null. */
    static Instant startOf(List<Pod> pods) {
        for (Pod pod : pods) {
            ContainerStatus status = container(pod);
            if (status != null && status.getState() != null) {
                ContainerStateRunning running = status.getState().getRunning();
                ContainerStateTerminated end = status.getState().getTerminated();
                String at = running != null ? running.getStartedAt() : end != null ? end.getStartedAt() : null;
                if (at != null) {
                    return OffsetDateTime.parse(at).toInstant();
                }
            }
        }
        return null;
    }

    /** Digest of the image that the stage's container has, {@code sha256:...}, or null if the node does not say. */
    static String imageDigest(Pod pod) {
        ContainerStatus status = container(pod);
        String id = status == null || status.getImageID() == null ? "" : status.getImageID();
        int at = id.indexOf("@sha256:");
        return at < 0 ? null : id.substring(at + 1);
    }
}
