package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Test;

/** Kills the API server of the cluster that the Maven profile {@code cluster} started, and starts it again. */
@SuppressWarnings("try")
public class WatchAcrossRestartClusterIT {
    private static final String DIRECTORY = System.getProperty("ephemeral.cluster.directory", "");

    private KubernetesClient client;
    private String namespace;

    @Before
    public void connect() {
        Config config = RealCluster.config();
        Assume.assumeFalse("not our own cluster: -Dephemeral.cluster.directory is not set", DIRECTORY.isEmpty());
        client = new KubernetesClientBuilder().withConfig(config).build();
        namespace = Conformance.unique("restart");
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @After
    public void cleanUp() throws IOException, InterruptedException {
        if (client != null) {
            cluster("start", "kube-apiserver");
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    private static void cluster(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("src/bench/kube/cluster").toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("CLUSTER_DIR", DIRECTORY);
        Process process = builder.inheritIO().start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private void create(String name) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .addToLabels("seen", "yes")
                        .endMetadata()
                        .withData(Map.of())
                        .build())
                .create();
    }

    @Test
    public void watchGoesOnWhereItWas() throws IOException, InterruptedException {
        List<String> seen = new CopyOnWriteArrayList<>();
        Watcher<ConfigMap> watcher = new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                seen.add(action + " " + map.getMetadata().getName());
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed");
            }
        };
        try (Watch open = client.configMaps()
                .inNamespace(namespace)
                .withLabel("seen", "yes")
                .watch(watcher)) {
            create("before");
            await().until(() -> seen.contains("ADDED before"));

            cluster("stop", "kube-apiserver");
            assertThat(refusal()).as("the API server is gone").isNotNull();
            cluster("start", "kube-apiserver");
            create("after");

            await().atMost(Duration.ofSeconds(60)).until(() -> seen.contains("ADDED after"));
        }
        assertThat(seen).filteredOn(e -> !e.equals("closed")).containsExactly("ADDED before", "ADDED after");
    }

    /** What a client says while nobody listens, at its first attempt. */
    private static KubernetesClientException refusal() {
        Config impatient = RealCluster.config();
        impatient.setRequestRetryBackoffLimit(0);
        try (KubernetesClient once =
                new KubernetesClientBuilder().withConfig(impatient).build()) {
            return catchThrowableOfType(
                    KubernetesClientException.class, () -> once.namespaces().list());
        }
    }
}
