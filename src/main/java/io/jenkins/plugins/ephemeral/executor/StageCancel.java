package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.Observer;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Stops a stage at somebody's wish: the Job is deleted with grace, its log read to the end, its Pod confirmed gone. */
final class StageCancel implements Reconciler<StageJobResult> {
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(20);

    private final Stage stage;
    private final StageLook look;
    private final StageStop stop;
    private final StageReport report;
    private final StageTurns turns;
    private final StageWaiting waiting = new StageWaiting();
    private final Clock clock;
    private StageLogs logs;
    private Instant goneAt;

    StageCancel(Stage stage, StageReport report, StageTurns turns, Clock clock) {
        this.stage = stage;
        this.report = report;
        this.turns = turns;
        this.clock = clock;
        this.look = new StageLook(stage);
        this.stop = new StageStop(stage, clock);
    }

    @Override
    public String status() {
        return "stopping Job " + stage.where();
    }

    @Override
    public Progress<StageJobResult> reconcile() {
        if (!turns.cancel()) {
            return Progress.again(Duration.ofMillis(100));
        }
        Turn.urgency(Urgency.ENDING);
        try {
            return turn();
        } catch (UserFault | LostFault fault) {
            stage.lock().abandon();
            throw fault;
        }
    }

    private Progress<StageJobResult> turn() {
        begin();
        if (stage.state().jobUid != null) {
            stage.lock().isHeld(); // or it would be given away after a while
        }
        if (stage.state().jobUid == null && !find()) {
            return finish(
                    new StageJobResult(Outcome.ABORTED, null, "It was aborted before its Job was created."), null);
        }
        Sight sight = look.sight();
        stop.go(sight);
        logs.look(sight);
        Instant now = clock.instant();
        if (StageStop.isGone(sight)) {
            goneAt = goneAt == null ? now : goneAt;
        }
        boolean gone = goneAt != null && (logs.areDrained() || !now.isBefore(goneAt.plus(DRAINED_WITHIN)));
        if (!gone && !stop.isLate()) {

            return Progress.again(Duration.ofMillis(500));
        }
        return finish(StageEnding.of(stage, sight), sight);
    }

    private void begin() {
        if (logs != null) {
            return;
        }
        logs = new StageLogs(stage, report.tail(), Turn.waker());
        turns.takeOver(logs);
        stop.begin(Outcome.ABORTED, null, "It was aborted.");
        Turn turn = Turn.current();
        if (turn != null) {
            turn.drive().whenOver(this::letGo);
        }
        waiting.watch(stage.cluster(), stage.namespace(), stage.state().jobName, Observer.waking(Turn.waker()));
        stage.say("aborted: stopping Job " + stage.state().jobName + ", grace " + StageType.graceSeconds(stage.spec())
                + " s");
    }

    private void letGo() {
        waiting.close();
        logs.close();
    }

    /** The answer to its create may have been lost: whether there is a Job of its name that is ours. */
    private boolean find() {
        Optional<Job> job = stage.cluster().get(Job.class, stage.namespace(), stage.state().jobName);
        Map<String, String> labels =
                job.map(found -> found.getMetadata().getLabels()).orElse(Map.of());
        boolean ours = Labels.MANAGED_BY_VALUE.equals(labels.get(Labels.MANAGED_BY))
                && stage.environment().environment().equals(labels.get(Labels.ENVIRONMENT))
                && stage.state().jobName.equals(labels.get(StageJobManifest.JOB));
        if (ours) {
            stage.state().jobUid = job.get().getMetadata().getUid();
        } else {
            removeSecret();
        }
        return ours;
    }

    /** A Secret that waits for its Job has no owner yet, so nobody else takes it away. */
    private void removeSecret() {
        if (stage.state().secretUid != null) {
            stage.cluster().delete(Secret.class, stage.namespace(), stage.state().jobName, stage.state().secretUid, -1);
        }
    }

    /** @param last what was seen last, or null if there is nothing to see */
    private Progress<StageJobResult> finish(StageJobResult result, Sight last) {
        letGo();
        if (last == null) {
            stage.lock().leave();
        } else {
            stage.lock().leave(last);
        }
        report.finished(result);
        stage.say(StageEnding.line(result));
        return Progress.done(result);
    }
}
