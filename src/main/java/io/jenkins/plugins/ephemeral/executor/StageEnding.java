package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.EnumSet;
import java.util.Set;

/** Says how a stage ended that had to be stopped. */
final class StageEnding {
    private static final Set<Outcome> STOPPED_BY_OTHERS =
            EnumSet.of(Outcome.DISRUPTED, Outcome.PREEMPTED, Outcome.EVICTED);

    private StageEnding() {}

    /** The result of a stage whose outcome was decided on before it was stopped. */
    static StageJobResult of(Stage stage, Sight last) {
        StageJobState state = stage.state();
        Outcome outcome = Outcome.valueOf(state.decidedOutcome);
        if (state.decidedExitCode != null) {
            return new StageJobResult(outcome, state.decidedExitCode, state.decidedReason);
        }
        Integer exitCode = state.exitCodeAfterDecision;
        StringBuilder reason = new StringBuilder(state.decidedReason);
        boolean ended = exitCode != null && Outcomes.of(stage.type(), exitCode) != Outcome.FAILED;
        if (STOPPED_BY_OTHERS.contains(outcome) && ended) {
            outcome = Outcomes.of(stage.type(), exitCode);
            reason = new StringBuilder("Its Pod was told to stop, but it came to its end before.");
        } else if (exitCode != null && outcome.verdict() != io.jenkins.plugins.ephemeral.report.Verdict.PASSED) {
            reason.append(' ').append(Outcomes.killedHard(exitCode));
        }
        if (!StageStop.isStill(last)) {
            Pod pod = last.pod();
            reason.append(" Pod ")
                    .append(pod.getMetadata().getName())
                    .append(" is still there after its grace period: its node")
                    .append(pod.getSpec() == null ? "" : " " + pod.getSpec().getNodeName())
                    .append(" may not answer. It may still be running.");
            if (stage.spec().lock != null) {
                reason.append(" Lock '").append(stage.spec().lock).append("' stays taken until that Pod is gone.");
            }
        }
        return new StageJobResult(outcome, exitCode, reason.toString());
    }

    /** The result of a stage whose Job was asked for, and was never seen. */
    static StageJobResult neverSeen(StageJobState state) {
        return new StageJobResult(
                Outcome.NEVER_SEEN,
                null,
                "Job " + state.jobName
                        + " was asked for before Jenkins was restarted, and is not there: it may have run and been removed since. Look at what it was to change before you run it again.");
    }

    /** The last line of a stage in the build's log. */
    static String line(StageJobResult result) {
        return "ended: " + result.outcome()
                + (result.exitCode() == null ? "" : " (exit code " + result.exitCode() + ")")
                + (result.reason().isEmpty() ? "" : ". " + result.reason());
    }
}
