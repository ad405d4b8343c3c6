package io.jenkins.plugins.ephemeral.terrakube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeAccess;
import io.jenkins.plugins.ephemeral.environment.KillSwitch;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** What the Pods of executors add to what Terrakube says. */
public class ExecutorPodsTest {
    private EmbeddedTerrakube server;
    private EmbeddedCluster cluster;
    private KubernetesClient client;
    private TerrakubeLives lives;

    @Before
    public void start() {
        server = EmbeddedTerrakube.start();
        server.workspace("net");
        server.template("plan", "flow:\n- {type: terraformPlan, name: Plan, step: 100}\n");
        cluster = EmbeddedCluster.start();
        client = new KubernetesClientBuilder().withConfig(cluster.config()).build();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("terrakube")
                        .endMetadata()
                        .build())
                .create();
        await().until(() -> client.serviceAccounts()
                        .inNamespace("terrakube")
                        .withName("default")
                        .get()
                != null);
        lives = lives(client);
    }

    private TerrakubeLives lives(KubernetesClient identity) {
        ClusterAccess access = new ClusterAccess() {
            @Override
            public String name() {
                return "dev";
            }

            @Override
            public KubernetesClient client() {
                return identity;
            }
        };
        return new TerrakubeLives(
                new TerrakubeAccess(server.url(), "acme", server.token()).inCluster("dev"),
                new ConfiguredClusters(() -> List.of(access), () -> 100, () -> 200, new Outside(), "c0ffee"));
    }

    @After
    public void stop() {
        client.close();
        cluster.close();
        server.close();
    }

    private void pod(String name, String image, String script) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("terrakube")
                        .withLabels(Map.of(
                                ExecutorPods.WORKSPACE, server.workspaceId("net"), "terrakube.io/organization", "o"))
                        .endMetadata()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .addNewContainer()
                        .withName("executor")
                        .withImage(image)
                        .withCommand("sh", "-c", script)
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static TerrakubeSpec spec() {
        TerrakubeSpec spec = new TerrakubeSpec();
        spec.name = "plan";
        spec.type = "plan";
        spec.workspace = "net";
        spec.template = "plan";
        return spec;
    }

    private TerrakubeResult run(Runnable meanwhile) throws Exception {
        byte[][] disk = {TerrakubeLives.bytes(lives.begin(spec()))};
        CompletableFuture<Void> other = CompletableFuture.runAsync(meanwhile);
        TerrakubeResult result = lives.live(spec(), disk, new KillSwitch("never", 1));
        other.join();
        return result;
    }

    private boolean said(String text) {
        return lives.console.stream().anyMatch(line -> line.contains(text));
    }

    @Test
    public void aPodThatCannotStartIsSaid() throws Exception {
        server.workspace("net").holdInQueue();
        pod("job-1-1766501234567-abcde", "registry.invalid/executor:2.22.0", "true");
        pod("job-17-1766501234567-abcde", "registry.invalid/another:1", "true");

        TerrakubeResult result = run(() -> {
            await().atMost(Duration.ofSeconds(25)).until(() -> said("ImagePull"));
            server.workspace("net").release();
        });

        assertThat(result.outcome()).isEqualTo(Outcome.CHANGES);
        assertThat(said("[plan] executor Pod job-1-1766501234567-abcde waits: "))
                .isTrue();
        assertThat(said("registry.invalid/executor:2.22.0")).isTrue();
        assertThat(said("job-17-")).isFalse();
    }

    @Test
    public void howItsPodEndedIsInTheReasonOfAFailure() throws Exception {
        server.workspace("net").hold().fails("terraformPlan");
        pod("job-1-1766501234567-abcde", "busybox:1.35", "exit 137");
        await().until(() -> "Failed"
                .equals(client.pods()
                        .inNamespace("terrakube")
                        .withName("job-1-1766501234567-abcde")
                        .get()
                        .getStatus()
                        .getPhase()));

        TerrakubeResult result = run(() -> server.workspace("net").release());

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.reason()).contains("Its Pod job-1-1766501234567-abcde ended with exit code 137");
    }

    @Test
    public void withoutTheRightItIsSaidOnceAndNothingElseChanges() throws Exception {
        cluster.rights().deny("jenkins", "list", "pods");
        try (KubernetesClient nobody = new KubernetesClientBuilder()
                .withConfig(cluster.config(cluster.rights().token("jenkins")))
                .build()) {
            lives = lives(nobody);

            TerrakubeResult result = run(() -> {});

            assertThat(result.outcome()).isEqualTo(Outcome.CHANGES);
            assertThat(lives.console.stream()
                            .filter(line -> line.contains("it cannot be told how the executor's Pods fare")))
                    .hasSize(1);
        }
    }
}
