package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeContext;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Drives one stage: has its job created or decides on one, follows it by looking again and again, and says how it ended.
 * The status that Terrakube gives is the truth: its executors' Pods exit with 0 whatever happened.
 */
final class JobRun implements Reconciler<TerrakubeResult> {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);
    /** For how long after the last change it is looked at soon. */
    private static final Duration LIVELY = Duration.ofSeconds(30);
    /** How long the rest of a log may take after all else is known. */
    private static final Duration DRAINED_WITHIN = Duration.ofMinutes(2);
    /** How long a job that is cancelled for its time may take to be so. */
    private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(30);

    private static final Duration SAVE_EVERY = Duration.ofSeconds(5);

    private final JobSight sight;
    private final JobLaunch launch;
    private final JobDecision decision;
    private final JobLog log;
    private final ExecutorPods pods;
    private final JobReport report;
    private final Checkpoint checkpoint;
    private final Clock clock;
    private boolean begun;
    private boolean running;
    private String said = "";
    private long changedMillis;
    private long overMillis;
    private long savedMillis;
    private long savedLines;

    JobRun(
            JobSight sight,
            JobLaunch launch,
            JobDecision decision,
            JobLog log,
            ExecutorPods pods,
            JobReport report,
            Checkpoint checkpoint,
            Clock clock) {
        this.sight = sight;
        this.launch = launch;
        this.decision = decision;
        this.log = log;
        this.pods = pods;
        this.report = report;
        this.checkpoint = checkpoint;
        this.clock = clock;
        this.changedMillis = clock.millis();
        this.savedMillis = clock.millis();
        this.savedLines = sight.state().logLines;
    }

    @Override
    public String status() {
        int job = sight.state().jobId;
        return job == 0 ? "creating a Terrakube job" : "Terrakube job " + job + (said.isEmpty() ? "" : ": " + said);
    }

    @Override
    public Progress<TerrakubeResult> reconcile() throws InterruptedException {
        if (!sight.state().enter()) {
            return Progress.again(Duration.ofHours(1)); // it is being cancelled: that one says how it ended
        }
        try {
            return turn();
        } catch (UserFault | LostFault fault) {
            report.refused(fault);
            throw fault;
        } finally {
            sight.state().leave();
        }
    }

    private Progress<TerrakubeResult> turn() throws InterruptedException {
        TerrakubeState state = sight.state();
        TerrakubeClient client = sight.client();
        boolean resumed = state.jobId != 0;
        if (!resumed && !launch.launch(client)) {
            return Progress.again(SOON);
        }
        begin(client, resumed);
        launch.retireOthers(client);
        Optional<TerrakubeJob> found = sight.look(client);
        if (found.isEmpty()) {
            return end(
                    null,
                    Outcome.LOST,
                    "Terrakube knows no job " + state.jobId
                            + " any more: somebody deleted it, or its history was cleaned up. Nobody knows what it did.");
        }
        TerrakubeJob job = found.get();
        if (state.deadlineMillis == 0) {
            log.skipOver(job);
            state.deadlineMillis = clock.millis() + sight.spec().timeout.toMillis();
            checkpoint.save();
        }
        if (decision.decide(client, job)) {
            return Progress.again(Duration.ZERO);
        }
        progress(job);
        log.follow(client, job, Turn.waker());
        if (job.mayRun() || job.status().equals("pending")) {
            pods.look(client);
        }
        boolean returns = job.isOver() || job.isWaiting() && !decision.isTheOne(job);
        if (returns || state.timedOut && isLate()) {
            return drained(client, job);
        }
        overMillis = 0;
        if (clock.millis() > state.deadlineMillis && !state.timedOut) {
            timeOut(client);
        }
        keep();
        return Progress.again(untilNextTurn());
    }

    private void begin(TerrakubeClient client, boolean resumed) {
        if (begun) {
            return;
        }
        begun = true;
        Turn turn = Turn.current();
        if (turn != null) {
            turn.drive().whenOver(log::letGo);
        }
        if (resumed) {
            sight.say((sight.state().deadlineMillis == 0 ? "going on with job " : "following job ")
                    + sight.state().jobId + " of control plane " + sight.state().controlPlane);
        }
        report.began(client);
    }

    /** Says what changed. */
    private void progress(TerrakubeJob job) {
        String step = job.running()
                .map(each -> "step " + each.number() + " " + each.name() + " runs")
                .orElse("");
        String text;
        switch (job.status()) {
            case "pending":
                text = job.steps().isEmpty() ? "waits for its turn in the workspace" : "waits for its next step";
                break;
            case "queue":
                text = "waits for its executor";
                break;
            case "running":
                text = step.isEmpty() ? "runs" : step;
                break;
            case "waitingApproval":
                text = "waits for the approval of " + JobDecision.waitingFor(job)
                        + (job.approvalTeam().isEmpty() ? "" : " by team " + job.approvalTeam());
                break;
            default:
                text = "is " + job.status();
        }
        if (!text.equals(said)) {
            said = text;
            changedMillis = clock.millis();
            sight.say("job " + job.id() + ' ' + text);
        }
        if (!running && job.status().equals("running")) {
            running = true;
            report.started();
        }
    }

    private boolean isLate() {
        return clock.millis() > sight.state().deadlineMillis + CANCELLED_WITHIN.toMillis();
    }

    private void timeOut(TerrakubeClient client) throws InterruptedException {
        sight.state().timedOut = true;
        checkpoint.save();
        sight.say("it took longer than its timeout of " + sight.spec().timeout.toSeconds() + " s and is cancelled");
        sight.set(client, "cancelled");
    }

    /** The stage is over; the rest of the log is waited for. */
    private Progress<TerrakubeResult> drained(TerrakubeClient client, TerrakubeJob job) throws InterruptedException {
        overMillis = overMillis == 0 ? clock.millis() : overMillis;
        boolean patient = clock.millis() < overMillis + DRAINED_WITHIN.toMillis();
        if (!log.isDrained(job) && patient) {
            keep();
            return Progress.again(SOON);
        }
        if (log.trouble() != null) {
            sight.say("the end of the log is missing: " + log.trouble());
        }
        TerrakubeContext context = client.context(job.id());
        TerrakubeEntry entry = report.job(client, job, context);
        Outcome outcome = JobVerdict.outcome(sight, job);
        String reason = JobVerdict.reason(sight, job, context, outcome == Outcome.FAILED ? pods.end(client) : "");
        if (outcome == Outcome.TIMED_OUT && !job.isOver()) {
            reason += " It is still " + job.status() + " in Terrakube.";
        }
        summary(entry, !context.applied().isEmpty());
        return end(entry, outcome, reason);
    }

    private void summary(TerrakubeEntry entry, boolean applied) {
        if (!entry.changes.isEmpty()) {
            sight.say((applied ? "resources created: " : "would create ")
                    + entry.created
                    + (applied ? ", changed: " : ", change ")
                    + entry.updated
                    + (applied ? ", deleted: " : ", delete ")
                    + entry.deleted);
        }
    }

    private Progress<TerrakubeResult> end(TerrakubeEntry job, Outcome outcome, String reason) {
        report.ended(outcome, reason, job);
        checkpoint.save();
        TerrakubeEntry known = job;
        if (known == null) {
            known = new TerrakubeEntry();
            known.jobId = sight.state().jobId;
            known.controlPlane = sight.state().controlPlane;
        }
        return Progress.done(new TerrakubeResult(outcome, reason, known));
    }

    /** Saves how far the log came, now and then. */
    private void keep() {
        long now = clock.millis();
        if (sight.state().logLines != savedLines && now > savedMillis + SAVE_EVERY.toMillis()) {
            savedLines = sight.state().logLines;
            savedMillis = now;
            changedMillis = now;
            report.logged();
            checkpoint.save();
        }
    }

    private Duration untilNextTurn() {
        return clock.millis() < changedMillis + LIVELY.toMillis() ? SOON : LATER;
    }
}
