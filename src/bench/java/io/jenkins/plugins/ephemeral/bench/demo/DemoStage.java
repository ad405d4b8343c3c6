package io.jenkins.plugins.ephemeral.bench.demo;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.bench.testkube.AgentConnector;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.config.ClusterConnection;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.config.ReportWebhook;
import io.jenkins.plugins.ephemeral.config.TestkubeControlPlane;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * All that a Jenkinsfile of ours needs, on this machine: a cluster (embedded, or a real one by its kubeconfig), an
 * embedded Testkube control plane, the stand-in for the agent's connection, a webhook that listens, and the pipeline
 * bench, configured as an administrator would configure Jenkins.
 */
public final class DemoStage implements AutoCloseable {
    /** Image of the agent's Pod on a real cluster, where Testkube's own cannot run: it answers /health. */
    public static final String AGENT_STAND_IN_IMAGE = "testkube-agent-stand-in:1";

    private final EmbeddedCluster embedded;
    private final KubernetesClient client;
    private final EmbeddedControlPlane controlPlane;
    private final AgentConnector connector;
    private final HttpServer webhook;
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final PipelineBench bench;

    /**
     * @param home JENKINS_HOME of the bench
     * @param kubeconfig text of the kubeconfig of a real cluster, or null for the embedded one
     * @param console where the builds' consoles are printed live
     */
    public DemoStage(Path home, String kubeconfig, OutputStream console) throws IOException {
        embedded = kubeconfig == null ? EmbeddedCluster.start() : null;
        String access = kubeconfig == null ? embedded.kubeconfig() : kubeconfig;
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(access))
                .build();
        controlPlane = EmbeddedControlPlane.start();
        connector = new AgentConnector(client, controlPlane, Duration.ofMillis(300));
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/", exchange -> {
            reports.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        webhook.start();
        Files.createDirectories(home);
        bench = new PipelineBench(home, console);
        configure(access, kubeconfig != null);
    }

    private void configure(String access, boolean real) {
        BenchCredentials.secretFile("cluster", "kubeconfig", access);
        BenchCredentials.secretText("testkube", controlPlane.apiToken());
        EphemeralConfiguration configuration = EphemeralConfiguration.get();
        ClusterConnection cluster = new ClusterConnection("dev", "cluster");
        if (real) {
            cluster.setSubject("kubernetes-admin");
        }
        configuration.setClusters(List.of(cluster));
        TestkubeControlPlane testkube = new TestkubeControlPlane(
                "testkube", controlPlane.organizationId(), controlPlane.environmentId(), "testkube");
        testkube.setApiUrl(controlPlane.url());
        testkube.setAgentAddress(controlPlane.agentAddress());
        testkube.setDashboardUrl("https://app.testkube.io");
        configuration.setTestkubes(List.of(testkube));
        configuration.setWebhooks(List.of(new ReportWebhook(
                "collector", "http://127.0.0.1:" + webhook.getAddress().getPort() + "/reports")));
        configuration.setRequestsPerSecond(100);
        configuration.setRequestBurst(200);
        configuration.setReaperPeriodSeconds(10);
        if (real) {
            configuration.setAgentImage(AGENT_STAND_IN_IMAGE);
        }
    }

    /** What runs Jenkinsfiles. */
    public PipelineBench bench() {
        return bench;
    }

    /** A client of the cluster with the administrator's rights. */
    public KubernetesClient client() {
        return client;
    }

    /** The embedded cluster, or null when it is a real one. */
    public EmbeddedCluster embedded() {
        return embedded;
    }

    /** The control plane. */
    public EmbeddedControlPlane controlPlane() {
        return controlPlane;
    }

    /** Bodies that the webhook has received. */
    public List<String> reports() {
        return reports;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        bench.close();
        connector.close();
        webhook.stop(0);
        controlPlane.close();
        client.close();
        if (embedded != null) {
            embedded.close();
        }
    }
}
