package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.Assume.assumeTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** {@code deploy/sweeper.yaml}: its script, run by a shell and kubectl as it stands there, against an API server. */
public class SweeperTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    /** With TLS: without it, kubectl sends no token. */
    private final EmbeddedCluster cluster = EmbeddedCluster.startWithTls();

    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private EnvironmentRig rig;

    @Before
    public void start() {
        boolean kubectl = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
        assumeTrue("there is a kubectl", kubectl);
        rig = new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
    }

    @After
    public void stop() {
        if (rig != null) {
            rig.close();
        }
        admin.close();
        cluster.close();
    }

    @Test
    public void itDeletesWhatIsLongOverAndNothingElse() throws Exception {
        clock.forward(Duration.ofHours(-5));
        NamespaceRef old = rig.provision(new EnvironmentSpec(), 1); // over since three hours
        clock.forward(Duration.ofMinutes(150));
        NamespaceRef late = rig.provision(new EnvironmentSpec(), 2); // over since half an hour
        clock.forward(Duration.ofMinutes(150));
        NamespaceRef young = rig.provision(new EnvironmentSpec(), 3);
        String over = "2020-01-02T03:04:05Z";
        namespace("not-ours", "Helm", "not-ours", over);
        namespace("copied", "ephemeral-environments", "another", over);
        namespace("without-end", "ephemeral-environments", "without-end", "soon");

        String said = sweep("");

        assertThat(said).contains(old.namespace() + ": expired at", "deleting it");
        await().until(() -> admin.namespaces().withName(old.namespace()).get() == null);
        for (String name : List.of(late.namespace(), young.namespace(), "not-ours", "copied", "without-end")) {
            assertThat(admin.namespaces().withName(name).get().getMetadata().getDeletionTimestamp())
                    .as(name)
                    .isNull();
        }
        assertThat(said)
                .contains("copied: left alone, it is labelled as another")
                .contains("without-end: left alone, it does not say when it expires")
                .doesNotContain("not-ours", late.namespace(), young.namespace());
    }

    @Test
    public void oneControllerMayBeMeant() throws Exception {
        clock.forward(Duration.ofHours(-5));
        NamespaceRef old = rig.provision(new EnvironmentSpec(), 1);
        assertThat(sweep("another-controller")).isEmpty();
        assertThat(admin.namespaces().withName(old.namespace()).get()).isNotNull();
        sweep(EnvironmentRig.CONTROLLER);
        await().until(() -> admin.namespaces().withName(old.namespace()).get() == null);
    }

    @Test
    public void aServerThatRefusesFailsTheJob() {
        cluster.faults().on("GET", ".*/namespaces.*").status(403);
        assertThatThrownBy(() -> sweep("")).isInstanceOf(AssertionError.class).hasMessageContaining("orbidden");
    }

    @Test
    public void itsRightsAreThoseThatItUses() throws Exception {
        clock.forward(Duration.ofHours(-5));
        rig.provision(new EnvironmentSpec(), 1);
        cluster.requests().clear();
        sweep("");
        ClusterRole role = objects().stream()
                .filter(ClusterRole.class::isInstance)
                .map(ClusterRole.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(role.getRules()).hasSize(1);
        assertThat(role.getRules().get(0).getVerbs()).containsExactly("list", "delete");
        assertThat(cluster.requests().count("list", "namespaces")).isEqualTo(1);
        assertThat(cluster.requests().count("delete", "namespaces")).isEqualTo(1);
        assertThat(cluster.requests().count("get", "namespaces")).isZero();
    }

    private String sweep(String controller) throws IOException, InterruptedException {
        CronJob job = objects().stream()
                .filter(CronJob.class::isInstance)
                .map(CronJob.class::cast)
                .findFirst()
                .orElseThrow();
        var container = job.getSpec()
                .getJobTemplate()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        ProcessBuilder shell =
                new ProcessBuilder("sh", "-c", container.getArgs().get(0));
        assertThat(container.getCommand()).containsExactly("sh", "-c");
        Map<String, String> env = shell.environment();
        container.getEnv().forEach(each -> env.put(each.getName(), each.getValue() == null ? "" : each.getValue()));
        env.put("CONTROLLER", controller);
        env.put("HOME", home.newFolder().getPath());
        env.put("KUBECONFIG", kubeconfig().toString());
        Process process = shell.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static List<HasMetadata> objects() throws IOException {
        try (KubernetesClient reader = new KubernetesClientBuilder().build()) {
            return reader.load(Files.newInputStream(Path.of("deploy/sweeper.yaml")))
                    .items();
        }
    }

    private Path kubeconfig() throws IOException {
        Path file = home.newFile().toPath();
        Files.writeString(file, cluster.kubeconfig());
        return file;
    }

    private void namespace(String name, String managedBy, String environment, String expires) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(Map.of(
                                "app.kubernetes.io/managed-by", managedBy,
                                "ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER,
                                "ephemeral.jenkins.io/environment", environment))
                        .withAnnotations(Map.of("ephemeral.jenkins.io/expires-at", expires))
                        .endMetadata()
                        .build())
                .create();
    }
}
