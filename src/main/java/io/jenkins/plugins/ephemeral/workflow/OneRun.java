package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** One run, from asking for it to its collected results; how far it is is in {@link WorkflowRunState.Run}. */
final class OneRun implements AutoCloseable {
    /** How long a run may take to stop that was asked to. */
    private static final long STOP_MILLIS = 60_000;

    /** How long the console may lag behind the end of a run before the rest is left to the report. */
    private static final long LAST_LINES_MILLIS = 3_000;

    private final RunScope scope;
    private final WorkflowRunState.Run run;
    private RunStart start;
    private RunConsole lines;
    private RunCollection collection;
    private String status;
    private String stoppedBecause;
    private TestkubeExecution known;
    private long overSinceMillis;
    private long stoppingSinceMillis;
    private Verdict verdict;
    private boolean ended;
    private boolean runAgain;

    OneRun(RunScope scope, WorkflowRunState.Run run) {
        this.scope = scope;
        this.run = run;
        this.start = new RunStart(scope, run);
    }

    WorkflowRunState.Run state() {
        return run;
    }

    /** Whether it is under way: started, and not at its end. */
    boolean isActive() {
        return run.executionId != null && !run.collected && !ended;
    }

    /** As {@link #isActive()}, or its start was asked for and nobody knows yet whether it began. */
    boolean mayBeActive() {
        return isActive() || run.requested && run.executionId == null && !run.collected;
    }

    /** Whether no agent had taken it when it was last looked at. */
    boolean isQueued() {
        return "queued".equals(status);
    }

    /** Whether it came to its end in this turn, and is not run again. */
    boolean isEnded() {
        return ended && !runAgain;
    }

    /** Verdict once it came to its end in this life, else null. */
    Verdict verdict() {
        return verdict;
    }

    /** It will not be started any more. */
    void skip(String because) {
        run.skipped = because;
        run.collected = true;
        scope.checkpoint.save();
        say("not run: " + because);
    }

    /**
     * Starts it, or finds what a trigger started, or what was asked for before; false if there is nothing yet.
     *
     * @param stopBecause why it has to stop, a sentence, or null; then it is only looked for
     */
    boolean start(TestkubeClient client, String stopBecause) throws InterruptedException {
        TestkubeExecution started = start.attempt(client, stopBecause != null);
        if (started == null) {
            if (start.isGivenUp()) {
                skip(stopBecause);
            }
            return false;
        }
        run.executionId = started.id();
        scope.checkpoint.save();
        String link = client.link(run.definition(), started.id());
        say((run.triggered ? "triggered run " : "run ") + started.name() + (link == null ? "" : " " + link));
        return true;
    }

    /** Whether what was to start it was taken back in time. */
    boolean isWithdrawn() {
        return mayBeActive() && !isActive() && start.isWithdrawn();
    }

    /**
     * Looks at it; says whether something changed.
     *
     * @param stopBecause why it has to stop, a sentence, or null
     */
    boolean attend(TestkubeClient client, String stopBecause) throws InterruptedException {
        // why it was asked to stop at first: then it was seen as it had been before
        stoppedBecause = stoppedBecause == null ? stopBecause : stoppedBecause;
        return attendStopping(client, stopBecause == null ? null : stoppedBecause);
    }

    private boolean attendStopping(TestkubeClient client, String stopBecause) throws InterruptedException {
        // one that is over changes no more, and is not asked for again while its files are fetched
        if (known == null || !known.isOver()) {
            known = client.execution(run.executionId).orElseThrow(() -> lost(client));
        }
        TestkubeExecution seen = known;
        boolean news = !seen.status().equals(status);
        status = seen.status();
        if (news) {
            RunEntries.write(scope, client, run, seen, stopBecause);
        }
        follow(client, seen);
        start.endOthers(client);
        if (!seen.isOver()) {
            if (stopBecause != null) {
                stop(client, stopBecause);
            }
            return news;
        }
        overSinceMillis = overSinceMillis == 0 ? System.currentTimeMillis() : overSinceMillis;
        if (!lines.isEnded() && System.currentTimeMillis() - overSinceMillis < LAST_LINES_MILLIS) {
            return true;
        }
        lines.close();
        lines.flush();
        saySteps(seen);
        if (collection == null) {
            collection = new RunCollection(client, seen, run.workflow, scope.artifacts, scope.spec.junit, Turn.waker());
        }
        if (collection.proceed(scope.report)) {
            end(client, seen, stopBecause);
        }
        return true;
    }

    private LostFault lost(TestkubeClient client) {
        return new LostFault(
                "following workflow " + run.workflow,
                "control plane " + client.connection().name(),
                "its run " + run.executionId + " is not there any more",
                "Nobody can say what became of it; somebody deleted it.");
    }

    private void follow(TestkubeClient client, TestkubeExecution seen) throws InterruptedException {
        if (lines == null) {
            lines = new RunConsole(run, scope.console, Turn.waker());
        }
        // also of one that was over before it was looked at first, or while this controller was away
        if (!seen.isOver() || !lines.wasOpened()) {
            lines.follow(client, seen);
        }
        if (!seen.isOver()) {
            saySteps(seen);
        }
    }

    /** A line for each step that has ended, in their order. */
    private void saySteps(TestkubeExecution seen) {
        List<TestkubeExecution.StepResult> steps = seen.steps();
        while (run.stepsSaid < steps.size() && steps.get(run.stepsSaid).finishedAt() != null) {
            TestkubeExecution.StepResult step = steps.get(run.stepsSaid++);
            Integer code = step.exitCode();
            scope.console.line("[" + run.workflow + " › " + step.name() + "] " + step.status()
                    + (step.startedAt() == null ? "" : " after " + seconds(step.startedAt(), step.finishedAt()))
                    + (code == null || code == 0 ? "" : ", exit code " + code));
        }
    }

    private void end(TestkubeClient client, TestkubeExecution seen, String stopBecause) {
        start.takeBack();
        RunEntries.write(scope, client, run, seen, stopBecause);
        say(summary(seen, stopBecause));
        verdict = RunEntries.verdict(seen);
        ended = true;
        runAgain = verdict == Verdict.ABORTED && stopBecause == null && run.retried < scope.spec.retries;
        if (runAgain) {
            scope.report.update(written -> Merging.execution(written, run.workflow, seen.id()).superseded = true);
        }
    }

    /** The report has what it came to; whether that changed the state, which the caller saves. */
    boolean settle() {
        if (!ended) {
            return false;
        }
        ended = false;
        if (runAgain) {
            repeat();
        } else {
            run.collected = true;
        }
        return true;
    }

    /** What the control plane aborted for reasons of its own, a limit or a lost Pod, gets another run. */
    private void repeat() {
        runAgain = false;
        run.retried++;
        run.requested = false;
        run.requestedMillis = 0;
        run.unanswered = 0;
        run.executionId = null;
        run.tag = UUID.randomUUID().toString();
        run.logPosition = 0;
        run.stepsSaid = 0;
        close();
        start = new RunStart(scope, run);
        lines = null;
        collection = null;
        status = null;
        known = null;
        overSinceMillis = 0;
        say("is run again, " + run.retried + " of " + scope.spec.retries + " times");
    }

    /** Asks it to stop, again and again, and fails the step when it does not. */
    private void stop(TestkubeClient client, String because) throws InterruptedException {
        if (stoppingSinceMillis == 0) {
            stoppingSinceMillis = System.currentTimeMillis();
            say(because + " Aborting it.");
        } else if (System.currentTimeMillis() > stoppingSinceMillis + STOP_MILLIS) {
            throw new UserFault(
                    "aborting workflow " + run.workflow,
                    "control plane " + client.connection().name(),
                    "its run " + run.executionId + " does not stop. " + because,
                    "Look at it there; the end of the environment takes its agent away.");
        }
        client.abort(run.executionId);
    }

    private String summary(TestkubeExecution seen, String stopBecause) {
        int tests = 0;
        int failed = 0;
        for (WorkflowEntry.Suite suite : collection.suites()) {
            tests += suite.tests;
            failed += suite.failed;
        }
        boolean queued = seen.queuedAt() != null && seen.startedAt() != null;
        String reason = RunEntries.reason(seen, stopBecause);
        return seen.status()
                + (seen.startedAt() == null || seen.finishedAt() == null
                        ? ""
                        : " after " + seconds(seen.startedAt(), seen.finishedAt()))
                + (queued ? " (queued " + seconds(seen.queuedAt(), seen.startedAt()) + ")" : "")
                + (tests == 0 ? "" : ", " + tests + " tests, " + failed + " failed")
                + (reason == null ? "" : ": " + reason);
    }

    private static String seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis()) / 1000.0 + " s";
    }

    private void say(String text) {
        scope.console.line("[" + run.workflow + "] " + text);
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
        }
        if (collection != null) {
            collection.close();
        }
    }
}
