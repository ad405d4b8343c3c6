package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A Terrakube job as it is now.
 *
 * @param id its number
 * @param status as {@code JobStatus} of Terrakube's API spells it
 * @param planChanges false once a plan found nothing to do
 * @param commitId commit that its first step pinned, or empty
 * @param approvalTeam team that decides while it waits for an approval, or empty
 * @param comments what it was created with
 * @param workspaceId its workspace, or empty if it was not told
 * @param steps its steps in their order; empty until Terrakube has read its flow
 */
public record TerrakubeJob(
        int id,
        String status,
        boolean planChanges,
        String commitId,
        String approvalTeam,
        String comments,
        String workspaceId,
        List<TerrakubeStep> steps) {
    private static final Set<String> ENDS =
            Set.of("failed", "completed", "rejected", "cancelled", "noChanges", "notExecuted", "NeverExecuted");

    /** Whether it will not go on. */
    public boolean isOver() {
        return ENDS.contains(status);
    }

    /** Whether it waits for a decision. */
    public boolean isWaiting() {
        return status.equals("waitingApproval");
    }

    /** Whether something of it may be under way on an executor. */
    public boolean mayRun() {
        return status.equals("queue") || status.equals("running");
    }

    /** The first step that has not begun: while the job waits, the approval that it waits for. */
    public Optional<TerrakubeStep> next() {
        return steps.stream().filter(step -> step.status().equals("pending")).findFirst();
    }

    /** The step that is under way. */
    public Optional<TerrakubeStep> running() {
        return steps.stream().filter(step -> step.status().equals("running")).findFirst();
    }
}
