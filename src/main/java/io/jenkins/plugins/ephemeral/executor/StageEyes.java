package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import java.time.Duration;
import java.time.Instant;

/**
 * Sees a stage, with as few requests as do: what watches brought tells that it goes on, and that its program ended while
 * nothing is odd. All else is decided on by a look only, and one is made now and then in any case.
 */
final class StageEyes {
    /** Job and Pods come by two watches: how long the Pod's end may come after the Job's. */
    private static final Duration TORN = Duration.ofMillis(300);

    private static final Duration TORN_AGAIN = Duration.ofMillis(50);

    /** Exit codes from here on are signals: who sent it may have to be asked for. */
    private static final int SIGNALS = 128;

    private final Stage stage;
    private final StageWaiting waiting = new StageWaiting();
    private final StageView view;
    private long nextLookNanos;
    private long tornNanos;

    StageEyes(Stage stage, StageLook look, Runnable wake) {
        this.stage = stage;
        this.view = new StageView(look, wake);
    }

    /** Watches that cluster from now on, also when it was configured anew. */
    void watch(Cluster cluster) {
        waiting.watch(cluster, stage.namespace(), stage.state().jobName, view);
    }

    /** Says once what it may not watch. */
    void complain(Instant now) {
        waiting.complain(stage, now);
    }

    /** Ends the watches. */
    void close() {
        waiting.close();
    }

    /** What there is by what the watches brought; null if it has to be looked at. No request. */
    Sight known() {
        return stage.state().decidedOutcome == null ? view.sight(waiting.isWatched()) : null;
    }

    /** Looks at Job and Pods, by two requests. */
    Sight look() {
        Sight sight = view.look(waiting.isWatched());
        nextLookNanos = System.nanoTime() + waiting.slowLook().toNanos();
        tornNanos = 0;
        return sight;
    }

    /** Looks, if it is time to make sure and there is room for it; else null. */
    Sight lookAtLeisure() {
        if (!untilLook().isZero()) {
            return null;
        }
        try {
            Turn.urgency(Urgency.LEISURE);
            return look();
        } catch (QueuedFault fault) {
            // its place is kept; meanwhile news are worked on
            nextLookNanos = System.nanoTime() + Math.max(fault.retryAfter().toNanos(), TORN_AGAIN.toNanos());
            return null;
        } finally {
            Turn.urgency(Urgency.USUAL);
        }
    }

    /** How long until the next look at the latest. */
    Duration untilLook() {
        if (known() == null) {
            return waiting.slowLook();
        }
        return Duration.ofNanos(Math.max(0, nextLookNanos - System.nanoTime()));
    }

    /** Whether the Job's end came before its Pod's, which may come in a moment: then how long to wait for it, or null. */
    Duration torn(Sight sight) {
        if (!sight.isJobOver() || sight.pod() != null && PodFacts.isOver(sight.pod())) {
            return null;
        }
        long now = System.nanoTime();
        tornNanos = tornNanos == 0 ? now : tornNanos;
        return now - tornNanos < TORN.toNanos() ? TORN_AGAIN : null;
    }

    /** Whether a sight shows nothing odd, so that what it means can be told without looking again. */
    boolean isPlain(Sight sight) {
        Pod pod = sight.pod();
        if (stage.spec().backoffLimit > 0
                || sight.isJobBeingDeleted()
                || sight.pods().size() > 1) {
            return false;
        }
        String first = stage.state().podUid;
        if (pod == null) {
            return first == null && !sight.isJobOver();
        }
        boolean another = first != null && !first.equals(pod.getMetadata().getUid());
        boolean goesOn = !PodFacts.isOver(pod) && !sight.isJobOver();
        boolean ended = PodFacts.terminated(pod) != null;
        return !another && pod.getMetadata().getDeletionTimestamp() == null && (goesOn || ended);
    }

    /** Whether the meaning of a plain sight is: it goes on, or its program ended by itself. */
    static boolean isPlain(Finding finding) {
        switch (finding.state()) {
            case STARTING:
            case RUNNING:
                return true;
            case OVER:
                boolean byItself = finding.outcome().verdict() == io.jenkins.plugins.ephemeral.report.Verdict.PASSED
                        || finding.outcome() == Outcome.FAILED;
                return byItself && finding.exitCode() != null && finding.exitCode() < SIGNALS;
            default:
                return false;
        }
    }
}
