package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Test;

/**
 * The job template of {@code deploy/sweeper.yaml} on a real Kubernetes: its Pod, its rights and its script, as they stand
 * there. Of this cluster, not of the file, are the image, the network of the node, and the Service's address.
 */
public class SweeperClusterIT {
    private static final String IMAGE = "kubectl-of-the-test-cluster:1";
    private static final String CONTROLLER = "gone-for-good";
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** A shell, the tools of the script and kubectl. */
    private static final String MAKE =
            """
            root=$(mktemp -d); trap 'rm -rf "$root"' EXIT; mkdir -p "$root/bin" "$root/etc"
            bin=${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/debian-kube}/bin
            cp "$bin/busybox" "$bin/kubectl" "$root/bin/"
            for word in sh date tr printf; do ln -s busybox "$root/bin/$word"; done
            chmod -R a+rX "$root"
            src/bench/kube/cluster image "$0" "$root" sh
            """;

    private KubernetesClient admin;

    @Before
    public void install() throws Exception {
        Config config = RealCluster.config();
        String directory = System.getProperty("ephemeral.cluster.directory", "");
        Assume.assumeTrue("no cluster of the profile 'cluster'", !directory.isEmpty());
        admin = new KubernetesClientBuilder().withConfig(config).build();
        ProcessBuilder make = new ProcessBuilder("sh", "-ec", MAKE, IMAGE);
        make.environment().put("CLUSTER_DIR", directory);
        Process process = make.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        namespace("jenkins", Map.of(), Map.of());
        for (HasMetadata each : objects()) {
            if (!(each instanceof CronJob)) { // this server knows its kind in batch/v1beta1 only
                admin.resource(each).forceConflicts().serverSideApply();
            }
        }
    }

    @After
    public void close() {
        if (admin != null) {
            for (String each : List.of("swept-old", "swept-late", "swept-not-ours")) {
                admin.namespaces().withName(each).delete();
            }
            admin.close();
        }
    }

    @Test
    public void whatIsLongOverIsDeletedAndNothingElse() throws IOException {
        environment("swept-old", "2020-01-02T03:04:05Z");
        environment("swept-late", "2999-01-02T03:04:05Z");
        namespace("swept-not-ours", Map.of("app.kubernetes.io/managed-by", "Helm"), expires("2020-01-02T03:04:05Z"));

        Job job = admin.resource(job()).create();

        await().atMost(BOUND).until(() -> ended(job));
        Job after = admin.resource(job).get();
        String said = admin.batch()
                .v1()
                .jobs()
                .inNamespace("jenkins")
                .withName(job.getMetadata().getName())
                .getLog();
        assertThat(after.getStatus().getSucceeded()).as(said).isEqualTo(1);
        assertThat(said).isEqualToIgnoringNewLines("swept-old: expired at 2020-01-02T03:04:05Z, deleting it");
        await().atMost(BOUND)
                .until(() -> admin.namespaces().withName("swept-old").get() == null);
        for (String each : List.of("swept-late", "swept-not-ours")) {
            assertThat(admin.namespaces().withName(each).get().getMetadata().getDeletionTimestamp())
                    .as(each)
                    .isNull();
        }
    }

    private Job job() throws IOException {
        CronJob cron = objects().stream()
                .filter(CronJob.class::isInstance)
                .map(CronJob.class::cast)
                .findFirst()
                .orElseThrow();
        Job job = new JobBuilder()
                .withNewMetadata()
                .withNamespace("jenkins")
                .withName("sweep-" + System.currentTimeMillis())
                .endMetadata()
                .withSpec(cron.getSpec().getJobTemplate().getSpec())
                .build();
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        pod.setHostNetwork(true);
        Container container = pod.getContainers().get(0);
        container.setImage(IMAGE);
        container.setImagePullPolicy("Never");
        for (Map.Entry<String, String> each : Map.of(
                        "KUBERNETES_SERVICE_HOST",
                        "127.0.0.1",
                        "KUBERNETES_SERVICE_PORT",
                        String.valueOf(admin.getMasterUrl().getPort()))
                .entrySet()) {
            container
                    .getEnv()
                    .add(new EnvVarBuilder()
                            .withName(each.getKey())
                            .withValue(each.getValue())
                            .build());
        }
        container.getEnv().stream()
                .filter(each -> each.getName().equals("CONTROLLER"))
                .forEach(each -> each.setValue(CONTROLLER));
        return job;
    }

    private boolean ended(Job job) {
        Job now = admin.resource(job).get();
        boolean ended =
                now.getStatus().getSucceeded() != null || now.getStatus().getFailed() != null;
        List<Pod> pods = admin.pods()
                .inNamespace("jenkins")
                .withLabel("job-name", job.getMetadata().getName())
                .list()
                .getItems();
        return ended
                && pods.stream()
                        .allMatch(each -> !"Running".equals(each.getStatus().getPhase()));
    }

    private void environment(String name, String expiresAt) {
        namespace(
                name,
                Map.of(
                        "app.kubernetes.io/managed-by", "ephemeral-environments",
                        "ephemeral.jenkins.io/controller", CONTROLLER,
                        "ephemeral.jenkins.io/environment", name),
                expires(expiresAt));
    }

    private static Map<String, String> expires(String at) {
        return Map.of("ephemeral.jenkins.io/expires-at", at);
    }

    private void namespace(String name, Map<String, String> labels, Map<String, String> annotations) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .withAnnotations(annotations)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    private List<HasMetadata> objects() throws IOException {
        try (InputStream text = Files.newInputStream(Path.of("deploy/sweeper.yaml"))) {
            return admin.load(text).items();
        }
    }
}
