package io.jenkins.plugins.ephemeral.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.Download;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.Notification;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeOrganization;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeRuns;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeStreams;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Every public method of the plugin's client is called here, and each operation of the API that it has is seen by the
 * contract: a method or an operation that is added and not called here fails this test.
 */
public class TestkubeOperationsTest {
    private static final String META = "\"apiVersion\": \"testworkflows.testkube.io/v1\", \"metadata\": {\"name\": ";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);

    /** Methods that were called, by name; overloads are one. */
    private final Set<String> called = new TreeSet<>();

    private final Set<String> seen = new TreeSet<>();

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

    private <T> T calling(String method, T result) {
        called.add(method);
        return result;
    }

    private interface Call {
        void run() throws Exception;
    }

    private void calling(String method, Call call) throws Exception {
        called.add(method);
        call.run();
    }

    private void look() {
        controlPlane.exchanges().stream()
                .filter(exchange -> !exchange.path().startsWith("/storage/"))
                .map(Operations::of)
                .forEach(seen::add);
    }

    @Test
    public void everyMethodAndEveryOperationIsHeldAgainstTheDocuments() throws Exception {
        TestkubeClient client = client();
        assertThat(calling("TestkubeClient.connection", client.connection()).apiUrl())
                .isEqualTo(controlPlane.url());
        resources(client);
        TestkubeAgent agent = agents(client);
        runs(client, agent);
        calling("TestkubeClient.deleteAgent", () -> client.deleteAgent(agent.id()));
        look();
        List<Exchange> presigned = controlPlane.exchanges();
        OpenApiContract.check(presigned);
        controlPlane.close();
        controlPlane = EmbeddedControlPlane.builder().withoutPresignedUrls().start();
        TestkubeClient older = client();
        older.upsert(TestkubeResourceKind.WORKFLOW, "w", workflow());
        files(older, over(older, started(older, agents(older))));
        look();

        assertThat(seen).isEqualTo(new TreeSet<>(Operations.USED));
        assertThat(called).isEqualTo(publicMethods());
    }

    private static Set<String> publicMethods() {
        Set<String> methods = new TreeSet<>();
        for (Class<?> type :
                List.of(TestkubeClient.class, TestkubeOrganization.class, TestkubeRuns.class, TestkubeStreams.class)) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                    methods.add(type.getSimpleName() + '.' + method.getName());
                }
            }
        }
        return methods;
    }

    private static String workflow() {
        return "{\"kind\": \"TestWorkflow\", " + META + "\"w\"}, \"spec\": {\"steps\": ["
                + "{\"name\": \"Say\", \"shell\": \"echo kept > a.txt\"},"
                + "{\"name\": \"Keep\", \"artifacts\": {\"paths\": [\"*.txt\"]}}]}}";
    }

    private void resources(TestkubeClient client) throws Exception {
        String template = "{\"kind\": \"TestWorkflowTemplate\", " + META + "\"t\"}, \"spec\": {}}";
        String trigger =
                "{\"apiVersion\": \"tests.testkube.io/v1\", \"kind\": \"TestTrigger\", \"metadata\": {\"name\": \"g\"},"
                        + " \"spec\": {\"resource\": \"deployment\", \"resourceSelector\": {\"labelSelector\": {\"matchLabels\":"
                        + " {\"app\": \"web\"}}}, \"event\": \"modified\", \"action\": \"run\", \"execution\": \"testworkflow\","
                        + " \"testSelector\": {\"name\": \"w\"}}}";
        Map<TestkubeResourceKind, String> all = Map.of(
                TestkubeResourceKind.WORKFLOW, workflow(),
                TestkubeResourceKind.TEMPLATE, template,
                TestkubeResourceKind.TRIGGER, trigger);
        for (TestkubeResourceKind kind : TestkubeResourceKind.values()) {
            String name =
                    kind == TestkubeResourceKind.WORKFLOW ? "w" : kind == TestkubeResourceKind.TEMPLATE ? "t" : "g";
            calling("TestkubeClient.upsert", () -> client.upsert(kind, name, all.get(kind)));
            client.upsert(kind, name, all.get(kind), known -> true);
            assertThat(calling("TestkubeClient.resource", client.resource(kind, name)))
                    .isPresent();
            calling("TestkubeClient.delete", () -> client.delete(kind, name));
            assertThat(client.resource(kind, name)).isEmpty();
        }
        client.upsert(TestkubeResourceKind.WORKFLOW, "w", workflow());
        assertThat(calling("TestkubeClient.list", client.list(TestkubeResourceKind.TEMPLATE, null)))
                .isEmpty();
        assertThat(calling("TestkubeClient.labels", client.labels(TestkubeResourceKind.WORKFLOW, null)))
                .containsOnlyKeys("w");
    }

    private TestkubeAgent agents(TestkubeClient client) throws Exception {
        TestkubeAgent agent = calling(
                        "TestkubeClient.createAgent", client.createAgent(new AgentRequest("jk", Map.of(), true)))
                .orElseThrow();
        TestkubeOrganization organization = calling("TestkubeClient.organization", client.organization());
        assertThat(calling("TestkubeClient.findAgent", client.findAgent("jk"))).isPresent();
        assertThat(calling("TestkubeClient.agent", client.agent(agent.id()))).isPresent();
        assertThat(calling("TestkubeClient.agentSecretKey", client.agentSecretKey(agent.id())))
                .isPresent();
        assertThat(calling("TestkubeOrganization.agents", organization.agents()))
                .hasSize(1);
        assertThat(controlPlane.connect(agent.id(), agent.secretKey())).isTrue();
        assertThat(calling("TestkubeOrganization.isConnected", organization.isConnected()))
                .isTrue();
        return agent;
    }

    private String started(TestkubeClient client, TestkubeAgent agent) throws Exception {
        return calling(
                        "TestkubeClient.start",
                        client.start("w", new ExecutionRequest(agent.name(), Map.of(), Map.of("build", "shop-7"))))
                .id();
    }

    private String over(TestkubeClient client, String id) {
        await().until(() -> calling("TestkubeClient.execution", client.execution(id))
                .filter(TestkubeExecution::isOver)
                .isPresent());
        return id;
    }

    private void runs(TestkubeClient client, TestkubeAgent agent) throws Exception {
        String id = started(client, agent);
        TestkubeRuns runs = calling("TestkubeClient.runs", client.runs());
        assertThat(calling("TestkubeClient.findByTag", client.findByTag("w", "build", "shop-7")))
                .hasSize(1);
        assertThat(calling("TestkubeRuns.find", runs.find("w", "build", "shop-7", tags -> false)))
                .isEmpty();
        assertThat(calling("TestkubeRuns.newest", runs.newest("build", "shop-7")))
                .isNotNull();
        assertThat(calling(
                        "TestkubeOrganization.unfinished", client.organization().unfinished()))
                .hasSizeLessThanOrEqualTo(1);
        over(client, id);
        calling("TestkubeClient.abort", () -> client.abort(id));
        calling("TestkubeClient.link", client.link("w", id));
        CountDownLatch ended = new CountDownLatch(1);
        TestkubeStreams.Listener listener = new TestkubeStreams.Listener() {
            @Override
            public void notification(Notification notification) {}

            @Override
            public void ended() {
                ended.countDown();
            }
        };
        TestkubeStreams streams = calling("TestkubeClient.streams", client.streams());
        calling("TestkubeStreams.notifications", streams.notifications(id, "place-1", 0, listener));
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        files(client, id);
    }

    private void files(TestkubeClient client, String id) throws Exception {
        assertThat(calling("TestkubeClient.artifacts", client.artifacts(id))).hasSize(1);
        arrived(calling(
                "TestkubeStreams.artifact",
                client.streams().artifact(id, "a.txt", folder.getRoot().toPath().resolve("a"), 1000)));
        arrived(calling("TestkubeStreams.logTail", client.streams().logTail(id, 10_000)));
    }

    private static void arrived(Download<?> download) {
        await().until(download::isDone);
        assertThat(download.result()).isNotNull();
    }
}
