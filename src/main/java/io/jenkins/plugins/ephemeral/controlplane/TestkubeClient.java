package io.jenkins.plugins.ephemeral.controlplane;

import static io.jenkins.plugins.ephemeral.controlplane.RestExchange.segment;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.controlplane.RestExchange.Answer;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Testkube's control plane as the rooms see it: the operations of its REST API that are used here, for the organization
 * and Environment of one connection. Each call is one bounded request, made on the caller's thread and tried once; every
 * error is a {@link io.jenkins.plugins.ephemeral.outside.Fault}: wrong token, missing rights, wrong ids and exhausted
 * licences are the user's, throttling, 5xx and broken connections transient. Thread-safe.
 *
 * <p>Paths and fields: {@code openapi/testkube-control-plane-openapi.yaml} of Testkube's documentation.
 */
public final class TestkubeClient {
    private final TestkubeExchange exchange;
    private final String organization;
    private final String environment;
    private final String agentApi;

    /** One of a control plane, which forwards the agent's API. */
    TestkubeClient(TestkubeExchange exchange) {
        this.exchange = exchange;
        organization = "/organizations/" + segment(exchange.connection().organizationId());
        environment =
                organization + "/environments/" + segment(exchange.connection().environmentId());
        agentApi = environment + "/agent";
    }

    /** One of a standalone agent: it knows workflows and their runs, and nothing of organizations. */
    TestkubeClient(TestkubeExchange exchange, String agentApi) {
        this.exchange = exchange;
        organization = null;
        environment = null;
        this.agentApi = agentApi;
    }

    /** Where it leads to. */
    public TestkubeConnection connection() {
        return exchange.connection();
    }

    /**
     * Creates an agent.
     *
     * @return the agent with its secret key, or empty if one of that name exists: then read it and compare
     */
    public Optional<TestkubeAgent> createAgent(AgentRequest request) throws InterruptedException {
        Answer answer = exchange.send(
                "creating agent " + request.name(),
                "POST",
                organization + "/agents",
                TestkubeJson.agentRequest(request, connection().environmentId()));
        boolean exists = answer.status() == 409 && !TestkubeFaults.saysLicence(answer.body());
        if (exists || TestkubeFaults.saysExists(answer.status(), answer.body())) {
            return Optional.empty();
        }
        return Optional.of(TestkubeJson.agent(answer.json()));
    }

    /** The living agent of that name in the organization. */
    public Optional<TestkubeAgent> findAgent(String name) throws InterruptedException {
        return organization().agents("finding agent " + name).stream()
                .filter(agent -> agent.name().equals(name))
                .findFirst();
    }

    /** What can be asked about the whole organization and Environment. */
    public TestkubeOrganization organization() {
        return new TestkubeOrganization(exchange, organization, environment);
    }

    /** The living agent of that id. */
    public Optional<TestkubeAgent> agent(String id) throws InterruptedException {
        Answer answer = exchange.send("reading agent " + id, "GET", organization + "/agents/" + segment(id));
        if (answer.status() == 404) {
            return Optional.empty();
        }
        return Optional.of(TestkubeJson.agent(answer.json())).filter(agent -> agent.deletedAt() == null);
    }

    /** The secret key of an agent, or empty if there is no such agent. */
    public Optional<String> agentSecretKey(String id) throws InterruptedException {
        Answer answer = exchange.send(
                "reading key of agent " + id, "GET", organization + "/agents/" + segment(id) + "/secret-key");
        if (answer.status() == 404) {
            return Optional.empty();
        }
        return Optional.of(answer.json().path("secretKey").asText("")).filter(key -> !key.isEmpty());
    }

    /** Deletes an agent; one that is gone counts as deleted. */
    public void deleteAgent(String id) throws InterruptedException {
        Answer answer = exchange.send("deleting agent " + id, "DELETE", organization + "/agents/" + segment(id));
        if (answer.status() != 404) {
            answer.orFail();
        }
    }

    /** Creates a resource, or replaces the one of that name, whosever it is. */
    public void upsert(TestkubeResourceKind kind, String name, String json) throws InterruptedException {
        upsert(kind, name, json, null);
    }

    /**
     * Creates a resource, or replaces the one of that name. The API has no compare and swap: what somebody else writes
     * between the look and the write is written over.
     *
     * @param json the custom resource as JSON text (which is YAML too: in that form the API takes what Kubernetes takes)
     * @param replaces asked about the one that is there, also where it was made meanwhile; false: it is left as it is;
     *     null: whosever it is, it is replaced
     */
    public void upsert(TestkubeResourceKind kind, String name, String json, Predicate<TestkubeResource> replaces)
            throws InterruptedException {
        String path = agentApi + "/" + kind.path();
        String what = "writing " + kind.word() + ' ' + name;
        Optional<TestkubeResource> known = resource(kind, name);
        for (int i = 0; i < 2; i++) {
            if (replaces != null && known.isPresent() && !replaces.test(known.get())) {
                return;
            }
            Answer answer = known.isPresent()
                    ? exchange.sendYaml(
                            what, kind.updateMethod(), path + '/' + segment(name) + kind.updateQuery(), json)
                    : exchange.sendYaml(what, "POST", path, json);
            boolean otherwise = known.isPresent()
                    ? answer.status() == 404
                    : answer.status() == 409 || TestkubeFaults.saysExists(answer.status(), answer.body());
            if (!otherwise || i > 0) {
                answer.orFail();
                return;
            }
            known = known.isPresent()
                    ? Optional.empty()
                    : replaces == null ? Optional.of(new TestkubeResource(Map.of(), Map.of())) : resource(kind, name);
        }
    }

    /** What marks a resource, or empty if there is none of that name. */
    public Optional<TestkubeResource> resource(TestkubeResourceKind kind, String name) throws InterruptedException {
        Answer answer = exchange.send(
                "reading " + kind.word() + ' ' + name, "GET", agentApi + "/" + kind.path() + '/' + segment(name));
        if (answer.status() == 404) {
            return Optional.empty();
        }
        JsonNode resource = answer.json();
        return Optional.of(new TestkubeResource(
                TestkubeJson.strings(resource.path("labels")), TestkubeJson.strings(resource.path("annotations"))));
    }

    /** Deletes a resource and leaves its executions; one that is gone counts as deleted. */
    public void delete(TestkubeResourceKind kind, String name) throws InterruptedException {
        Answer answer = exchange.send(
                "deleting " + kind.word() + ' ' + name,
                "DELETE",
                agentApi + "/" + kind.path() + '/' + segment(name)
                        + (kind == TestkubeResourceKind.WORKFLOW ? "?skipDeleteExecutions=true" : ""));
        if (answer.status() != 404) {
            answer.orFail();
        }
    }

    /**
     * Names of resources, sorted.
     *
     * @param selector label selector such as {@code tier=smoke}, or null for all
     */
    public List<String> list(TestkubeResourceKind kind, String selector) throws InterruptedException {
        return new ArrayList<>(labels(kind, selector).keySet());
    }

    /**
     * Labels of resources by name, sorted by name.
     *
     * @param selector label selector such as {@code tier=smoke}, or null for all
     */
    public Map<String, Map<String, String>> labels(TestkubeResourceKind kind, String selector)
            throws InterruptedException {
        JsonNode all = exchange.send(
                        "listing " + kind.word() + 's' + (selector == null ? "" : " of " + selector),
                        "GET",
                        agentApi + "/" + kind.path() + (selector == null ? "" : "?selector=" + segment(selector)))
                .json();
        Map<String, Map<String, String>> labels = new TreeMap<>();
        for (JsonNode resource : all.isArray() ? all : all.path("elements")) {
            labels.put(resource.path("name").asText(), TestkubeJson.strings(resource.path("labels")));
        }
        return labels;
    }

    /**
     * Starts a run. Once: when the answer is lost, {@link #findByTag} tells whether it was started.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.RefusedFault if it was not, for certain; after any other transient
     *     fault it may have been, or may still be
     * @throws UserFault also if there is no such workflow, or no agent that would take it
     */
    public TestkubeExecution start(String workflow, ExecutionRequest request) throws InterruptedException {
        String what = "starting workflow " + workflow;
        Answer answer = exchange.send(
                what,
                "POST",
                agentApi + "/test-workflows/" + segment(workflow) + "/executions",
                TestkubeJson.executionRequest(request));
        boolean offline = TestkubeFaults.saysNobodyTakes(answer.status(), answer.body());
        if (offline || TestkubeFaults.saysUnknown(answer.status(), answer.body())) {
            String said = "it answered " + answer.status() + ": " + TestkubeFaults.detail(answer.body());
            throw notStarted(
                    what, said, offline ? offlineRemedy(request) : "Apply the workflow first, and check its name.");
        }
        JsonNode started = TestkubeJson.single(answer.json());
        if (started.path("id").asText("").isEmpty()) {
            throw notStarted(what, "it started no run", offlineRemedy(request));
        }
        return TestkubeJson.execution(started);
    }

    private UserFault notStarted(String what, String why, String remedy) {
        return new UserFault(what, "control plane " + connection().name(), why, remedy);
    }

    private static String offlineRemedy(ExecutionRequest request) {
        String who = request.target().isEmpty() && request.agentName() != null
                ? "Check that agent " + request.agentName() + " is connected"
                : "Check that an agent with the labels of target is connected";
        return who + ". With onlyWhenMatches: false the run waits for one.";
    }

    /** Runs of a workflow that carry a tag, newest first as the server lists them; without their steps. */
    public List<TestkubeExecution> findByTag(String workflow, String tag, String value) throws InterruptedException {
        return runs().find(workflow, tag, value, any -> true);
    }

    /** Lists of runs. */
    public TestkubeRuns runs() {
        return new TestkubeRuns(exchange, agentApi);
    }

    /** A run as it is now, or empty if there is none of that id. */
    public Optional<TestkubeExecution> execution(String id) throws InterruptedException {
        Answer answer = exchange.send("reading run " + id, "GET", executionPath(id));
        if (answer.status() == 404) {
            return Optional.empty();
        }
        return Optional.of(TestkubeJson.execution(TestkubeJson.single(answer.json())));
    }

    /**
     * Asks for a run to be aborted; one that is over (400) or gone (404) is left as it is. That it was asked for says
     * nothing about whether it stopped: read it again.
     */
    public void abort(String id) throws InterruptedException {
        Answer answer = exchange.send("aborting run " + id, "POST", executionPath(id) + "/abort");
        if (answer.status() != 400 && answer.status() != 404) {
            answer.orFail();
        }
    }

    /** The files that a run uploaded. */
    public List<TestkubeArtifact> artifacts(String id) throws InterruptedException {
        List<TestkubeArtifact> artifacts = new ArrayList<>();
        for (JsonNode artifact : exchange.send("listing artifacts of " + id, "GET", executionPath(id) + "/artifacts")
                .json()) {
            artifacts.add(TestkubeJson.artifact(artifact));
        }
        return artifacts;
    }

    /** Page of a run for people, or null if no dashboard is configured. */
    public String link(String workflow, String id) {
        String dashboard = connection().dashboardUrl();
        return dashboard == null || dashboard.isEmpty()
                ? null
                : dashboard.replaceAll("/+$", "")
                        + "/organization/" + segment(connection().organizationId())
                        + "/environment/" + segment(connection().environmentId())
                        + "/dashboard/test-workflows/" + segment(workflow) + "/execution/" + segment(id);
    }

    /** What goes on without a thread: notifications and downloads. */
    public TestkubeStreams streams() {
        return new TestkubeStreams(
                exchange,
                this::executionPath,
                environment == null ? null : id -> environment + "/test-workflow-executions/" + segment(id));
    }

    private String executionPath(String id) {
        return agentApi + "/test-workflow-executions/" + segment(id);
    }
}
