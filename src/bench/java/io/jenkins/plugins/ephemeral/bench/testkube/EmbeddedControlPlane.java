package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A Testkube control plane in this process, on 127.0.0.1: the operations of its published OpenAPI files that the plugin
 * uses, below {@code /v1} also as a standalone agent has them, agents that connect, and executions that really run: shell steps are local processes, with logs in Testkube's
 * format, artifacts and JUnit reports. What it does not know it refuses by name.
 *
 * <p>Deviations of Testkube from its own OpenAPI files are kept (single objects where an array is announced, a queued
 * run aborted by an error of its specification instead of a refused request); the contract tests list them.
 */
public final class EmbeddedControlPlane implements AutoCloseable {
    private final ControlPlaneSettings settings;
    private final AgentStore agents;
    private final ResourceStore workflows;
    private final ResourceStore templates;
    private final TriggerOperations triggers = new TriggerOperations();
    private final Artifacts artifacts = new Artifacts();
    private final Gate gate = new Gate();
    private final Scheduler scheduler;
    private final HttpFront front;

    private EmbeddedControlPlane(ControlPlaneSettings settings) {
        this.settings = settings;
        Identifiers identifiers = new Identifiers(settings.clock);
        agents = new AgentStore(settings, identifiers);
        workflows = new ResourceStore("TestWorkflow", settings.clock);
        templates = new ResourceStore("TestWorkflowTemplate", settings.clock);
        StandInAgents standIns = new StandInAgents(agents);
        scheduler = new Scheduler(settings, agents, workflows, templates, identifiers, artifacts, gate, standIns);
        Routes routes = new Routes();
        standIns.addTo(routes, scheduler::dispatch);
        new OrganizationOperations(settings, agents, scheduler::dispatch).addTo(routes);
        EnvironmentRoutes environment = new EnvironmentRoutes(routes, settings);
        routes.add(
                "GET",
                EnvironmentRoutes.STANDALONE + "/info",
                call -> Answer.json(Json.object().put("version", "2.12.2").put("context", "oss")));
        new ResourceOperations(workflows, scheduler::forgetWorkflow).addTo(environment, "/test-workflows");
        new ResourceOperations(templates, name -> {}).addTo(environment, "/test-workflow-templates");
        triggers.addTo(environment);
        new ExecutionOperations(settings, scheduler, artifacts).addTo(environment);
        if (settings.presignedUrls) {
            new PresignedDownloads(settings, scheduler, artifacts).addTo(routes);
        }
        front = new HttpFront(routes, settings.apiToken);
    }

    /** One with default settings, listening. */
    public static EmbeddedControlPlane start() {
        return builder().start();
    }

    /** Settings of one that is to be started. */
    public static Builder builder() {
        return new Builder();
    }

    /** Base URL of the REST API, without a slash at its end. */
    public String url() {
        return "http://127.0.0.1:" + front.port();
    }

    /** What an agent's {@code TESTKUBE_PRO_URL} is set to; no gRPC is spoken there, only the stand-in's own protocol. */
    public String agentAddress() {
        return "127.0.0.1:" + front.port();
    }

    /** Id of its only organization. */
    public String organizationId() {
        return settings.organizationId;
    }

    /** Id of its only Environment. */
    public String environmentId() {
        return settings.environmentId;
    }

    /** The API token that is accepted. */
    public String apiToken() {
        return settings.apiToken;
    }

    /**
     * What an agent does when it starts: it authenticates; from then on it takes runs.
     *
     * @return false for an id that is unknown or a key that is wrong; nothing has changed then
     */
    public boolean connect(String agentId, String secretKey) {
        return connect(agentId, secretKey, "2.12.2", "testkube");
    }

    /**
     * As {@link #connect(String, String)}, with what an agent reports of itself.
     *
     * @param version version of the agent
     * @param namespace the namespace in which it runs
     */
    public boolean connect(String agentId, String secretKey, String version, String namespace) {
        boolean known = agents.connect(agentId, secretKey, version, namespace);
        scheduler.dispatch();
        return known;
    }

    /** What happens when an agent's connection ends: it gets no more runs. Those that it has go on. */
    public void disconnect(String agentId) {
        agents.disconnect(agentId);
    }

    /** Names of the agents that are there, deleted ones excluded. */
    public List<String> agentNames() {
        return agents.list(false).stream().map(agent -> agent.name).toList();
    }

    /** Names of the agents that are connected. */
    public List<String> connectedAgentNames() {
        return agents.list(false).stream()
                .filter(agent -> agent.connected)
                .map(agent -> agent.name)
                .toList();
    }

    /** Names of the workflows. */
    public List<String> workflowNames() {
        return workflows.names();
    }

    /** Names of the workflow templates. */
    public List<String> templateNames() {
        return templates.names();
    }

    /** The triggers in the form of the API. */
    public List<ObjectNode> triggers() {
        return triggers.all();
    }

    /** Copies of the executions as the API shows them, oldest first. */
    public List<ObjectNode> executions() {
        return scheduler.executions().stream().map(Execution::json).toList();
    }

    /**
     * Holds executions before they enter a state: {@code starting}, {@code scheduling} or {@code running}. Not held is
     * the way to an end.
     */
    public void holdBefore(String status) {
        gate.close(status);
    }

    /** Lets all that are held go on. */
    public void releaseHeld() {
        gate.openAll();
    }

    /** Lets the whole control plane be away until {@link #endOutage()}. */
    public void beginOutage(Outage kind) {
        front.beginOutage(kind);
    }

    /** It is back, on the same port, with everything that it knew. */
    public void endOutage() {
        front.endOutage();
    }

    /**
     * Lets one request fail: the next with this method whose path, as it is sent, contains a match.
     *
     * @param pathRegex regular expression that is to be found in the path
     */
    public void failNext(String method, String pathRegex, ServerFault fault) {
        front.failNext(method, pathRegex, fault);
    }

    /** All requests so far with their answers, in the order of the answers; they outlive {@link #close()}. */
    public List<Exchange> exchanges() {
        return front.exchanges();
    }

    /** How many requests there were with this method whose path contains a match of the regular expression. */
    public long count(String method, String pathRegex) {
        Pattern path = Pattern.compile(pathRegex);
        return front.exchanges().stream()
                .filter(e -> e.method().equals(method) && path.matcher(e.path()).find())
                .count();
    }

    /** Forgets the requests so far. */
    public void forgetExchanges() {
        front.forgetExchanges();
    }

    /** Stops listening, kills what still runs, and deletes all files. */
    @Override
    public void close() {
        front.close();
        scheduler.close();
        artifacts.close();
    }

    /** Settings of an {@link EmbeddedControlPlane}. */
    public static final class Builder {
        private final ControlPlaneSettings settings = new ControlPlaneSettings();

        private Builder() {}

        /** Id of the organization. */
        public Builder organizationId(String id) {
            settings.organizationId = id;
            return this;
        }

        /** Id of the Environment. */
        public Builder environmentId(String id) {
            settings.environmentId = id;
            return this;
        }

        /** The API token to accept. */
        public Builder apiToken(String token) {
            settings.apiToken = token;
            return this;
        }

        /** What tells the time in everything that is answered; the time limits of steps are always real. */
        public Builder clock(Clock clock) {
            settings.clock = clock;
            return this;
        }

        /** How many runners may exist (fixed) or be connected (floating); unlimited unless set. */
        public Builder licences(int licences) {
            settings.licences = licences;
            return this;
        }

        /** Status of the answer to a fixed runner beyond the licences; 403 unless set, since none is documented. */
        public Builder licenceErrorStatus(int status) {
            settings.licenceErrorStatus = status;
            return this;
        }

        /** Status of the answer to an agent whose name is taken; 400 unless set, since none is documented. */
        public Builder duplicateNameStatus(int status) {
            settings.duplicateNameStatus = status;
            return this;
        }

        /** No parsed JUnit reports in executions, as without the commercial feature; artifacts stay. */
        public Builder withoutReports() {
            settings.reports = false;
            return this;
        }

        /** No presigned URLs of logs and artifacts: 404, as of an older control plane; the agent operations stay. */
        public Builder withoutPresignedUrls() {
            settings.presignedUrls = false;
            return this;
        }

        /** The state in which aborted executions end: {@code aborted} unless set, or {@code canceled}. */
        public Builder abortsEndAs(String status) {
            settings.abortedStatus = status;
            return this;
        }

        /** Pause after which a stream of notifications sends a heartbeat; 20 seconds unless set. */
        public Builder heartbeat(Duration pause) {
            settings.heartbeat = pause;
            return this;
        }

        /** An image that cannot be pulled: executions with it fail in their initialization. */
        public Builder unpullableImage(String image) {
            settings.unpullableImages.add(image);
            return this;
        }

        /** Starts it. */
        public EmbeddedControlPlane start() {
            return new EmbeddedControlPlane(settings);
        }
    }
}
