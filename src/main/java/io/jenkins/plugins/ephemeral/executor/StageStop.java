package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Clock;

/** Takes a stage's Job away with grace and says when its Pods are gone. One step is done per turn. */
final class StageStop {
    /** On top of the Pod's own grace: the time that kubelet, API server and garbage collector may take. */
    static final long MARGIN_MILLIS = 30_000;

    private final Stage stage;
    private final Clock clock;

    StageStop(Stage stage, Clock clock) {
        this.stage = stage;
        this.clock = clock;
    }

    /**
     * From now on the Pod has its grace to be gone.
     *
     * @param exitCode exit code of the container if it is over already, or null
     */
    void begin(Outcome outcome, Integer exitCode, String reason) {
        StageJobState state = stage.state();
        state.decidedExitCode = exitCode;
        state.decidedOutcome = outcome.name();
        state.decidedReason = reason;
        state.goneDeadlineMillis = clock.millis() + StageType.graceSeconds(stage.spec()) * 1000L + MARGIN_MILLIS;
    }

    /** Deletes what is there and was not deleted yet, and keeps how the container ended. */
    void go(Sight sight) {
        note(sight);
        if (sight.job() != null && !sight.isJobBeingDeleted()) {
            stage.cluster()
                    .delete(
                            Job.class,
                            stage.namespace(),
                            stage.state().jobName,
                            stage.state().jobUid,
                            -1,
                            DeletionPropagation.FOREGROUND);
        }
        if (sight.job() != null) {
            return;
        }
        for (Pod pod : sight.pods()) {
            // the Job is gone without its Pods: somebody orphaned them, or the garbage collector is slow
            if (pod.getMetadata().getDeletionTimestamp() == null) {
                stage.cluster()
                        .delete(
                                Pod.class,
                                stage.namespace(),
                                pod.getMetadata().getName(),
                                pod.getMetadata().getUid(),
                                -1);
            }
        }
    }

    /** Whether the Job may run another Pod, or does so already, though we know how it ended. */
    boolean mayGoOn(Sight sight) {
        boolean deleted = false;
        for (Pod pod : sight.pods()) {
            deleted |= pod.getMetadata().getDeletionTimestamp() != null;
        }
        return stage.spec().backoffLimit > 0 || deleted || !isStill(sight);
    }

    /** Whether nothing is left. */
    static boolean isGone(Sight sight) {
        return sight.job() == null && sight.pods().isEmpty();
    }

    /** Whether nothing of it runs any more, though objects may be left. */
    static boolean isStill(Sight sight) {
        return sight.pods().stream().allMatch(PodFacts::isOver);
    }

    /** Whether the time is over in which it should be gone. */
    boolean isLate() {
        return clock.millis() >= stage.state().goneDeadlineMillis;
    }

    private void note(Sight sight) {
        String first = stage.state().podUid;
        ContainerStateTerminated end = PodFacts.terminated(first == null ? sight.pod() : sight.pod(first));
        if (end != null && end.getExitCode() != null) {
            stage.state().exitCodeAfterDecision = end.getExitCode();
        }
    }
}
