package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Takes run requests, keeps the executions, and gives queued ones to connected agents that match. */
final class Scheduler implements AutoCloseable {
    private final ControlPlaneSettings settings;
    private final AgentStore agents;
    private final ResourceStore workflows;
    private final WorkflowResolver resolver;
    private final Identifiers identifiers;
    private final Artifacts artifacts;
    private final Gate gate;
    private final StandInAgents standIns;
    private final Map<String, Execution> executions = new LinkedHashMap<>();
    private final Map<String, Step> plans = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> variables = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(r -> {
        Thread thread = new Thread(r, "embedded-control-plane-run");
        thread.setDaemon(true);
        return thread;
    });

    Scheduler(
            ControlPlaneSettings settings,
            AgentStore agents,
            ResourceStore workflows,
            ResourceStore templates,
            Identifiers identifiers,
            Artifacts artifacts,
            Gate gate,
            StandInAgents standIns) {
        this.settings = settings;
        this.agents = agents;
        this.workflows = workflows;
        this.resolver = new WorkflowResolver(templates);
        this.identifiers = identifiers;
        this.artifacts = artifacts;
        this.gate = gate;
        this.standIns = standIns;
    }

    /**
     * Makes an execution of a workflow.
     *
     * @throws Problem if there is no such workflow, no agent matches although one must
     */
    Execution schedule(String workflowName, ObjectNode request) {
        // Testkube's handler makes a 500 of it, not a 404
        ObjectNode workflow = workflows
                .find(workflowName)
                .orElseThrow(() -> Problem.internal("failed to execute test workflow: invalid workflow id: "
                        + "TestWorkflow \"" + workflowName + "\" not found"));
        JsonNode defaults = workflow.path("spec").path("execution");
        JsonNode target = request.has("target") ? request.path("target") : defaults.path("target");
        if (!target.path("replicate").isEmpty()) {
            throw Problem.badRequest("the embedded control plane does not replicate executions");
        }
        if ("OnlyWhenMatches".equals(target.path("schedulerPolicy").asText()) && !agents.anyMatches(target)) {
            throw Problem.badRequest("failed to execute test workflow: no runner matches the target");
        }
        Map<String, String> tags = Json.strings(defaults.path("tags"));
        tags.putAll(Json.strings(request.path("tags")));
        Execution execution = create(workflow, request, target.isMissingNode() ? Json.object() : target, tags);
        dispatch();
        return execution;
    }

    private synchronized Execution create(
            ObjectNode workflow, ObjectNode request, JsonNode target, Map<String, String> tags) {
        String workflowName = workflow.path("name").asText();
        int number = numbers.merge(workflowName, 1, Integer::sum);
        String id = identifiers.executionId();
        ObjectNode resolved = workflow.deepCopy();
        SpecificationError error = null;
        Step plan = null;
        try {
            ObjectNode spec = resolver.resolve(workflow.path("spec"), Json.strings(request.path("config")));
            plan = new StepPlanner(identifiers).plan(withNames(spec, workflowName, id, number));
            resolved.set("spec", spec);
        } catch (SpecificationError e) {
            error = e;
        }
        ObjectNode api = workflows.api(workflowName);
        ObjectNode resolvedApi = CrForm.toApi(resolved, null, null);
        Execution execution = new Execution(id, number, request, api, resolvedApi, target, tags, settings.clock);
        executions.put(id, execution);
        if (error == null) {
            plans.put(id, plan);
            variables.put(id, Json.strings(request.path("runtime").path("variables")));
        } else {
            execution.refuse(error.getMessage());
        }
        return execution;
    }

    private static JsonNode withNames(JsonNode spec, String workflowName, String id, int number) {
        String header = "Cannot process Test Workflow specification";
        Map<String, String> values =
                Map.of("id", id, "name", workflowName + "-" + number, "number", String.valueOf(number));
        JsonNode named = Expressions.resolve(spec, "execution.", values, header);
        return Expressions.resolve(named, "workflow.", Map.of("name", workflowName), header);
    }

    /** Gives queued executions to agents; called whenever something has changed. */
    synchronized void dispatch() {
        for (Execution execution : executions.values()) {
            if ("queued".equals(execution.status())) {
                Optional<Agent> agent = agents.free(execution.target);
                if (agent.isPresent() && execution.assign(agent.get().id, agent.get().namespace)) {
                    threads.execute(() -> run(execution));
                }
            }
        }
    }

    private void run(Execution execution) {
        Step plan;
        Map<String, String> environment;
        synchronized (this) {
            plan = plans.get(execution.id);
            environment = variables.get(execution.id);
        }
        try {
            for (String status : List.of("starting", "scheduling")) {
                gate.pass(status);
                execution.advance(status);
            }
            execution.plan(plan);
            gate.pass("running");
            new WorkflowRunner(settings, artifacts, execution, plan, environment, standIns).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized List<Execution> executions() {
        return List.copyOf(executions.values());
    }

    /** Finds one by id or by name. */
    synchronized Optional<Execution> find(String idOrName) {
        Execution byId = executions.get(idOrName);
        return byId != null
                ? Optional.of(byId)
                : executions.values().stream()
                        .filter(e -> e.name.equals(idOrName))
                        .findFirst();
    }

    /** Forgets the executions of a workflow that has been deleted. */
    void forgetWorkflow(String workflowName) {
        List<Execution> gone = new ArrayList<>();
        synchronized (this) {
            executions.values().stream()
                    .filter(e -> e.workflowName.equals(workflowName))
                    .forEach(gone::add);
            gone.forEach(e -> executions.remove(e.id));
        }
        gone.forEach(e -> {
            e.abort(settings.abortedStatus);
            artifacts.forget(e.id);
        });
    }

    @Override
    public void close() {
        executions().forEach(e -> e.abort(settings.abortedStatus));
        threads.shutdownNow();
    }
}
