package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Runs one stage: launches its Job, follows it by looking again and again, and says how it ended. All that has to be
 * known after a restart is in the state and in the cluster.
 */
final class StageRun implements Reconciler<StageJobResult> {
    /** How long the Job's own conditions may come after its Pod's end. */
    private static final Duration CONDITIONS_WITHIN = Duration.ofSeconds(10);
    /** How long the rest of a log may take after all else is known. */
    private static final Duration DRAINED_WITHIN = Duration.ofMinutes(2);

    /** How often one that waits for its lock asks; and one whose Job was refused. */
    private static final Duration LOCK_LOOK = Duration.ofSeconds(2);

    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(5);

    private final Stage stage;
    private final StageLaunch launch;
    private final StageLook look;
    private final StageEvents events;
    private final StageStop stop;
    private final StageClocks clocks;
    private final StageProgress progress;
    private final StageReport report;
    private final StageTurns turns;
    private final StageFence fence;
    private final StageKeep keep;
    private final Checkpoint checkpoint;
    private final Clock clock;

    private StageEyes eyes;
    private StageLogs logs;
    private Instant overAt;

    StageRun(
            Stage stage, StageLaunch launch, StageReport report, StageTurns turns, Checkpoint checkpoint, Clock clock) {
        this.stage = stage;
        this.launch = launch;
        this.report = report;
        this.turns = turns;
        this.checkpoint = checkpoint;
        this.clock = clock;
        this.look = new StageLook(stage);
        this.events = new StageEvents(stage, look, clock);
        this.stop = new StageStop(stage, clock);
        this.fence = new StageFence(stage, launch);
        this.clocks = new StageClocks(stage, clock);
        this.progress = new StageProgress(stage);
        this.keep = new StageKeep(stage.state(), report, checkpoint, clock);
    }

    @Override
    public String status() {
        String last = progress.last();
        return last.isEmpty() ? "following Job " + stage.where() : last + " (Job " + stage.where() + ")";
    }

    @Override
    public Progress<StageJobResult> reconcile() {
        if (!turns.enter()) {
            return Progress.again(Duration.ofHours(1)); // it is being cancelled: that one says how it ended
        }
        try {
            return turn();
        } catch (UserFault | LostFault fault) {
            return refused(fault);
        } finally {
            turns.leave();
        }
    }

    private Progress<StageJobResult> turn() {
        begin();
        StageJobState state = stage.state();
        boolean mine = stage.lock().isHeld();
        if (state.jobUid == null && !mine) {
            return Progress.again(LOCK_LOOK);
        }
        if (state.jobUid == null) {
            if (launch.isLost()) {
                return finish(StageEnding.neverSeen(state), null);
            }
            launch.launch();
            report.launched();
        }
        fence.own();
        Sight known = eyes.known();
        if (known != null) {
            Duration torn = eyes.torn(known);
            if (torn != null) {
                return Progress.again(torn);
            }
            Progress<StageJobResult> progress = eyes.isPlain(known) ? follow(known, false) : null;
            Sight look = progress == null || progress.isDone() ? null : eyes.lookAtLeisure();
            if (progress != null) {
                return look == null ? progress : follow(look, true);
            }
            Turn.urgency(Urgency.ENDING);
        }
        return follow(eyes.look(), true);
    }

    /**
     * @param looked whether that is how it is, and not only what was heard of it
     * @return null if it must be looked at
     */
    private Progress<StageJobResult> follow(Sight sight, boolean looked) {
        if (sight.isJobOver()) {
            Turn.urgency(Urgency.ENDING);
        }
        remember(sight);
        if (stage.state().decidedOutcome != null) {
            return stopping(sight);
        }
        Finding finding = events.find(sight);
        if (!looked && !isSure(finding)) {
            return null;
        }
        progress.waiting(finding);
        logs.look(sight);
        switch (finding.state()) {
            case OVER:
                return over(sight, finding);
            case HOPELESS:
            case STOPPING:
                return decide(sight, finding);
            default:
                Finding late = clocks.late(finding);
                if (late != null) {
                    return decide(sight, late);
                }
                eyes.complain(clock.instant());
                keep.keep();
                return Progress.again(untilNextTurn());
        }
    }

    private boolean isSure(Finding finding) {
        boolean over = finding.state() == Finding.State.OVER;
        return StageEyes.isPlain(finding) && (over ? isPatient() : clocks.late(finding) == null);
    }

    private boolean isPatient() {
        return overAt == null || clock.instant().isBefore(overAt.plus(CONDITIONS_WITHIN));
    }

    /** The API server does not let it: some of its rules are waited for, others are an outcome. */
    private Progress<StageJobResult> refused(Fault fault) {
        Finding finding = PodRefusal.of(fault, look::namespaceTrouble);
        if (finding == null) {
            throw fault;
        }
        StageJobState state = stage.state();
        if (state.jobUid == null && finding.state() == Finding.State.STARTING && !clocks.isStartupOver()) {
            progress.waiting(finding);
            return Progress.again(REFUSED_AGAIN);
        }
        launch.forgetSecret();
        String rest = state.jobUid == null ? "" : " Its Job " + state.jobName + " may go on running.";
        return finish(new StageJobResult(finding.outcome(), null, finding.reason() + rest), null);
    }

    private void begin() {
        if (logs == null) {
            Turn turn = Turn.current();
            logs = new StageLogs(stage, report.tail(), Turn.waker());
            eyes = new StageEyes(stage, look, Turn.waker());
            if (stage.state().jobUid != null) {
                stage.say("following Job " + stage.state().jobName + " again");
            }
            turns.takeOver(logs);
            if (turn != null) {
                turn.drive().whenOver(this::letGo);
            }
        }
        eyes.watch(stage.cluster());
    }

    private void letGo() {
        if (logs != null) {
            eyes.close();
            logs.close();
        }
    }

    /** Keeps what a later look needs to know of this one: which Pod was the first, and since when it runs. */
    private void remember(Sight sight) {
        StageJobState state = stage.state();
        boolean changed = false;
        if (state.podUid == null && sight.pod() != null) {
            Pod first = sight.pods().get(0);
            state.podUid = first.getMetadata().getUid();
            state.podName = first.getMetadata().getName();
            changed = true;
        }
        progress.scheduled(sight);
        Instant started = PodFacts.startOf(sight.pods());
        if (started != null && state.startedMillis == 0) {
            // by the node's clock, which may be ahead of ours
            state.startedMillis = Math.min(started.toEpochMilli(), clock.millis());
            state.imageDigest = PodFacts.imageDigest(sight.pod());
            state.runDeadlineMillis = state.startedMillis + stage.spec().timeout.toMillis();
            progress.started();
            changed = true;
        }
        if (changed) {
            checkpoint.save();
        }
        if (state.startedMillis > 0) {
            if (changed) {
                report.started();
            }
            fence.lift();
        }
    }

    /** It is over by itself: the Job's own word and the rest of the log are waited for. */
    private Progress<StageJobResult> over(Sight sight, Finding finding) {
        Turn.urgency(Urgency.ENDING);
        Instant now = clock.instant();
        overAt = overAt == null ? now : overAt;
        boolean confirmed = sight.job() == null || sight.isJobOver();
        if (!confirmed && (stop.mayGoOn(sight) || !isPatient())) {
            return decide(sight, withOutputs(sight, finding));
        }
        if (!confirmed || !logs.areDrained() && now.isBefore(overAt.plus(DRAINED_WITHIN))) {
            keep.keep();
            return Progress.again(shorter(untilNextTurn(), Duration.ofSeconds(1)));
        }
        return finish(collected(sight, finding), sight);
    }

    /** While the Pod is there: nobody can have its outputs any more when it is deleted. */
    private Finding withOutputs(Sight sight, Finding finding) {
        StageJobResult result = collected(sight, finding);
        return Finding.over(result.outcome(), result.exitCode(), result.reason());
    }

    private StageJobResult collected(Sight sight, Finding finding) {
        return launch.handover()
                .collect(sight, new StageJobResult(finding.outcome(), finding.exitCode(), finding.reason()));
    }

    /** The Job has to go; the outcome is kept before it is touched, so that a restart does not call it lost. */
    private Progress<StageJobResult> decide(Sight sight, Finding finding) {
        stop.begin(finding.outcome(), finding.exitCode(), finding.reason());
        checkpoint.save();
        if (finding.state() != Finding.State.OVER) {
            stage.say(finding.reason() + " Stopping it.");
        }
        return stopping(sight);
    }

    private Progress<StageJobResult> stopping(Sight sight) {
        stop.go(sight);
        logs.look(sight);
        boolean gone = StageStop.isGone(sight) && logs.areDrained();
        if (!gone && !stop.isLate()) {
            keep.keep();
            return Progress.again(shorter(untilNextTurn(), Duration.ofSeconds(1)));
        }
        return finish(StageEnding.of(stage, sight), sight);
    }

    /** @param last what was seen last, or null if nothing could be seen */
    private Progress<StageJobResult> finish(StageJobResult result, Sight last) {
        letGo();
        if (last == null) {
            stage.lock().abandon();
        } else {
            stage.lock().leave(last);
        }
        report.finished(result);
        stage.say(StageEnding.line(result));
        return Progress.done(result);
    }

    private Duration untilNextTurn() {
        Duration next = shorter(eyes.untilLook(), logs.untilNextLook());
        next = stage.state().startedMillis == 0 ? shorter(next, StageEvents.QUIET) : shorter(next, StageKeep.EVERY);
        return stage.state().decidedOutcome == null ? shorter(next, clocks.left()) : next;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
