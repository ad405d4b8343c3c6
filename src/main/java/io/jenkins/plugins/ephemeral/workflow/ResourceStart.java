package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a run by an {@link ExecutionResource}. The resource says little and late (see there): the run is looked for by its
 * tag too, and from then on followed like one that was started by the API. The name follows from the run's tag, which is
 * saved before anything is created, so another life finds the same resource.
 */
final class ResourceStart {
    /** How long an agent may take to notice a resource. */
    static final long NOTICE_MILLIS = 120_000;

    /** How often a run is looked for after its resource was deleted. */
    private static final int LAST_LOOKS = 3;

    private final RunScope scope;
    private final WorkflowRunState.Run run;
    private int lastLooks;

    ResourceStart(RunScope scope, WorkflowRunState.Run run) {
        this.scope = scope;
        this.run = run;
    }

    private ExecutionResource resource() {
        return new ExecutionResource(
                scope.resourceCluster, scope.spec.executionNamespace, scope.environment.environment(), run.tag);
    }

    /** The run, or null if it has not begun yet. */
    TestkubeExecution started(TestkubeClient client) throws InterruptedException {
        if (run.requestedMillis == 0) {
            run.requested = true;
            run.requestedMillis = System.currentTimeMillis();
            scope.checkpoint.save();
            create();
            return null;
        }
        List<TestkubeExecution> found = client.findByTag(run.definition(), WorkflowRuns.TAG, run.tag);
        if (!found.isEmpty()) {
            return found.get(0);
        }
        ExecutionResource resource = resource();
        Optional<ExecutionResource.Seen> seen = lastLooks > 0 ? Optional.empty() : resource.read();
        if (seen.isPresent() && seen.get().error() != null) {
            throw new UserFault(
                    "starting workflow " + run.workflow,
                    "TestWorkflowExecution " + resource.where(),
                    "the agent did not schedule it: " + seen.get().error(),
                    "Check the workflow's name and the values of config and target; an agent does not try again.");
        }
        if (seen.isPresent() && seen.get().executionId() != null) {
            return client.execution(seen.get().executionId()).orElse(null);
        }
        if (seen.isEmpty() && lastLooks == 0) {
            // Jenkins or the API server may have been away for long since it was asked for
            run.requestedMillis = System.currentTimeMillis();
            scope.checkpoint.save();
            create();
            return null;
        }
        if (lastLooks == 0 && System.currentTimeMillis() > run.requestedMillis + NOTICE_MILLIS) {
            throw new UserFault(
                    "starting workflow " + run.workflow,
                    "TestWorkflowExecution " + resource.where(),
                    "no agent took it within " + NOTICE_MILLIS / 1000 + " s",
                    "Only an agent with ENABLE_K8S_CONTROLLERS=true executes such resources, and only those of its own"
                            + " namespace; without executionResource runs are started by the agent's API.");
        }
        return null;
    }

    private void create() {
        Map<String, String> tags = RunTags.of(scope.spec, scope.build, scope.environment, run);
        resource()
                .create(
                        scope.spec,
                        run.definition(),
                        scope.environment.environment(),
                        scope.build.controllerId(),
                        tags);
        scope.console.line(
                "[" + run.workflow + "] TestWorkflowExecution " + resource().where() + " is created");
    }

    /** Takes the resource away before a run came of it; true when none did. */
    boolean withdrawn() {
        delete();
        return ++lastLooks > LAST_LOOKS;
    }

    /** Takes the resource away, which aborts nothing. What cannot be deleted goes with the environment. */
    void delete() {
        try {
            resource().delete();
        } catch (UserFault fault) {
            scope.console.line("[" + run.workflow + "] " + fault.getMessage());
        }
    }
}
