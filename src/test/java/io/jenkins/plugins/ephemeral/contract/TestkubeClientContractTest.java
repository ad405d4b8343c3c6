package io.jenkins.plugins.ephemeral.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.Download;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.Notification;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeStreams;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The plugin's own client, all of it, against the embedded control plane, both held against the OpenAPI documents. */
public class TestkubeClientContractTest {
    private static final String TEMPLATE =
            """
            {"apiVersion": "testworkflows.testkube.io/v1", "kind": "TestWorkflowTemplate",
             "metadata": {"name": "defaults"}, "spec": {"container": {"workingDir": "/data"}}}""";
    private static final String WORKFLOW =
            """
            {"apiVersion": "testworkflows.testkube.io/v1", "kind": "TestWorkflow",
             "metadata": {"name": "w", "labels": {"tier": "smoke"}},
             "spec": {"use": [{"name": "defaults"}], "config": {"who": {"type": "string"}},
              "steps": [{"name": "Say", "shell": "echo hello {{ config.who }}; echo kept > 'a b+%.txt'"},
                        {"name": "Keep", "artifacts": {"paths": ["*.txt"]}}]}}""";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);

    private EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
    private TestkubeClient client = client();

    @After
    public void close() {
        controlPlane.close();
    }

    private TestkubeClient client() {
        Connection connection = new Connection(
                controlPlane.url(),
                controlPlane.organizationId(),
                controlPlane.environmentId(),
                controlPlane.apiToken());
        return new TestkubeClients(connection.alone(), TestkubeClients.newHttpClient(), new Outside()).client("");
    }

    @Test
    public void agents() throws Exception {
        TestkubeAgent created = client.createAgent(new AgentRequest("jk", Map.of("build", "7"), true))
                .orElseThrow();
        assertThat(client.createAgent(new AgentRequest("jk", Map.of(), true))).isEmpty();
        assertThat(client.findAgent("jk").orElseThrow().id()).isEqualTo(created.id());
        assertThat(client.findAgent("other")).isEmpty();
        assertThat(client.agent(created.id()).orElseThrow().accessedAt()).isNull();
        assertThat(client.agentSecretKey(created.id())).contains(created.secretKey());
        assertThat(controlPlane.connect(created.id(), created.secretKey())).isTrue();
        TestkubeAgent connected = client.agent(created.id()).orElseThrow();
        assertThat(connected.accessedAt()).isAfter(connected.createdAt());
        client.deleteAgent(created.id());
        client.deleteAgent(created.id());
        assertThat(client.agent(created.id())).isEmpty();
        assertThat(client.agentSecretKey(created.id())).isEmpty();
        assertThat(client.findAgent("jk")).isEmpty();
    }

    private void applied() throws InterruptedException {
        client.upsert(TestkubeResourceKind.TEMPLATE, "defaults", TEMPLATE);
        client.upsert(TestkubeResourceKind.WORKFLOW, "w", WORKFLOW);
        TestkubeAgent agent =
                client.createAgent(new AgentRequest("jk", Map.of(), true)).orElseThrow();
        assertThat(controlPlane.connect(agent.id(), agent.secretKey())).isTrue();
    }

    @Test
    public void resources() throws Exception {
        applied();
        client.upsert(TestkubeResourceKind.WORKFLOW, "w", WORKFLOW);
        assertThat(client.list(TestkubeResourceKind.WORKFLOW, "tier=smoke")).containsExactly("w");
        assertThat(client.list(TestkubeResourceKind.WORKFLOW, "tier=none")).isEmpty();
        assertThat(client.list(TestkubeResourceKind.TEMPLATE, null)).containsExactly("defaults");
        client.delete(TestkubeResourceKind.WORKFLOW, "w");
        client.delete(TestkubeResourceKind.WORKFLOW, "w");
        assertThat(controlPlane.workflowNames()).isEmpty();
    }

    private TestkubeExecution start(Map<String, String> config) throws InterruptedException {
        return client.start("w", new ExecutionRequest("jk", config, Map.of("build", "shop-7")));
    }

    private TestkubeExecution over(String id) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> client.execution(id).orElseThrow(), TestkubeExecution::isOver);
    }

    @Test
    public void runs() throws Exception {
        applied();
        TestkubeExecution started = start(Map.of("who", "Ada"));
        TestkubeExecution done = over(started.id());
        assertThat(done.status()).isEqualTo("passed");
        assertThat(done.steps()).extracting(TestkubeExecution.StepResult::name).containsExactly("Say", "Keep");
        assertThat(done.steps().get(0).exitCode()).isZero();
        assertThat(client.findByTag("w", "build", "shop-7"))
                .extracting(TestkubeExecution::id)
                .containsExactly(started.id());
        assertThat(client.findByTag("w", "build", "shop-8")).isEmpty();
        assertThat(client.execution("none")).isEmpty();

        TestkubeExecution missing = over(start(Map.of()).id());
        assertThat(missing.status()).isEqualTo("aborted");
        assertThat(missing.initialization().errorMessage()).contains("config.who");
        client.abort(missing.id());
        client.abort("none");
    }

    @Test
    public void aLostAnswerIsFoundAgainByItsTag() throws Exception {
        applied();
        controlPlane.failNext("POST", "/executions$", ServerFault.answerLost());
        try {
            start(Map.of("who", "Ada"));
        } catch (RuntimeException expected) {
            assertThat(client.findByTag("w", "build", "shop-7")).hasSize(1);
            return;
        }
        throw new AssertionError("the answer was lost");
    }

    @Test
    public void notificationsAreFollowedAndResumed() throws Exception {
        applied();
        String id = over(start(Map.of("who", "Ada")).id()).id();
        List<Notification> all = notifications(id, 0);
        assertThat(all).anyMatch(n -> n.log() != null && n.log().endsWith("Z hello Ada\n"));
        long position = all.get(all.size() / 2).seqNo();
        assertThat(notifications(id, position)).isEqualTo(all.subList(all.size() / 2 + 1, all.size()));
    }

    private List<Notification> notifications(String id, long after) throws Exception {
        List<Notification> heard = new CopyOnWriteArrayList<>();
        CountDownLatch ended = new CountDownLatch(1);
        TestkubeStreams.Listener listener = new TestkubeStreams.Listener() {
            @Override
            public void notification(Notification notification) {
                heard.add(notification);
            }

            @Override
            public void ended() {
                ended.countDown();
            }
        };
        client.streams().notifications(id, "place-1", after, listener);
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        return heard;
    }

    @Test
    public void filesComeFromPresignedUrls() throws Exception {
        filesArrive();
        assertThat(controlPlane.count("GET", "^/storage/")).isEqualTo(2);
    }

    @Test
    public void filesComeThroughTheAgentOperationsToo() throws Exception {
        controlPlane.close();
        controlPlane = EmbeddedControlPlane.builder().withoutPresignedUrls().start();
        client = client();
        filesArrive();
        assertThat(controlPlane.count("GET", "/agent/.*/(logs|artifacts/.*)$")).isEqualTo(2);
    }

    private void filesArrive() throws Exception {
        applied();
        String id = over(start(Map.of("who", "Ada")).id()).id();
        String name = client.artifacts(id).get(0).name();
        assertThat(name).isEqualTo("a b+%.txt");
        Path into = folder.getRoot().toPath().resolve("artifact");
        arrived(client.streams().artifact(id, name, into, 1000));
        assertThat(Files.readString(into)).isEqualTo("kept\n");
        byte[] log = arrived(client.streams().logTail(id, 100_000));
        assertThat(new String(log, StandardCharsets.UTF_8)).contains("hello Ada\n");
    }

    private static <T> T arrived(Download<T> download) {
        await().atMost(Duration.ofSeconds(30)).until(download::isDone);
        return download.result();
    }
}
