package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The runs of one step, from deciding which to the collected results. Each turn looks at every run that is not
 * collected; how far they are is in {@link WorkflowRunState}, so that another life goes on where this one was.
 */
final class WorkflowRuns implements Reconciler<WorkflowsResult> {
    /** Tag that finds a run again whose id was lost with the answer to its start. */
    static final String TAG = "ephemeral-run";

    private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
    private static final Duration SLOWEST_LOOK = Duration.ofSeconds(5);
    private static final long SAVE_MILLIS = 5_000;

    /** How long a step that fails looks after the end of its other runs. */
    private static final long RETREAT_MILLIS = 30_000;

    private final Supplier<TestkubeClient> clients;
    private final RunScope scope;
    private final TurnReport report;
    private final RunScope runScope;
    private final WorkflowRunState state;
    private final List<OneRun> runs = new ArrayList<>();
    private Duration look = FIRST_LOOK;
    private long savedMillis;
    private boolean letsGo;
    private boolean timedOut;
    private Fault failure;
    private RunAbortion abortion;
    private long retreatUntilMillis;
    private volatile String status = "beginning";

    WorkflowRuns(Supplier<TestkubeClient> clients, RunScope scope, WorkflowRunState state) {
        this.clients = clients;
        this.scope = scope;
        this.report = new TurnReport(scope.report);
        this.runScope = scope.reportingTo(report);
        this.state = state;
    }

    @Override
    public Progress<WorkflowsResult> reconcile() throws InterruptedException {
        if (!letsGo && Turn.current() != null) {
            letsGo = true;
            Turn.current().drive().whenOver(this::letGo);
        }
        TestkubeClient client = clients.get();
        if (!state.resolved) {
            resolve(client);
        }
        if (runs.isEmpty()) {
            state.runs.forEach(run -> runs.add(new OneRun(runScope, run)));
        }
        timedOut |= System.currentTimeMillis() > state.deadlineMillis;
        boolean changed = false;
        try {
            changed = failure == null && turn(client);
        } catch (TransientFault fault) {
            throw fault;
        } catch (Fault fault) {
            failure = fault;
            retreatUntilMillis = System.currentTimeMillis() + RETREAT_MILLIS;
        }
        if (failure != null) {
            return retreat();
        }
        long open = runs.stream().filter(run -> !run.state().collected).count();
        if (open == 0) {
            return Progress.done(RunEntries.result(scope.report.read(), state));
        }
        status = open + " of " + runs.size() + " workflows still run";
        saveNowAndThen();
        look = changed ? FIRST_LOOK : look.plusMillis(500);
        look = look.compareTo(SLOWEST_LOOK) > 0 ? SLOWEST_LOOK : look;
        return Progress.again(look);
    }

    /** Looks at all; what ended counts as collected once the report has it. */
    private boolean turn(TestkubeClient client) throws InterruptedException {
        try {
            return lookAtAll(client);
        } finally {
            report.flush();
            boolean settled = false;
            for (OneRun run : runs) {
                settled |= run.settle();
            }
            if (settled) {
                scope.checkpoint.save();
            }
        }
    }

    private boolean lookAtAll(TestkubeClient client) throws InterruptedException {
        boolean changed = false;
        long active = runs.stream().filter(OneRun::mayBeActive).count();
        int limit = scope.spec.maxConcurrent;
        for (OneRun run : runs) {
            if (run.state().collected) {
                continue;
            }
            String stop = stopBecause();
            if (!run.isActive()) {
                boolean counted = run.mayBeActive();
                if (stop != null && (!run.state().requested || run.isWithdrawn())) {
                    run.skip(run.state().triggered && timedOut ? untriggered() : stop);
                    continue;
                }
                boolean full = limit > 0 && active >= limit && !run.state().triggered && !counted;
                boolean started = !full && run.start(client, stop);
                active += !counted && run.mayBeActive() ? 1 : 0;
                if (!started) {
                    continue;
                }
                changed = true;
            }
            changed |= run.attend(client, timedOut && run.isQueued() ? stop + ' ' + untaken() : stop);
            if (!run.isActive()) {
                active--;
                failFast(run);
            }
        }
        return changed;
    }

    private void failFast(OneRun run) {
        boolean bad = run.isEnded() && run.verdict() != Verdict.PASSED;
        if (bad && scope.spec.failFast && !state.failedFast) {
            state.failedFast = true;
            scope.checkpoint.save();
        }
    }

    private String stopBecause() {
        if (timedOut) {
            return "It ran longer than the timeout of " + scope.spec.timeout.toSeconds() + " s.";
        }
        return state.failedFast ? "Another workflow did not pass, and failFast is set." : null;
    }

    private String untaken() {
        String agent = scope.spec.target.isEmpty() ? scope.spec.agentName : null;
        return "No agent took it: check that "
                + (agent == null ? "one that may is connected." : "agent " + agent + " is connected.");
    }

    private String untriggered() {
        return "no trigger started it within " + scope.spec.timeout.toSeconds() + " s.";
    }

    /** The step fails, but not before what it started has ended: nobody would look after it any more. */
    private Progress<WorkflowsResult> retreat() throws InterruptedException {
        status = "aborting the other runs: " + failure.getMessage();
        letGo();
        if (abortion == null) {
            abortion = new RunAbortion(clients, scope, state);
        }
        Progress<Void> progress;
        try {
            progress = abortion.reconcile();
        } catch (Fault fault) {
            if (fault instanceof TransientFault && System.currentTimeMillis() < retreatUntilMillis) {
                throw fault;
            }
            failure.addSuppressed(fault);
            throw failure;
        }
        if (progress.isDone() || System.currentTimeMillis() > retreatUntilMillis) {
            throw failure;
        }
        return Progress.again(progress.delay());
    }

    private void resolve(TestkubeClient client) throws InterruptedException {
        state.runs.addAll(new WorkflowSelection(scope.environment, scope.build.controllerId(), scope.spec, scope.report)
                .choose(client));
        state.deadlineMillis = System.currentTimeMillis() + scope.spec.timeout.toMillis();
        state.resolved = true;
        scope.checkpoint.save();
    }

    /** Log positions are worth a save now and then, not one each line: after a crash some seconds are printed again. */
    private void saveNowAndThen() {
        long now = System.currentTimeMillis();
        if (now - savedMillis > SAVE_MILLIS) {
            savedMillis = now;
            scope.checkpoint.save();
        }
    }

    private void letGo() {
        runs.forEach(OneRun::close);
    }

    @Override
    public String status() {
        return status;
    }
}
