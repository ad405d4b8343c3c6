package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.RefusedFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a run comes to its execution: started once, though the API knows no idempotent start, or found, where a trigger
 * starts it. After an answer that was lost, with a connection or with the life before this one, the execution is looked
 * for by its tag as long as a request may be on its way or a list may lag behind; then it is asked for again, and should
 * both come to light, the later one is aborted.
 */
final class RunStart {
    private final RunScope scope;
    private final WorkflowRunState.Run run;
    private final ResourceStart resource;
    private final Set<String> others = new HashSet<>();
    private long lookedForSinceMillis;
    private boolean givenUp;

    RunStart(RunScope scope, WorkflowRunState.Run run) {
        this.scope = scope;
        this.run = run;
        this.resource = scope.resourceCluster == null || run.triggered ? null : new ResourceStart(scope, run);
    }

    /**
     * One attempt.
     *
     * @param stopped whether it is only looked for, and not asked for any more
     * @return null if there is nothing yet
     */
    TestkubeExecution attempt(TestkubeClient client, boolean stopped) throws InterruptedException {
        if (run.triggered) {
            return triggered(client);
        }
        if (resource != null) {
            return resource.started(client);
        }
        return run.requested ? lost(client, stopped) : started(client);
    }

    /** Whether it was asked for, is to stop, and did not come to light. */
    boolean isGivenUp() {
        return givenUp;
    }

    /** Whether a resource was to start it and was taken back in time. */
    boolean isWithdrawn() {
        return resource != null && resource.withdrawn();
    }

    /** Takes away what started it, which aborts nothing. */
    void takeBack() {
        if (resource != null) {
            resource.delete();
        }
    }

    private TestkubeExecution lost(TestkubeClient client, boolean stopped) throws InterruptedException {
        List<TestkubeExecution> found = client.findByTag(run.definition(), WorkflowRuns.TAG, run.tag);
        if (!found.isEmpty()) {
            return found.get(found.size() - 1);
        }
        long now = System.currentTimeMillis();
        if (lookedForSinceMillis == 0) {
            lookedForSinceMillis = now;
            say("its start was asked for and not answered; it is looked for, for " + scope.patience.toSeconds()
                    + " s, before it is started again");
        }
        if (now - lookedForSinceMillis < scope.patience.toMillis()) {
            return null;
        }
        givenUp = stopped;
        if (stopped) {
            return null;
        }
        run.unanswered++;
        lookedForSinceMillis = 0;
        return started(client);
    }

    private TestkubeExecution started(TestkubeClient client) throws InterruptedException {
        run.requested = true;
        scope.checkpoint.save();
        WorkflowRunSpec spec = scope.spec;
        try {
            return client.start(
                    run.definition(),
                    new ExecutionRequest(
                            spec.agentName,
                            spec.config,
                            RunTags.of(spec, scope.build, scope.environment, run),
                            spec.target,
                            spec.onlyWhenMatches));
        } catch (RefusedFault | QueuedFault refused) {
            // of this attempt nothing can come to light; an earlier one is looked for again
            run.requested = run.unanswered > 0;
            throw refused;
        }
    }

    /** The newest run of this environment that no step started, asked for since this build applied its triggers. */
    private TestkubeExecution triggered(TestkubeClient client) throws InterruptedException {
        String controller = scope.build.controllerId();
        List<TestkubeExecution> found = client.runs()
                .find(
                        run.definition(),
                        RunTags.ENVIRONMENT,
                        scope.environment.environment(),
                        tags -> !tags.isEmpty()
                                && !tags.containsKey(WorkflowRuns.TAG)
                                && RunTags.mayBeOf(controller, tags));
        for (TestkubeExecution each : found) {
            if (each.queuedAt() == null || each.queuedAt().toEpochMilli() > run.afterMillis) {
                return each;
            }
        }
        return null;
    }

    /** A start that was given up for lost may have come to pass after all: only one execution is this run's. */
    void endOthers(TestkubeClient client) throws InterruptedException {
        if (run.unanswered == 0) {
            return;
        }
        for (TestkubeExecution other : client.findByTag(run.definition(), WorkflowRuns.TAG, run.tag)) {
            if (other.id().equals(run.executionId) || other.isOver()) {
                continue;
            }
            boolean first = others.add(other.id());
            if (first) {
                say("a start that was given up for lost has come to pass: its run " + other.name() + " is aborted");
            }
            try {
                client.abort(other.id());
            } catch (UserFault refused) {
                if (first) {
                    say(refused.getMessage() + " It ends with the environment."); // the run that is followed goes on
                }
            }
        }
    }

    private void say(String text) {
        scope.console.line("[" + run.workflow + "] " + text);
    }
}
