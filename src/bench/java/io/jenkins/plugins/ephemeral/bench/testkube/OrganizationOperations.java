package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The operations of control-plane.yaml on agents and Environments. */
final class OrganizationOperations {
    private static final String AGENTS = "/organizations/{organizationId}/agents";
    private static final String ENVIRONMENTS = "/organizations/{organizationId}/environments";

    private final ControlPlaneSettings settings;
    private final AgentStore agents;
    private final Runnable agentsChanged;

    OrganizationOperations(ControlPlaneSettings settings, AgentStore agents, Runnable agentsChanged) {
        this.settings = settings;
        this.agents = agents;
        this.agentsChanged = agentsChanged;
    }

    void addTo(Routes routes) {
        routes.add("GET", AGENTS, in(this::listAgents))
                .add("POST", AGENTS, in(this::createAgent))
                .add("GET", AGENTS + "/{agentID}", in(this::getAgent))
                .add("DELETE", AGENTS + "/{agentID}", in(this::deleteAgent))
                .add("GET", AGENTS + "/{agentID}/secret-key", in(this::secretKey))
                .add("GET", ENVIRONMENTS, in(this::listEnvironments))
                .add("GET", ENVIRONMENTS + "/{environmentID}", in(this::getEnvironment));
    }

    /** An operation within the token's own organization. */
    private Routes.Operation in(Routes.Operation operation) {
        return call -> {
            requireOrganization(settings, call);
            return operation.answer(call);
        };
    }

    static void requireOrganization(ControlPlaneSettings settings, Call call) {
        if (!settings.organizationId.equals(call.parameter("organizationId"))) {
            throw new Problem(
                    403,
                    "Forbidden",
                    "the API token is not of organization '" + call.parameter("organizationId") + "'",
                    null);
        }
    }

    private Answer listAgents(Call call) {
        ObjectNode body = Json.object();
        ArrayNode elements = body.putArray("elements");
        String capability = call.query("capability");
        String environment = call.query("environmentId");
        for (Agent agent : agents.list(includeDeleted(call))) {
            if ((capability.isEmpty() || agent.capabilities.contains(capability))
                    && (environment.isEmpty() || agent.environments.contains(environment))) {
                elements.add(agent.json(settings.environmentName));
            }
        }
        return Answer.json(body);
    }

    private static boolean includeDeleted(Call call) {
        return "true".equals(call.query("includeDeleted"));
    }

    private Answer createAgent(Call call) {
        Agent agent = agents.create(call.json());
        agentsChanged.run();
        return Answer.json(201, agent.json(settings.environmentName).put("secretKey", agent.secretKey));
    }

    private Agent agent(Call call, boolean includeDeleted) {
        String id = call.parameter("agentID");
        return agents.find(id, includeDeleted).orElseThrow(() -> Problem.notFound("agent '" + id + "' not found"));
    }

    private Answer getAgent(Call call) {
        return Answer.json(agent(call, includeDeleted(call)).json(settings.environmentName));
    }

    private Answer deleteAgent(Call call) {
        agents.delete(agent(call, false).id);
        agentsChanged.run();
        return Answer.noContent();
    }

    private Answer secretKey(Call call) {
        return Answer.json(Json.object().put("secretKey", agent(call, false).secretKey));
    }

    private Answer listEnvironments(Call call) {
        ObjectNode body = Json.object();
        body.putArray("elements").add(environment());
        return Answer.json(body);
    }

    private Answer getEnvironment(Call call) {
        String id = call.parameter("environmentID");
        if (!settings.environmentId.equals(id)) {
            throw Problem.notFound("environment '" + id + "' not found");
        }
        return Answer.json(environment());
    }

    private ObjectNode environment() {
        boolean connected = agents.list(false).stream().anyMatch(a -> a.connected);
        return Json.object()
                .put("id", settings.environmentId)
                .put("name", settings.environmentName)
                .put("slug", settings.environmentName)
                .put("organizationID", settings.organizationId)
                .put("connected", connected)
                .put("status", connected ? "Green" : "Red")
                .put("cloudStorage", true)
                .put("newArchitecture", true);
    }
}
