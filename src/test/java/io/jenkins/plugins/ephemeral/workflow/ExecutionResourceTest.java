package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.jenkins.plugins.ephemeral.agent.TestkubeStage;
import io.jenkins.plugins.ephemeral.bench.kube.ServiceProxies;
import io.jenkins.plugins.ephemeral.bench.testkube.ExecutionController;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.TestkubeDefinitions;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Runs that are started by TestWorkflowExecution resources, in a namespace with a standalone agent. */
public class ExecutionResourceTest {
    private static final String SERVICE = "testkube-api-server:8088";

    @Rule
    public final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final WorkflowRunSpec spec = new WorkflowRunSpec();
    private final WorkflowRunState state = new WorkflowRunState();
    private ExecutionController agent;
    private NamespaceRef environment;
    private ReportFile report;

    @Before
    public void standaloneAgent() throws Exception {
        TestkubeDefinitions.require(stage.admin(), "testworkflowexecutions");
        environment = stage.environment("shop-1");
        stage.admin()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("testkube")
                        .endMetadata()
                        .build())
                .create();
        stage.admin()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("testkube-api-server")
                        .withNamespace("testkube")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(8088)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        stage.kube().serviceProxies().put("testkube", SERVICE, this::forward);
        report = ReportFile.in(folder.getRoot().toPath().resolve("report"));
        spec.agentService = "testkube/" + SERVICE;
        spec.executionNamespace = "testkube";
        TestkubeClient client = stage.controller().clients().client("");
        TestkubeAgent runner =
                client.createAgent(new AgentRequest("only", Map.of(), true)).orElseThrow();
        assertThat(stage.controlPlane().connect(runner.id(), runner.secretKey()))
                .isTrue();
        for (String name : List.of("smoke", "load")) {
            client.upsert(
                    TestkubeResourceKind.WORKFLOW,
                    name,
                    """
                    {"apiVersion": "testworkflows.testkube.io/v1", "kind": "TestWorkflow", "metadata": {"name": "%s"},
                     "spec": {"config": {"word": {"type": "string", "default": "nothing"}},
                      "execution": {"target": {"match": {"name": ["only"]}}},
                      "steps": [{"name": "Hello", "shell": "echo {{ config.word }}"}]}}"""
                            .formatted(name));
        }
        stage.controlPlane().forgetExchanges();
    }

    @After
    public void endTheAgent() {
        if (agent != null) {
            agent.close();
        }
    }

    private void executeResources() {
        agent = new ExecutionController(stage.admin(), stage.controlPlane(), "testkube");
    }

    /** The control plane of the bench knows the agent's operations under another path. */
    private ServiceProxies.Response forward(String method, String path, byte[] body) {
        requests.add(method + ' ' + path.replaceAll("\\?.*", "").replaceAll("[0-9a-f]{24}", "ID"));
        String url = stage.controlPlane().url() + "/organizations/"
                + stage.controlPlane().organizationId() + "/environments/"
                + stage.controlPlane().environmentId() + "/agent" + path.substring("/v1".length());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + stage.controlPlane().apiToken())
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new ServiceProxies.Response(answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private WorkflowRunner runner() {
        return new WorkflowRunner(
                stage.controller().clients(), stage.controller().clusters());
    }

    private Reconciler<WorkflowsResult> running() {
        return runner().run(
                        environment,
                        spec,
                        state,
                        stage.run,
                        folder.getRoot().toPath().resolve("artifacts"),
                        () -> {},
                        stage.console::add,
                        report);
    }

    private List<GenericKubernetesResource> resources() {
        return stage.admin()
                .genericKubernetesResources("testworkflows.testkube.io/v1", "TestWorkflowExecution")
                .inNamespace("testkube")
                .list()
                .getItems();
    }

    private WorkflowRunState.Run onlyRun() {
        assertThat(state.runs).hasSize(1);
        return state.runs.get(0);
    }

    @Test
    public void aRunIsStartedByAResourceThatNamesItselfAndGoesInTheEnd() throws Throwable {
        spec.workflows.add("smoke");
        spec.config.put("word", "hello");
        spec.tags.put("team", "shop");
        spec.target.put("name", "only");
        CompletableFuture<WorkflowsResult> running = stage.controller().begin(running());
        await().until(() -> resources().size() == 1);
        GenericKubernetesResource resource = resources().get(0);
        String name = resource.getMetadata().getName();
        assertThat(name).startsWith("shop-1-").hasSize("shop-1-".length() + 32);
        assertThat(resource.getMetadata().getLabels())
                .containsEntry("ephemeral.jenkins.io/environment", "shop-1")
                .containsEntry("ephemeral.jenkins.io/controller", "ctl-1")
                .containsEntry("app.kubernetes.io/managed-by", "ephemeral-environments");
        assertThat(resource.<String>get("spec", "testWorkflow", "name")).isEqualTo("smoke");
        Map<String, Object> request = resource.get("spec", "executionRequest");
        assertThat(request)
                .containsOnlyKeys("testWorkflowExecutionName", "config", "tags", "target")
                .containsEntry("testWorkflowExecutionName", name)
                .containsEntry("config", Map.of("word", "hello"))
                .containsEntry(
                        "target",
                        Map.of("match", Map.of("name", List.of("only")), "schedulerPolicy", "OnlyWhenMatches"));
        assertThat(resource.<String>get("spec", "executionRequest", "tags", "team"))
                .isEqualTo("shop");

        executeResources();
        WorkflowsResult result = running.get();

        assertThat(result.passed).containsExactly("smoke");
        assertThat(stage.console)
                .contains(
                        "[smoke] TestWorkflowExecution dev/testkube/" + name + " is created", "[smoke › Hello] hello");
        assertThat(resources()).isEmpty();
        assertThat(stage.controlPlane().executions()).hasSize(1);
        assertThat(requests).doesNotContain("POST /v1/test-workflows/smoke/executions");
    }

    @Test
    public void whatTheAgentCouldNotScheduleIsSaid() {
        executeResources();
        spec.workflows.add("smoke");
        spec.target.put("name", "nobody");

        assertThatThrownBy(() -> stage.controller().finish(running()))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith("starting workflow smoke (TestWorkflowExecution dev/testkube/shop-1-")
                .hasMessageContaining(
                        "the agent did not schedule it: failed to execute test workflow: no runner matches")
                .hasMessageEndingWith("an agent does not try again.");
        assertThat(resources()).isEmpty();
        assertThat(stage.controlPlane().executions()).isEmpty();
    }

    @Test
    public void anotherLifeTakesTheSameResource() throws Throwable {
        spec.workflows.add("smoke");
        stage.controller().begin(running());
        await().until(() -> resources().size() == 1);
        stage.restart(new Outside());

        CompletableFuture<WorkflowsResult> again = stage.controller().begin(running());
        executeResources();

        assertThat(again.get().passed).containsExactly("smoke");
        assertThat(resources()).isEmpty();
        assertThat(stage.controlPlane().executions()).hasSize(1);
    }

    @Test
    public void aDeathBeforeTheAnswerToItsCreationStartsOneRun() throws Throwable {
        executeResources();
        spec.workflows.add("smoke");
        stage.kube().faults().on("POST", ".*/testworkflowexecutions").times(1).loseAnswer();

        assertThat(stage.controller().finish(running()).passed).containsExactly("smoke");
        assertThat(stage.controlPlane().executions()).hasSize(1);
        assertThat(resources()).isEmpty();
    }

    @Test
    public void anAbortBeforeTheAgentSawItStartsNothing() throws Throwable {
        spec.workflows.add("smoke");
        stage.controller().begin(running());
        await().until(() -> resources().size() == 1);
        stage.restart(new Outside());

        stage.controller().finish(runner().abort(environment, spec, state, stage.console::add, report));
        assertThat(resources()).isEmpty();
        executeResources();
        spec.workflows.set(0, "load");
        stage.controller()
                .finish(runner().run(
                                environment,
                                spec,
                                new WorkflowRunState(),
                                stage.run,
                                folder.getRoot().toPath().resolve("artifacts"),
                                () -> {},
                                stage.console::add,
                                report));

        assertThat(stage.controlPlane().executions())
                .extracting(run -> run.at("/workflow/name").asText())
                .containsExactly("load");
    }

    @Test
    public void anAgentThatLooksAtNoResourcesIsSaid() {
        spec.workflows.add("smoke");
        stage.controller().begin(running());
        await().until(() -> resources().size() == 1);
        stage.restart(new Outside());
        onlyRun().requestedMillis -= ResourceStart.NOTICE_MILLIS;

        assertThatThrownBy(() -> stage.controller().finish(running()))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("no agent took it within 120 s. Only an agent with ENABLE_K8S_CONTROLLERS=true");
        assertThat(resources()).isEmpty();
    }

    @Test
    public void oneThatIsAwaitedCountsAsUnderWay() throws Throwable {
        spec.workflows.addAll(List.of("smoke", "load"));
        spec.maxConcurrent = 1;
        CompletableFuture<WorkflowsResult> running = stage.controller().begin(running());
        await().until(() -> requests.stream()
                        .filter("GET /v1/test-workflows/smoke/executions"::equals)
                        .count()
                >= 2);
        assertThat(resources()).hasSize(1);
        assertThat(state.runs.get(1).requested).isFalse();

        executeResources();
        assertThat(running.get().passed).containsExactly("smoke", "load");
        assertThat(resources()).isEmpty();
    }
}
