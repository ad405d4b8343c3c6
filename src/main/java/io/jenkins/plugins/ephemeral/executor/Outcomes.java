package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.List;

/**
 * Reads from Pod and Job how a stage ended. The container's exit code decides; the Job's conditions confirm it or tell
 * what the Pod cannot: a deadline, or that there is no Pod any more.
 */
final class Outcomes {
    /** 128 + SIGKILL. */
    static final int KILLED = 137;

    /** 128 + SIGTERM. */
    static final int TERMINATED = 143;

    /** The exit code of {@code terraform plan -detailed-exitcode} that says that there is something to do. */
    private static final int PLAN_HAS_CHANGES = 2;

    private static final List<String> START_ERRORS = List.of("StartError", "ContainerCannotRun", "RunContainerError");

    private Outcomes() {}

    /** What a program's own exit code means for a stage of that type. */
    static Outcome of(StageType type, int exitCode) {
        if (type == StageType.PLAN && exitCode == PLAN_HAS_CHANGES) {
            return Outcome.CHANGES;
        }
        if (exitCode != 0) {
            return Outcome.FAILED;
        }
        return type == StageType.PLAN ? Outcome.NO_CHANGES : Outcome.SUCCEEDED;
    }

    /** How a Pod that is over ended; {@code sight} adds what the Job says. */
    static Finding ofPod(StageType type, Pod pod, Sight sight) {
        ContainerStateTerminated end = PodFacts.terminated(pod);
        JobCondition failed = sight.jobCondition("Failed");
        boolean deadline = sight.isDeadlineOver() || !sight.isJobOver() && sight.wasDeletedAfterDeadline(pod);
        if (end != null && good(type, end) && !notStarted(end)) {
            boolean contradiction = failed != null && !deadline && PodFacts.value(end.getExitCode()) == 0;
            return contradiction ? contradiction(end, failed) : program(type, end, "");
        }
        if (deadline || "DeadlineExceeded".equals(PodFacts.podReason(pod))) {
            return deadline(PodFacts.exitCode(end));
        }
        Finding infrastructure = infrastructure(pod, end);
        if (infrastructure != null) {
            return infrastructure;
        }
        return end == null ? withoutContainer(type, pod) : container(type, pod, end);
    }

    /** How a Job that is over ended, of which no Pod is left. */
    static Finding ofJobWithoutPod(StageType type, Sight sight) {
        if (sight.jobCondition("Complete") != null) {
            return Finding.over(
                    of(type, 0),
                    0,
                    "The Job is complete; its Pod was removed before its log could be read to the end.");
        }
        JobCondition failed = sight.jobCondition("Failed");
        if ("DeadlineExceeded".equals(failed.getReason())) {
            return deadline(null);
        }
        return Finding.over(
                Outcome.POD_GONE,
                null,
                "The Job failed (" + failed.getReason()
                        + (failed.getMessage() == null ? "" : ": " + failed.getMessage())
                        + ") and its Pod is gone, so nobody knows what it did. Was it deleted, or its node? Look at what it was to change before you run it again.");
    }

    private static boolean good(StageType type, ContainerStateTerminated end) {
        return end.getExitCode() != null && of(type, end.getExitCode()) != Outcome.FAILED;
    }

    private static Finding contradiction(ContainerStateTerminated end, JobCondition failed) {
        return Finding.over(
                Outcome.LOST,
                end.getExitCode(),
                "Its container ended with exit code 0, but the Job failed (" + failed.getReason()
                        + "): nobody knows which of them is right. Look at what it was to change before you run it again.");
    }

    static Finding deadline(Integer exitCode) {
        return Finding.over(
                Outcome.DEADLINE,
                exitCode,
                "Kubernetes stopped it, since it took longer than the Job's activeDeadlineSeconds. Jenkins' own timeout comes first unless Jenkins was away: raise timeout, or look why it takes so long.");
    }

    /** What happened to the Pod as a whole, or null if it was nothing of that kind. */
    private static Finding infrastructure(Pod pod, ContainerStateTerminated end) {
        Integer exitCode = PodFacts.exitCode(end);
        String reason = PodFacts.podReason(pod);
        String message = PodFacts.podMessage(pod);
        if ("Evicted".equals(reason)) {
            return Finding.over(
                    Outcome.EVICTED,
                    exitCode,
                    "The node evicted its Pod: " + message
                            + " Ask for as much as it needs in resources (memory, ephemeral-storage), so that it is put on a node that has it.");
        }
        Finding disruption = Disruptions.of(pod, exitCode);
        if (disruption != null) {
            return disruption;
        }
        if ("NodeLost".equals(reason) || end != null && "ContainerStatusUnknown".equals(end.getReason())) {
            return Disruptions.nodeLost(exitCode, pod);
        }
        if (Disruptions.isShutDown(reason)) {
            return Disruptions.shutDown(exitCode, message);
        }
        boolean signalled = end != null
                && (PodFacts.value(end.getExitCode()) == KILLED || PodFacts.value(end.getExitCode()) == TERMINATED)
                && !"OOMKilled".equals(end.getReason());
        if (signalled && pod.getMetadata().getDeletionTimestamp() != null) {
            return Finding.over(
                    Outcome.DISRUPTED,
                    exitCode,
                    "Somebody deleted its Pod while it ran: a person, a drained node, a clean-up. "
                            + killedHard(PodFacts.value(end.getExitCode())));
        }
        return null;
    }

    /** The Pod failed without its container having ended: it was refused by the node, or an init container failed. */
    private static Finding withoutContainer(StageType type, Pod pod) {
        for (ContainerStatus init : PodFacts.initContainers(pod)) {
            ContainerStateTerminated end =
                    init.getState() == null ? null : init.getState().getTerminated();
            if (end != null
                    && PodFacts.value(end.getExitCode()) != 0
                    && init.getName().equals(HandoverPod.INPUTS)) {
                return Finding.over(
                        Outcome.INPUTS,
                        end.getExitCode(),
                        "The outputs of the stage before cannot be used, so it was not started: "
                                + PodFacts.message(end) + " Run the stage before again.");
            }
            if (end != null && PodFacts.value(end.getExitCode()) != 0) {
                return program(StageType.CUSTOM, end, "Init container " + init.getName() + " failed. ");
            }
        }
        if ("Succeeded".equals(pod.getStatus().getPhase())) {
            return Finding.over(of(type, 0), 0, "");
        }
        String reason = PodFacts.podReason(pod);
        return Finding.over(
                Outcome.POD_REFUSED,
                null,
                "The node did not take its Pod (" + (reason == null ? "no reason given" : reason) + "): "
                        + PodFacts.podMessage(pod) + " Run it again; if it stays so, look at the node.");
    }

    private static Finding container(StageType type, Pod pod, ContainerStateTerminated end) {
        if ("OOMKilled".equals(end.getReason())) {
            return Finding.over(
                    Outcome.OOM_KILLED,
                    end.getExitCode(),
                    "It was killed for using more memory than " + memoryLimit(pod)
                            + ". Raise memory in resources, or make it use less.");
        }
        if (notStarted(end)) {
            return Finding.over(
                    Outcome.CONTAINER_START,
                    end.getExitCode(),
                    "Its container could not be started: " + PodFacts.message(end)
                            + " Check command and args, and that the image has what they name.");
        }
        return program(type, end, "");
    }

    private static boolean notStarted(ContainerStateTerminated end) {
        return START_ERRORS.contains(String.valueOf(end.getReason())) || ContainerStart.hadTooLongArguments(end);
    }

    private static Finding program(StageType type, ContainerStateTerminated end, String before) {
        int exitCode = PodFacts.value(end.getExitCode());
        Outcome outcome = of(type, exitCode);
        return Finding.over(outcome, exitCode, outcome == Outcome.FAILED ? before + failure(exitCode) : before);
    }

    private static String failure(int exitCode) {
        switch (exitCode) {
            case 126:
                return "It ended with exit code 126: the command is there but cannot be executed. Check its permissions and format.";
            case 127:
                return "It ended with exit code 127: a command was not found. Check that the image has it.";
            case KILLED:
                return "It ended with exit code 137: it was killed (SIGKILL), though not for its own container's memory limit. Did a process in it run out of memory, or was it killed from inside?";
            case TERMINATED:
                return "It ended with exit code 143: it was told to stop (SIGTERM).";
            default:
                return "It ended with exit code " + exitCode + ": see its log.";
        }
    }

    /** What to add when something had to be stopped. */
    static String killedHard(int exitCode) {
        return exitCode == KILLED
                ? "It did not stop in time and was killed: a lock that it held, such as one on its state, may be left behind."
                : "It stopped by itself within its grace period.";
    }

    private static String memoryLimit(Pod pod) {
        try {
            return "its limit of "
                    + pod.getSpec().getContainers().stream()
                            .filter(c -> StageJobManifest.CONTAINER.equals(c.getName()))
                            .findFirst()
                            .orElseThrow()
                            .getResources()
                            .getLimits()
                            .get("memory");
        } catch (RuntimeException e) {
            return "its limit";
        }
    }
}
