package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.jenkins.plugins.ephemeral.agent.TestkubeStage;
import io.jenkins.plugins.ephemeral.bench.kube.ServiceProxies;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Runs by the API of an agent in the cluster, reached through the API server's service proxy. */
public class StandaloneRunsTest {
    private static final String SERVICE = "testkube-api-server:8088";

    @Rule
    public final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final WorkflowRunSpec spec = new WorkflowRunSpec();
    private NamespaceRef environment;
    private ReportFile report;

    @Before
    public void agent() throws Exception {
        environment = stage.environment("shop-1");
        stage.admin()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("testkube-api-server")
                        .withNamespace("shop-1")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(8088)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        stage.kube().serviceProxies().put("shop-1", SERVICE, this::forward);
        report = ReportFile.in(folder.getRoot().toPath().resolve("report"));
        spec.agentService = "shop-1/" + SERVICE;
        var client = stage.controller().clients().client("");
        TestkubeAgent runner =
                client.createAgent(new AgentRequest("only", Map.of(), true)).orElseThrow();
        assertThat(stage.controlPlane().connect(runner.id(), runner.secretKey()))
                .isTrue();
        client.upsert(
                TestkubeResourceKind.WORKFLOW,
                "smoke",
                """
                {"apiVersion": "testworkflows.testkube.io/v1", "kind": "TestWorkflow", "metadata": {"name": "smoke"},
                 "spec": {"execution": {"target": {"match": {"name": ["only"]}}}, "steps": [
                  {"name": "Hello", "shell": "echo hello; echo '<testsuite name=\\"A\\"><testcase name=\\"b\\"/></testsuite>' > a.xml"},
                  {"name": "Keep", "artifacts": {"paths": ["*.xml"]}}]}}""");
    }

    /** The control plane of the bench knows the agent's operations under another path. */
    private ServiceProxies.Response forward(String method, String path, byte[] body) {
        requests.add(method + ' ' + path.replaceAll("[0-9a-f]{24}", "ID"));
        String url = stage.controlPlane().url() + "/organizations/"
                + stage.controlPlane().organizationId() + "/environments/"
                + stage.controlPlane().environmentId() + "/agent" + path.substring("/v1".length());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + stage.controlPlane().apiToken())
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (body.length > 0) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new ServiceProxies.Response(answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Reconciler<WorkflowsResult> running(WorkflowRunState state) {
        Path artifacts = folder.getRoot().toPath().resolve("artifacts");
        return runner().run(environment, spec, state, stage.run, artifacts, () -> {}, stage.console::add, report);
    }

    private WorkflowRunner runner() {
        return new WorkflowRunner(
                stage.controller().clients(), stage.controller().clusters(), Duration.ofSeconds(1));
    }

    @Test
    public void aRunIsStartedFollowedAndCollected() throws Throwable {
        spec.workflows.add("smoke");

        WorkflowsResult result = stage.controller().finish(running(new WorkflowRunState()));

        assertThat(result.passed).containsExactly("smoke");
        assertThat(result.tests).isEqualTo(1);
        assertThat(stage.console).contains("[smoke › Hello] hello");
        WorkflowEntry.Execution entry =
                report.read().workflows.get(0).executions.get(0);
        assertThat(entry.link).isNull();
        assertThat(entry.log).contains("hello");
        assertThat(entry.artifacts).extracting(kept -> kept.name).containsExactly("a.xml");
        assertThat(requests)
                .contains(
                        "GET /v1/test-workflows",
                        "POST /v1/test-workflows/smoke/executions",
                        "GET /v1/test-workflow-executions/ID",
                        "GET /v1/test-workflow-executions/ID/artifacts/a.xml",
                        "GET /v1/test-workflow-executions/ID/logs")
                .noneMatch(request -> request.contains("organizations"));
    }

    @Test
    public void aRunIsAborted() throws Throwable {
        spec.workflows.add("smoke");
        stage.controlPlane().failNext("POST", "/executions$", ServerFault.status(503));
        WorkflowRunState state = new WorkflowRunState();
        stage.controller().begin(running(state));
        await().until(() -> !state.runs.isEmpty() && state.runs.get(0).executionId != null);

        stage.controller().finish(runner().abort(environment, spec, state, stage.console::add, report));

        assertThat(stage.controlPlane().executions()).hasSize(1).allMatch(run -> List.of("aborted", "passed")
                .contains(run.at("/result/status").asText()));
    }

    @Test
    public void missingRightsAndUnknownWorkflowsAreSaid() {
        spec.workflows.add("smoek");
        assertThatThrownBy(() -> stage.controller().finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("there is no workflow smoek; known are smoke");

        stage.kube().faults().on("GET", ".*/proxy/.*").status(403);
        assertThatThrownBy(() -> stage.controller().finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith(
                        "listing workflows (agent dev/shop-1/testkube-api-server:8088): it answered 403")
                .hasMessageEndingWith("Grant Jenkins' identity services/proxy where the agent is: docs/rbac.md.");
    }
}
