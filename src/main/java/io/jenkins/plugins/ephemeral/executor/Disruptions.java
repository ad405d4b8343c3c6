package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.List;

/**
 * Reads from a Pod who took it away: its scheduler, its node, a drain. Reasons and messages are those of Kubernetes'
 * own components (1.20 to 1.34); where the tests have them from is said in docs/support.md.
 */
final class Disruptions {
    /** A Pod's reason when its node shut down; since 1.22 the first, before the others. */
    private static final List<String> SHUTDOWN = List.of("Terminated", "Shutdown", "NodeShutdown");

    /** Of the condition DisruptionTarget (1.27 and later; 1.26.0), and a Pod's own when the kubelet made room. */
    private static final List<String> PREEMPTION =
            List.of("PreemptionByScheduler", "PreemptionByKubeScheduler", "Preempting", "Preempted");

    private Disruptions() {}

    /** Whether that is what a Pod says whose node was shut down in an orderly way. */
    static boolean isShutDown(String podReason) {
        return podReason != null && SHUTDOWN.contains(podReason);
    }

    private static boolean isPreemption(String reason) {
        return reason != null && PREEMPTION.contains(reason);
    }

    /** What Kubernetes says that it does to the Pod (1.26 and later; before only preemption), or null. */
    static Finding of(Pod pod, Integer exitCode) {
        PodCondition condition = PodFacts.condition(pod, "DisruptionTarget");
        String podReason = PodFacts.podReason(pod);
        if (condition == null) {
            return isPreemption(podReason) ? disrupted(exitCode, podReason, PodFacts.podMessage(pod)) : null;
        }
        String message = PodFacts.message(condition, PodFacts.podMessage(pod));
        if ("TerminationByKubelet".equals(condition.getReason())) {
            return byKubelet(exitCode, podReason, message);
        }
        return disrupted(exitCode, String.valueOf(condition.getReason()), message);
    }

    /** Three things have the same condition; a kubelet's later update may drop the Pod's reason, not the words. */
    private static Finding byKubelet(Integer exitCode, String podReason, String message) {
        if (isShutDown(podReason) || message.contains("node shutdown")) {
            return shutDown(exitCode, message);
        }
        if (isPreemption(podReason) || message.contains("preempted by Kubelet")) {
            return disrupted(exitCode, "Preempting", message);
        }
        return Finding.over(
                Outcome.EVICTED,
                exitCode,
                "The node ended its Pod: " + message + " Ask for as much as it needs in resources.");
    }

    /** Its node was shut down in an orderly way. */
    static Finding shutDown(Integer exitCode, String message) {
        return Finding.over(
                Outcome.DISRUPTED, exitCode, "Its node was shut down: " + message + " Run the stage again.");
    }

    private static Finding disrupted(Integer exitCode, String reason, String message) {
        if (isPreemption(reason)) {
            return Finding.over(
                    Outcome.PREEMPTED,
                    exitCode,
                    "It was stopped for a Pod of higher priority: " + message
                            + " Run the stage again, or give it a priority class that is not preempted.");
        }
        if ("DeletionByPodGC".equals(reason)) {
            return Finding.over(
                    Outcome.NODE_LOST,
                    exitCode,
                    "Its node is gone: " + message + " Nobody knows how far it came: look before you run it again.");
        }
        return Finding.over(
                Outcome.DISRUPTED,
                exitCode,
                "Its Pod was told to stop (" + reason + "): " + message + " Run the stage again.");
    }

    /** Its node does not answer. */
    static Finding nodeLost(Integer exitCode, Pod pod) {
        return Finding.over(
                Outcome.NODE_LOST,
                exitCode,
                "Its node"
                        + (pod.getSpec() == null || pod.getSpec().getNodeName() == null
                                ? ""
                                : " " + pod.getSpec().getNodeName())
                        + " does not answer: nobody knows how far it came. Look before you run it again.");
    }
}
