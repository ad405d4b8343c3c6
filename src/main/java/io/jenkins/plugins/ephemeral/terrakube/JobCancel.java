package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Cancels a stage's job. Terrakube does not stop an executor that is at work, and one whose Pod was still pending may do
 * its work all the same; both are said.
 */
final class JobCancel implements Reconciler<Void> {
    private static final Duration SOON = Duration.ofMillis(300);
    /** How long a cancelled job is watched for an executor that brings it back to life. */
    private static final Duration WATCHED = Duration.ofSeconds(5);

    private final JobSight sight;
    private final JobLaunch launch;
    private final ExecutorPods pods;
    private final JobReport report;
    private final Clock clock;
    private boolean atWork;
    private boolean asked;
    private long cancelledMillis;

    JobCancel(JobSight sight, JobLaunch launch, ExecutorPods pods, JobReport report, Clock clock) {
        this.sight = sight;
        this.launch = launch;
        this.pods = pods;
        this.report = report;
        this.clock = clock;
    }

    @Override
    public String status() {
        return "cancelling Terrakube job " + sight.state().jobId;
    }

    @Override
    public Progress<Void> reconcile() throws InterruptedException {
        TerrakubeState state = sight.state();
        if (!state.cancel()) {
            return Progress.again(SOON); // a turn is under way, which might just be creating the job
        }
        if (state.jobId == 0 && state.creations == 0) {
            return Progress.done(null);
        }
        TerrakubeClient client = sight.client();
        if (state.jobId == 0 && !launch.find(client)) {
            return launch.mayComeLate() ? Progress.again(SOON) : Progress.done(null);
        }
        Optional<TerrakubeJob> job = sight.look(client);
        if (job.isEmpty()) {
            return done("");
        }
        return job.get().isOver() ? over(client, job.get()) : cancel(client, job.get());
    }

    private Progress<Void> cancel(TerrakubeClient client, TerrakubeJob job) throws InterruptedException {
        if (cancelledMillis > 0) {
            sight.say("job " + job.id() + " was cancelled, but an executor that came late goes on with it: it is "
                    + job.status() + "; cancelling again");
            cancelledMillis = 0;
        }
        atWork |= job.mayRun();
        asked = true;
        sight.set(client, "cancelled");
        return Progress.again(Duration.ZERO);
    }

    private Progress<Void> over(TerrakubeClient client, TerrakubeJob job) {
        if (!asked) {
            return done("");
        }
        if (cancelledMillis == 0) {
            cancelledMillis = clock.millis();
            sight.say("job " + job.id() + " is " + job.status());
        }
        if (atWork && clock.millis() < cancelledMillis + WATCHED.toMillis()) {
            return Progress.again(SOON);
        }
        return done(atWork ? stillAtWork(client) : "");
    }

    private String stillAtWork(TerrakubeClient client) {
        List<String> alive = pods.alive(client);
        String text =
                "Terrakube does not stop the executor that was at work: until it ends it may go on changing things"
                        + " and hold the state's lock."
                        + (alive.isEmpty() ? "" : " Its Pod: " + String.join(", ", alive) + ".");
        sight.say(text);
        return text;
    }

    private Progress<Void> done(String reason) {
        report.ended(Outcome.ABORTED, reason, null);
        return Progress.done(null);
    }
}
