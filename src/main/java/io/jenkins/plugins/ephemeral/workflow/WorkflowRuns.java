package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The runs of one step, from deciding which to the collected results. Each turn looks at every run that is not
 * collected; what a run is at is in {@link WorkflowRunState}, so that another life goes on where this one was.
 */
final class WorkflowRuns implements Reconciler<WorkflowsResult> {
    /** Tag that finds a run again whose id was lost with the answer to its start. */
    static final String TAG = "ephemeral-run";

    private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
    private static final Duration SLOWEST_LOOK = Duration.ofSeconds(5);
    private static final long SAVE_MILLIS = 5_000;

    /** How long a step that fails looks after the end of its other runs. */
    private static final long RETREAT_MILLIS = 30_000;

    /** How long a run may take to stop that is beyond the step's timeout. */
    private static final long STOP_MILLIS = 60_000;

    /** How long the console may lag behind the end of a run before the rest is left to the report. */
    private static final long LAST_LINES_MILLIS = 3_000;

    private final TestkubeClients clients;
    private final NamespaceRef environment;
    private final WorkflowRunSpec spec;
    private final WorkflowRunState state;
    private final RunRef build;
    private final Path artifacts;
    private final Checkpoint checkpoint;
    private final Console console;
    private final ReportStore report;
    private final Map<WorkflowRunState.Run, RunConsole> consoles = new HashMap<>();
    private final Map<WorkflowRunState.Run, RunCollection> collections = new HashMap<>();
    private final Map<WorkflowRunState.Run, String> statuses = new HashMap<>();
    private final Map<WorkflowRunState.Run, Long> overSinceMillis = new HashMap<>();
    private Duration look = FIRST_LOOK;
    private long savedMillis;
    private boolean letsGo;
    private final Set<WorkflowRunState.Run> aborting = new HashSet<>();
    private boolean timedOut;
    private Fault failure;
    private RunAbortion abortion;
    private long retreatUntilMillis;
    private volatile String status = "beginning";

    WorkflowRuns(
            TestkubeClients clients,
            NamespaceRef environment,
            WorkflowRunSpec spec,
            WorkflowRunState state,
            RunRef build,
            Path artifacts,
            Checkpoint checkpoint,
            Console console,
            ReportStore report) {
        this.clients = clients;
        this.environment = environment;
        this.spec = spec;
        this.state = state;
        this.build = build;
        this.artifacts = artifacts;
        this.checkpoint = checkpoint;
        this.console = console;
        this.report = report;
    }

    @Override
    public Progress<WorkflowsResult> reconcile() throws InterruptedException {
        if (!letsGo && Turn.current() != null) {
            letsGo = true;
            Turn.current().drive().whenOver(this::letGo);
        }
        TestkubeClient client = clients.client(spec.controlPlane);
        if (!state.resolved) {
            resolve(client);
        }
        timedOut |= System.currentTimeMillis() > state.deadlineMillis;
        boolean changed = false;
        int open = 0;
        try {
            for (WorkflowRunState.Run run : failure == null ? state.runs : List.<WorkflowRunState.Run>of()) {
                if (run.executionId == null) {
                    start(client, run);
                    changed = true;
                }
                if (!run.collected) {
                    changed |= attend(client, run);
                    open += run.collected ? 0 : 1;
                }
            }
        } catch (TransientFault fault) {
            throw fault;
        } catch (Fault fault) {
            failure = fault;
            retreatUntilMillis = System.currentTimeMillis() + RETREAT_MILLIS;
        }
        if (failure != null) {
            return retreat();
        }
        if (open == 0) {
            return Progress.done(RunEntries.result(report.read(), state));
        }
        status = open + " of " + state.runs.size() + " workflows still run";
        saveNowAndThen();
        look = changed ? FIRST_LOOK : look.plusMillis(500);
        look = look.compareTo(SLOWEST_LOOK) > 0 ? SLOWEST_LOOK : look;
        return Progress.again(look);
    }

    /** The step fails, but not before what it started has ended: nobody would look after it any more. */
    private Progress<WorkflowsResult> retreat() throws InterruptedException {
        status = "aborting the other runs: " + failure.getMessage();
        letGo();
        if (abortion == null) {
            abortion = new RunAbortion(clients, environment, spec, state, console, report);
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
        for (String name : new WorkflowSelection(environment, spec, report).choose(client)) {
            WorkflowRunState.Run run = new WorkflowRunState.Run();
            run.workflow = name;
            run.tag = UUID.randomUUID().toString();
            state.runs.add(run);
        }
        state.deadlineMillis = System.currentTimeMillis() + spec.timeout.toMillis();
        state.resolved = true;
        checkpoint.save();
    }

    private void start(TestkubeClient client, WorkflowRunState.Run run) throws InterruptedException {
        TestkubeExecution started = null;
        if (run.requested) {
            // the answer was lost with a connection or with the life before this one
            for (TestkubeExecution found : client.findByTag(run.workflow, TAG, run.tag)) {
                started = found;
            }
        }
        if (started == null) {
            run.requested = true;
            checkpoint.save();
            started = client.start(
                    run.workflow,
                    new ExecutionRequest(spec.agentName, spec.config, RunTags.of(spec, build, environment, run)));
        }
        run.executionId = started.id();
        checkpoint.save();
        String link = client.link(run.workflow, started.id());
        console.line("[" + run.workflow + "] run " + started.name() + (link == null ? "" : " " + link));
    }

    /** Looks at one run; says whether something changed. */
    private boolean attend(TestkubeClient client, WorkflowRunState.Run run) throws InterruptedException {
        TestkubeExecution seen = client.execution(run.executionId)
                .orElseThrow(() -> new LostFault(
                        "following workflow " + run.workflow,
                        "control plane " + client.connection().name(),
                        "its run " + run.executionId + " is not there any more",
                        "Nobody can say what became of it; somebody deleted it."));
        boolean news = !seen.status().equals(statuses.put(run, seen.status()));
        if (news) {
            RunEntries.write(report, client, environment, seen, abortedBecause());
        }
        RunConsole lines = consoles.computeIfAbsent(run, any -> new RunConsole(run, console, Turn.waker()));
        // also of one that was over before it was looked at first, or while this controller was away
        if (!seen.isOver() || !lines.wasOpened()) {
            lines.follow(client, seen);
        }
        if (!seen.isOver()) {
            if (timedOut) {
                stop(client, run);
            }
            return news;
        }
        long since = overSinceMillis.computeIfAbsent(run, any -> System.currentTimeMillis());
        if (!lines.isEnded() && System.currentTimeMillis() - since < LAST_LINES_MILLIS) {
            return true;
        }
        lines.close();
        lines.flush();
        RunCollection collection = collections.computeIfAbsent(
                run, any -> new RunCollection(client, seen, artifacts, spec.junit, Turn.waker()));
        if (collection.proceed(report)) {
            RunEntries.write(report, client, environment, seen, abortedBecause());
            run.collected = true;
            checkpoint.save();
            console.line("[" + run.workflow + "] " + summary(seen, collection));
        }
        return true;
    }

    /** Asks a late run to stop, again and again, and fails the step when it does not. */
    private void stop(TestkubeClient client, WorkflowRunState.Run run) throws InterruptedException {
        if (aborting.add(run)) {
            console.line("[" + run.workflow + "] " + abortedBecause() + " Aborting it.");
        } else if (System.currentTimeMillis() > state.deadlineMillis + STOP_MILLIS) {
            throw new UserFault(
                    "aborting workflow " + run.workflow,
                    "control plane " + client.connection().name(),
                    "its run " + run.executionId + " does not stop. " + abortedBecause(),
                    "Look at it there; the end of the environment takes its agent away.");
        }
        client.abort(run.executionId);
    }

    private String abortedBecause() {
        return timedOut ? "It ran longer than the timeout of " + spec.timeout.toSeconds() + " s." : null;
    }

    private String summary(TestkubeExecution seen, RunCollection collection) {
        int tests = 0;
        int failed = 0;
        for (WorkflowEntry.Suite suite : collection.suites()) {
            tests += suite.tests;
            failed += suite.failed;
        }
        String reason = RunEntries.reason(seen, abortedBecause());
        return seen.status()
                + (seen.startedAt() == null || seen.finishedAt() == null
                        ? ""
                        : " after "
                                + Duration.between(seen.startedAt(), seen.finishedAt())
                                                .toMillis()
                                        / 1000.0
                                + " s")
                + (tests == 0 ? "" : ", " + tests + " tests, " + failed + " failed")
                + (reason == null ? "" : ": " + reason);
    }

    /** Log positions are worth a save now and then, not one each line: after a crash some seconds are printed again. */
    private void saveNowAndThen() {
        long now = System.currentTimeMillis();
        if (now - savedMillis > SAVE_MILLIS) {
            savedMillis = now;
            checkpoint.save();
        }
    }

    private void letGo() {
        consoles.values().forEach(RunConsole::close);
        collections.values().forEach(RunCollection::close);
    }

    @Override
    public String status() {
        return status;
    }
}
