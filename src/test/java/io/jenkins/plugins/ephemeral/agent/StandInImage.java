package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The stand-in for Testkube's agent as an image of the test cluster, and what its Pods need on that cluster. */
final class StandInImage implements AutoCloseable {
    static final String NAME = "testkube-agent-in-cluster-stand-in:1";

    private static final String MAKE =
            """
            root=$(mktemp -d); trap 'rm -rf "$root"' EXIT; mkdir -p "$root/bin"
            bin=${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/debian-kube}/bin
            cp "$bin/busybox" "$bin/kubectl" src/bench/kube/agent-stand-in "$root/bin/"
            for word in sh wget timeout httpd grep cat tail mkdir rm sleep base64; do ln -s busybox "$root/bin/$word"; done
            chmod -R a+rX "$root"
            src/bench/kube/cluster image "$0" "$root" /bin/agent-stand-in
            """;

    private final KubernetesClient client;
    private final URI server;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

    /**
     * The cluster's Pods have no way to its API server and to this machine but the node's own network: agents get it as
     * soon as they are seen, as an admission webhook of a site would give it to them.
     */
    StandInImage(KubernetesClient client) {
        this.client = client;
        this.server = URI.create(client.getConfiguration().getMasterUrl());
        thread.scheduleWithFixedDelay(this::look, 0, 100, TimeUnit.MILLISECONDS);
    }

    /** Makes the image. */
    static void make(String clusterDirectory) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-ec", MAKE, NAME);
        builder.environment().put("CLUSTER_DIR", clusterDirectory);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("the stand-in image could not be made: " + output);
        }
    }

    private void look() {
        try {
            client
                    .apps()
                    .deployments()
                    .inAnyNamespace()
                    .withLabel("app.kubernetes.io/name", AgentManifests.NAME)
                    .list()
                    .getItems()
                    .stream()
                    .filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                    .filter(each -> !Boolean.TRUE.equals(
                            each.getSpec().getTemplate().getSpec().getHostNetwork()))
                    .forEach(this::giveNetwork);
        } catch (KubernetesClientException away) {
            // the API server is restarted by the tests
        }
    }

    private void giveNetwork(Deployment agent) {
        client.resource(agent).edit(each -> new DeploymentBuilder((Deployment) each)
                .editSpec()
                .editTemplate()
                .editSpec()
                .withHostNetwork(true)
                .editFirstContainer()
                .addAllToEnv(List.of(
                        new EnvVar("KUBERNETES_SERVICE_HOST", server.getHost(), null),
                        new EnvVar("KUBERNETES_SERVICE_PORT", String.valueOf(server.getPort()), null)))
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
