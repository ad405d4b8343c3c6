package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
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
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.ExternalResource;
import org.junit.rules.RuleChain;
import org.junit.runner.RunWith;

/**
 * The whole life of an agent on a real Kubernetes, with the rights of {@code deploy/}: the embedded control plane outside,
 * inside a stand-in for Testkube's agent ({@code src/bench/kube/agent-stand-in}) that really connects, asks for work and
 * runs each command as a Job. After each test neither side holds anything of ours.
 */
@RunWith(SideBySide.class)
public class AgentClusterIT {
    private static final Duration BOUND = Duration.ofSeconds(120);
    private static final String DIRECTORY = System.getProperty("ephemeral.cluster.directory", "");

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

    private static final SideBySide.Turns TURNS = new SideBySide.Turns();

    private final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(admin).build();

    // each test is a controller of its own, whose Lease does not hold the next one up
    private final TestkubeStage stage = new TestkubeStage(
            jenkins,
            new AgentImages(StandInImage.NAME, "init:1", "toolkit:1"),
            "it-" + Long.toString(System.nanoTime(), 36));

    @Rule
    public final RuleChain rules = RuleChain.outerRule(TURNS)
            .around(new ExternalResource() {
                @Override
                protected void after() {
                    client.close();
                }
            })
            .around(stage);

    private NamespaceRef environment;

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

    private TestkubeClient testkube() {
        return stage.controller().clients().client("");
    }

    private static AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.timeout = Duration.ofMinutes(2);
        return spec;
    }

    private CompletableFuture<AgentRef> begin(AgentSpec spec) {
        return stage.controller()
                .begin(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    private AgentRef connected() {
        CompletableFuture<AgentRef> installation = begin(spec());
        await().atMost(BOUND).until(installation::isDone);
        return installation.join();
    }

    private String start(String workflow, AgentRef agent) throws InterruptedException {
        return testkube()
                .start(
                        workflow,
                        new ExecutionRequest(
                                agent.name(), Map.of(), Map.of(AgentRemoval.TAG, environment.environment())))
                .id();
    }

    private TestkubeExecution ended(String id) throws InterruptedException {
        await().atMost(BOUND).until(() -> testkube().execution(id).orElseThrow().isOver());
        return testkube().execution(id).orElseThrow();
    }

    private List<String> jobs() {
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

    private String runningAsAJob(AgentRef agent) throws InterruptedException {
        String id = start("slow", agent);
        await().atMost(BOUND).until(() -> jobs().stream().anyMatch(name -> name.startsWith(id)));
        return id;
    }

    private static void component(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("src/bench/kube/cluster").toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("CLUSTER_DIR", DIRECTORY);
        Process process = builder.inheritIO().start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    public void itConnectsFromInsideAndRunsStepsAsJobs() throws Exception {
        AgentRef agent = connected();
        assertThat(stage.controlPlane().connectedAgentNames()).containsExactly(agent.name());
        assertThat(testkube().agent(agent.id()).orElseThrow().namespace()).isEqualTo(environment.namespace());

        TestkubeExecution good = ended(start("quick", agent));
        assertThat(good.status()).isEqualTo("passed");
        TestkubeExecution bad = ended(start("broken", agent));
        assertThat(bad.status()).isEqualTo("failed");
        assertThat(bad.steps()).anySatisfy(step -> assertThat(step.exitCode()).isEqualTo(3));
        String id = runningAsAJob(agent);
        assertThat(ended(id).status()).isEqualTo("passed");
        await().atMost(BOUND).until(() -> jobs().isEmpty());
    }

    @Test
    @SideBySide.Alone
    public void aRestartOfTheApiServerLosesNoRun() throws Exception {
        String id = runningAsAJob(connected());
        component("stop", "kube-apiserver");
        try {
            await().during(Duration.ofSeconds(3))
                    .until(() -> !testkube().execution(id).orElseThrow().isOver());
        } finally {
            component("start", "kube-apiserver");
        }
        assertThat(ended(id).status()).isEqualTo("passed");
    }

    @Test
    public void anOutageOfTheControlPlaneLosesNoRun() throws Exception {
        String id = runningAsAJob(connected());
        stage.controlPlane().beginOutage(Outage.CONNECTION_REFUSED);
        TimeUnit.SECONDS.sleep(5);
        stage.controlPlane().endOutage();
        assertThat(ended(id).status()).isEqualTo("passed");
    }

    @Test
    public void anAgentThatIsKilledComesBackToItsRuns() throws Exception {
        String id = runningAsAJob(connected());
        List<Pod> before = agents();
        before.forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
        assertThat(ended(id).status()).isEqualTo("passed");
        assertThat(agents())
                .extracting(pod -> pod.getMetadata().getUid())
                .doesNotContain(before.get(0).getMetadata().getUid());
    }

    private List<Pod> agents() {
        return client.pods()
                .inNamespace(environment.namespace())
                .withLabel("app.kubernetes.io/name", AgentManifests.NAME)
                .list()
                .getItems();
    }

    @Test
    public void theEndOfTheBuildAbortsWhatRuns() throws Exception {
        AgentRef agent = connected();
        String id = start("endless", agent);
        await().atMost(BOUND).until(() -> jobs().stream().anyMatch(name -> name.startsWith(id)));
        stage.controller()
                .environments()
                .release(environment.environment(), stage.run, Ending.ABORTED, stage.console::add);
        await().atMost(BOUND).until(() -> stage.controller()
                .environments()
                .find(environment.environment())
                .isEmpty());
        assertThat(testkube().execution(id).orElseThrow().status()).isEqualTo("aborted");
        assertThat(stage.console)
                .anySatisfy(line -> assertThat(line).contains("is stopped and deleted in control plane"));
    }

    @Test
    public void aControllerThatIsKilledGoesOnWhereItWas() throws Exception {
        begin(spec());
        await().atMost(BOUND).until(() -> !stage.controlPlane().agentNames().isEmpty());
        stage.restart(new Outside());
        AgentRef agent = connected();
        assertThat(stage.controlPlane().agentNames()).containsExactly(agent.name());
        String id = runningAsAJob(agent);
        stage.controller().environments().release(environment.environment(), null, Ending.PERSON, Console.NONE);
        stage.restart(new Outside());
        await().atMost(BOUND).until(() -> stage.controller()
                .environments()
                .find(environment.environment())
                .isEmpty());
        assertThat(testkube().execution(id).orElseThrow().status()).isEqualTo("aborted");
    }

    @Test
    public void anAgentThatCannotReachTheControlPlaneSaysSo() throws Exception {
        stage.agentAddress = "127.0.0.1:9";
        CompletableFuture<AgentRef> installation = begin(spec());
        await().atMost(Duration.ofMinutes(3)).until(installation::isDone);
        assertThatThrownBy(installation::join)
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining("its log says: cannot get pro context: rpc error: code = Unavailable")
                .hasMessageContaining("Pods cannot reach 127.0.0.1:9: check network policies");
    }
}
