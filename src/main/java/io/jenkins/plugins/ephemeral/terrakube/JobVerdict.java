package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeContext;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeStep;
import io.jenkins.plugins.ephemeral.executor.Outcome;

/** What a job's status means for the stage. */
final class JobVerdict {
    private JobVerdict() {}

    /** The outcome of a stage whose job is over, waits for an approval, or did not end in time. */
    static Outcome outcome(JobSight sight, TerrakubeJob job) {
        if (sight.state().timedOut && !job.status().equals("completed")) {
            return Outcome.TIMED_OUT;
        }
        switch (job.status()) {
            case "waitingApproval":
                return Outcome.CHANGES;
            case "completed":
                if (!job.planChanges()) {
                    return Outcome.NO_CHANGES;
                }
                return sight.spec().type.equals("plan") ? Outcome.CHANGES : Outcome.SUCCEEDED;
            case "noChanges":
                return Outcome.NO_CHANGES;
            case "rejected":
                return sight.spec().isRejection() ? Outcome.REJECTED : Outcome.ABORTED;
            case "cancelled":
            case "notExecuted":
            case "NeverExecuted":
                return Outcome.ABORTED;
            default:
                return Outcome.FAILED;
        }
    }

    /** Why, and what to do; empty when there is nothing to say. */
    static String reason(JobSight sight, TerrakubeJob job, TerrakubeContext context, String podEnd) {
        switch (outcome(sight, job)) {
            case TIMED_OUT:
                return "It took longer than its timeout of "
                        + sight.spec().timeout.toSeconds() + " s.";
            case CHANGES:
                return job.isWaiting() ? "It waits for the approval of " + JobDecision.waitingFor(job) + "." : "";
            case ABORTED:
                return job.status().equals("rejected")
                        ? "Somebody rejected it in Terrakube."
                        : "Somebody cancelled it in Terrakube.";
            case FAILED:
                return failure(job, context, podEnd);
            default:
                return "";
        }
    }

    /** Terrakube writes why a step could not be dispatched into the step's name; else Terraform's own words. */
    private static String failure(TerrakubeJob job, TerrakubeContext context, String podEnd) {
        StringBuilder text = new StringBuilder();
        TerrakubeStep failed = job.steps().stream()
                .filter(step -> step.status().equals("failed"))
                .findFirst()
                .orElse(null);
        if (failed == null) {
            text.append("Terrakube calls it ").append(job.status()).append('.');
        } else {
            text.append("Step ")
                    .append(failed.number())
                    .append(' ')
                    .append(failed.name())
                    .append(" failed");
            text.append(
                    context.errors().isEmpty() ? "." : ": " + context.errors().get(0));
        }
        if (!podEnd.isEmpty()) {
            text.append(' ').append(podEnd);
        }
        return text.toString();
    }
}
