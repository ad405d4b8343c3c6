package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.rules.ExternalResource;
import org.junit.rules.RuleChain;

/**
 * A real Kubernetes with the rights of {@code deploy/}, the embedded control plane outside, and inside a stand-in for
 * Testkube's agent ({@code src/bench/kube/agent-stand-in}) that really connects, asks for work and runs each command as a
 * Job. After each test neither side holds anything of ours.
 */
public abstract class AgentOnCluster {
    static final Duration BOUND = Duration.ofSeconds(120);
    static final String DIRECTORY = System.getProperty("ephemeral.cluster.directory", "");

    private static Config admin;
    private static Config jenkins;
    private static PodBridge bridge;

    @ClassRule
    public static final ExternalResource CLUSTER = new ExternalResource() {
        @Override
        protected void before() throws Throwable {
            admin = RealCluster.config();
            Assume.assumeFalse("not our own cluster: -Dephemeral.cluster.directory is not set", DIRECTORY.isEmpty());
            URI server = URI.create(admin.getMasterUrl());
            bridge = new PodBridge(server);
            StandInImage.make(DIRECTORY, "https://" + bridge.open(server.getPort()));
            try (KubernetesClient client =
                    new KubernetesClientBuilder().withConfig(admin).build()) {
                jenkins = jenkins(client);
            }
        }

        @Override
        protected void after() {
            if (bridge != null) {
                bridge.close();
            }
        }
    };

    final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(admin).build();

    // each test is a controller of its own, whose Lease does not hold the next one up
    final TestkubeStage stage = new TestkubeStage(
            jenkins,
            new AgentImages(StandInImage.NAME, "init:1", "toolkit:1"),
            "it-" + Long.toString(System.nanoTime(), 36));

    @Rule
    public final RuleChain rules = RuleChain.outerRule(new ExternalResource() {
                @Override
                protected void after() {
                    client.close();
                }
            })
            .around(stage);

    NamespaceRef environment;

    /** The configuration of the service account that {@code deploy/} makes. */
    private static Config jenkins(KubernetesClient client) throws IOException {
        for (String file : List.of("deploy/rbac.yaml", "deploy/jenkins.yaml")) {
            try (InputStream text = Files.newInputStream(Path.of(file))) {
                for (HasMetadata each : client.load(text).items()) {
                    client.resource(each).forceConflicts().serverSideApply();
                }
            }
        }
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace("jenkins")
                        .withName("ephemeral-environments")
                        .endMetadata()
                        .build())
                .serverSideApply();
        Config config = Config.empty();
        config.setMasterUrl(admin.getMasterUrl());
        config.setCaCertData(admin.getCaCertData());
        config.setOauthToken(client.serviceAccounts()
                .inNamespace("jenkins")
                .withName("ephemeral-environments")
                .tokenRequest()
                .getStatus()
                .getToken());
        return config;
    }

    @Before
    public void makeAnEnvironmentAndAWorkflow() throws Exception {
        String name = "agent-it-" + Long.toString(System.nanoTime(), 36);
        stage.agentAddress = bridge.open(URI.create(stage.controlPlane().url()).getPort());
        environment = stage.environment(name);
        write("quick", "{\"name\":\"Say\",\"shell\":\"echo hello from $HOSTNAME\"}");
        write("slow", "{\"name\":\"Wait\",\"shell\":\"sleep 12; echo waited\"}");
        write("endless", "{\"name\":\"Sleep\",\"shell\":\"sleep 600\"}");
        write("broken", "{\"name\":\"Fail\",\"shell\":\"echo no; exit 3\"}");
    }

    private void write(String workflow, String step) throws InterruptedException {
        testkube()
                .upsert(
                        TestkubeResourceKind.WORKFLOW,
                        workflow,
                        "{\"apiVersion\":\"testworkflows.testkube.io/v1\",\"kind\":\"TestWorkflow\",\"metadata\":{\"name\":\""
                                + workflow + "\"},\"spec\":{\"container\":{\"image\":\"busybox:1.35\"},\"steps\":["
                                + step
                                + "]}}");
    }

    @After
    public void nothingIsLeftOnEitherSide() throws Exception {
        if (environment == null) {
            return;
        }
        stage.controller().environments().release(environment.environment(), null, Ending.SUCCESS, Console.NONE);
        await().atMost(BOUND).until(() -> {
            stage.controller().environments().reap();
            return stage.controller()
                    .environments()
                    .find(environment.environment())
                    .isEmpty();
        });
        assertThat(stage.controlPlane().agentNames()).isEmpty();
        assertThat(client.namespaces()
                        .withLabel(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                        .list()
                        .getItems())
                .extracting(each -> each.getMetadata().getName())
                .doesNotContain(environment.namespace());
        assertThat(testkube().organization().unfinished()).isEmpty();
    }

    TestkubeClient testkube() {
        return stage.controller().clients().client("");
    }

    static AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.timeout = Duration.ofMinutes(2);
        return spec;
    }

    CompletableFuture<AgentRef> begin(AgentSpec spec) {
        return stage.controller()
                .begin(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    AgentRef connected() {
        CompletableFuture<AgentRef> installation = begin(spec());
        await().atMost(BOUND).until(installation::isDone);
        return installation.join();
    }

    String start(String workflow, AgentRef agent) throws InterruptedException {
        return testkube()
                .start(
                        workflow,
                        new ExecutionRequest(
                                agent.name(), Map.of(), Map.of(AgentRemoval.TAG, environment.environment())))
                .id();
    }

    TestkubeExecution ended(String id) throws InterruptedException {
        await().atMost(BOUND).until(() -> testkube().execution(id).orElseThrow().isOver());
        return testkube().execution(id).orElseThrow();
    }

    List<String> jobs() {
        List<String> names = new ArrayList<>();
        client.batch()
                .v1()
                .jobs()
                .inNamespace(environment.namespace())
                .list()
                .getItems()
                .forEach(job -> names.add(job.getMetadata().getName()));
        return names;
    }

    String runningAsAJob(AgentRef agent) throws InterruptedException {
        String id = start("slow", agent);
        await().atMost(BOUND).until(() -> jobs().stream().anyMatch(name -> name.startsWith(id)));
        return id;
    }
}
