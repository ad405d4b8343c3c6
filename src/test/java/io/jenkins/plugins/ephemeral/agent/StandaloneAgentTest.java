package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.bench.kube.ServiceProxies;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.TestkubeDefinitions;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.Rule;
import org.junit.Test;

/** An agent that is in the cluster already. */
public class StandaloneAgentTest {
    private static final String SERVICE = "testkube-api-server:8088";
    private static final String INFO =
            "{\"version\":\"2.12.2\",\"context\":\"oss\",\"namespace\":\"testkube\",\"commit\":\"c\"}";

    @Rule
    public final TestkubeStage stage = new TestkubeStage();

    private final List<String> requests = new ArrayList<>();
    private volatile String runs = "";

    private AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.mode = "standalone";
        spec.agentNamespace = "testkube";
        spec.timeout = Duration.ofSeconds(3);
        return spec;
    }

    private CompletableFuture<AgentRef> begin(NamespaceRef environment, AgentSpec spec) {
        return stage.controller()
                .begin(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    private void service() {
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
    }

    private synchronized ServiceProxies.Response answer(String method, String path) {
        requests.add(method + ' ' + path.replaceFirst("\\?.*", ""));
        if (path.equals("/v1/info")) {
            return new ServiceProxies.Response(200, INFO);
        }
        if (path.endsWith("/abort")) {
            runs = runs.replace("running", "aborted");
            return new ServiceProxies.Response(204, "");
        }
        return new ServiceProxies.Response(200, "{\"results\":[" + runs + "]}");
    }

    @Test
    public void itIsConnectedWhenItsApiAnswersAndItsRunsAreAbortedInTheEnd() throws Throwable {
        service();
        NamespaceRef environment = stage.environment("shop-1");
        AgentSpec patient = spec();
        patient.timeout = Duration.ofSeconds(30);
        CompletableFuture<AgentRef> begun = begin(environment, patient);
        await().until(() -> stage.console.stream()
                .anyMatch(line -> line.startsWith("Waiting for Testkube agent dev/testkube/testkube-api-server:8088: ")
                        && line.contains("no endpoints available for service")));
        stage.kube().serviceProxies().put("testkube", SERVICE, (method, path, body) -> answer(method, path));

        AgentRef agent = begun.get();
        assertThat(agent.mode()).isEqualTo(AgentMode.STANDALONE);
        assertThat(agent.service()).isEqualTo("testkube/" + SERVICE);
        assertThat(agent.controlPlane()).isEmpty();
        assertThat(stage.controller().agents().find(environment))
                .hasValueSatisfying(found -> assertThat(found.service()).isEqualTo("testkube/" + SERVICE));
        assertThat(stage.console).contains("Testkube agent testkube/" + SERVICE + " answers, version 2.12.2.");

        runs = "{\"id\":\"a1\",\"tags\":{\"ephemeral-environment\":\"shop-1\"},\"result\":{\"status\":\"running\"}},"
                + "{\"id\":\"b2\",\"tags\":{\"ephemeral-environment\":\"other\"},\"result\":{\"status\":\"running\"}}";
        stage.controller().environments().release("shop-1", stage.run, Ending.ABORTED, Console.NONE);
        stage.controller().finish(stage.controller().environments().awaitGone("shop-1", Console.NONE));
        assertThat(requests).contains("POST /v1/test-workflow-executions/a1/abort");
        assertThat(requests).doesNotContain("POST /v1/test-workflow-executions/b2/abort");
        assertThat(stage.controlPlane().exchanges()).isEmpty();
    }

    @Test
    public void resourcesThatWouldStartRunsGoWithTheEnvironment() throws Throwable {
        TestkubeDefinitions.require(stage.admin(), "testworkflowexecutions");
        service();
        stage.kube().serviceProxies().put("testkube", SERVICE, (method, path, body) -> answer(method, path));
        NamespaceRef environment = stage.environment("shop-1");
        begin(environment, spec()).get();
        for (String of : List.of("shop-1", "other")) {
            GenericKubernetesResource left = Serialization.unmarshal(
                    """
                    {"apiVersion": "testworkflows.testkube.io/v1", "kind": "TestWorkflowExecution",
                     "metadata": {"name": "of-%1$s", "namespace": "testkube", "labels": {
                      "ephemeral.jenkins.io/controller": "ctl-1", "ephemeral.jenkins.io/environment": "%1$s"}},
                     "spec": {"testWorkflow": {"name": "smoke"}}}"""
                            .formatted(of),
                    GenericKubernetesResource.class);
            stage.admin().resource(left).create();
        }

        stage.controller().environments().release("shop-1", stage.run, Ending.ABORTED, Console.NONE);
        stage.controller().finish(stage.controller().environments().awaitGone("shop-1", Console.NONE));

        assertThat(stage.admin()
                        .genericKubernetesResources("testworkflows.testkube.io/v1", "TestWorkflowExecution")
                        .inNamespace("testkube")
                        .list()
                        .getItems())
                .extracting(each -> each.getMetadata().getName())
                .containsExactly("of-other");
    }

    @Test
    public void oneThatIsNotThereIsSaid() {
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> begin(environment, spec()).get())
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining("reaching the Testkube agent (dev/testkube/testkube-api-server:8088): it did not"
                        + " answer within 3 s: ")
                .hasMessageContaining("Check agentNamespace and agentService");
    }

    @Test
    public void whatIsNoAgentIsSaidAtOnce() {
        service();
        stage.kube()
                .serviceProxies()
                .put("testkube", SERVICE, (method, path, body) -> new ServiceProxies.Response(200, "<html>"));
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> begin(environment, spec()).get())
                .hasMessageContaining("what answers there is no Testkube agent. Name the Service and port");
    }

    @Test
    public void theMissingRightIsNamed() {
        stage.kube()
                .faults()
                .on("GET", "/api/v1/namespaces/testkube/services/.*")
                .status(403);
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> begin(environment, spec()).get())
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining("docs/rbac.md");
    }
}
