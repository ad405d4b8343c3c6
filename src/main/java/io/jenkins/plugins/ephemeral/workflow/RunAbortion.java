package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Aborts the runs of a step; done when the control plane says of each that it is over. */
final class RunAbortion implements Reconciler<Void> {
    private static final Duration LOOK = Duration.ofMillis(500);

    /**
     * A request to start may still be on its way when the step is stopped: its run is looked for this often, within the
     * time that a step has for its retreat. What comes later is ended with the environment, by its tag.
     */
    private static final int LOOKS_FOR_UNKNOWN = 20;

    private final Supplier<TestkubeClient> clients;
    private final RunScope scope;
    private final WorkflowRunState state;
    private final Set<String> asked = new HashSet<>();
    private final Set<String> withdrawn = new HashSet<>();
    private final Map<WorkflowRunState.Run, Integer> looks = new HashMap<>();

    RunAbortion(Supplier<TestkubeClient> clients, RunScope scope, WorkflowRunState state) {
        this.clients = clients;
        this.scope = scope;
        this.state = state;
    }

    @Override
    public Progress<Void> reconcile() throws InterruptedException {
        TestkubeClient client = clients.get();
        boolean over = true;
        for (WorkflowRunState.Run run : List.copyOf(state.runs)) {
            over &= run.collected || isOver(client, run);
        }
        return over ? Progress.done(null) : Progress.again(LOOK);
    }

    @Override
    public String status() {
        return "aborting runs";
    }

    private boolean isOver(TestkubeClient client, WorkflowRunState.Run run) throws InterruptedException {
        if (scope.resourceCluster != null && run.requested && !run.triggered && !withdrawn.contains(run.tag)) {
            new ResourceStart(scope, run).delete();
            withdrawn.add(run.tag);
        }
        if (run.executionId == null && !find(client, run)) {
            return !run.requested || looks.merge(run, 1, Integer::sum) >= LOOKS_FOR_UNKNOWN;
        }
        TestkubeExecution seen = client.execution(run.executionId).orElse(null);
        if (seen == null) {
            return true;
        }
        RunEntries.write(scope, client, run, seen, "Aborted with the build.");
        if (seen.isOver()) {
            scope.console.line("[" + run.workflow + "] " + seen.status());
            return true;
        }
        // the control plane may answer and do nothing: it is asked until the run is over
        client.abort(run.executionId);
        if (asked.add(run.executionId)) {
            scope.console.line("[" + run.workflow + "] aborting run " + seen.name());
        }
        return false;
    }

    /** It was asked for, but its id was never heard: it may be running. */
    private static boolean find(TestkubeClient client, WorkflowRunState.Run run) throws InterruptedException {
        if (run.requested) {
            for (TestkubeExecution found : client.findByTag(run.definition(), WorkflowRuns.TAG, run.tag)) {
                run.executionId = found.id();
            }
        }
        return run.executionId != null;
    }
}
