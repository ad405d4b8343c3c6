package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeStep;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.UserFault;

/**
 * Approves or rejects exactly the approval that the stage before returned at. Terrakube sets a status whatever the job
 * does, so it is set only after a look.
 */
final class JobDecision {
    private final JobSight sight;
    private final Checkpoint checkpoint;

    JobDecision(JobSight sight, Checkpoint checkpoint) {
        this.sight = sight;
        this.checkpoint = checkpoint;
    }

    /**
     * Decides, if that is still to be done.
     *
     * @return whether the job was changed, so that it has to be looked at again
     */
    boolean decide(TerrakubeClient client, TerrakubeJob job) throws InterruptedException {
        TerrakubeState state = sight.state();
        if (!sight.spec().isDecision() || state.decided) {
            return false;
        }
        if (job.isOver()) {
            if (sight.spec().isRejection() && !job.status().equals("rejected")) {
                throw refused("it cannot be rejected any more: it is " + job.status());
            }
            return false;
        }
        if (!job.isWaiting()) {
            taken(job);
            return false;
        }
        if (!isTheOne(job)) {
            if (state.decisionAsked && !sight.spec().isRejection()) {
                decided(); // the answer was lost, and it has come to its next approval since
                return false;
            }
            throw refused("it waits for another approval, " + waitingFor(job) + ", than stage " + sight.spec().after
                    + " showed");
        }
        state.decisionAsked = true;
        checkpoint.save();
        sight.set(client, sight.spec().isRejection() ? "rejected" : "approved");
        decided();
        sight.say("job " + state.jobId + (sight.spec().isRejection() ? " rejected" : " approved"));
        return true;
    }

    /** Whether the job waits for the approval that this stage decides on. */
    boolean isTheOne(TerrakubeJob job) {
        String wanted = sight.state().decidedStepId;
        return wanted != null
                && job.next().map(TerrakubeStep::id).filter(wanted::equals).isPresent();
    }

    /** It went on: by our decision, whose answer was lost, or by somebody else's. */
    private void taken(TerrakubeJob job) {
        if (!sight.state().decisionAsked) {
            if (sight.spec().isRejection()) {
                throw refused("somebody else approved it: it is " + job.status());
            }
            sight.say("somebody else approved job " + job.id() + " already");
        }
        decided();
    }

    private void decided() {
        sight.state().decided = true;
        checkpoint.save();
    }

    private UserFault refused(String why) {
        return new UserFault(
                "deciding on job " + sight.state().jobId,
                "control plane " + sight.state().controlPlane,
                why,
                "Look at the job in Terrakube; nothing was decided by this build.");
    }

    static String waitingFor(TerrakubeJob job) {
        return job.next()
                .map(step -> "step " + step.number() + " " + step.name())
                .orElse("no step that is known");
    }
}
