package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What nobody ends is found and ended; what is not ours never. */
public class ReaperTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() {
        spec.ttl = Duration.ofHours(2);
        rig = rig();
        rig.service.start(List.of());
    }

    @After
    public void stop() {
        rig.close();
        admin.close();
        cluster.close();
    }

    @Test
    public void whatExpiredIsReleased() {
        NamespaceRef expired = rig.provision(spec, 1);
        clock.forward(Duration.ofMinutes(119));
        NamespaceRef young = rig.provision(spec, 2);
        rig.service.reap();
        assertThat(rig.service.all()).hasSize(2);
        clock.forward(Duration.ofMinutes(2));
        rig.service.reap();
        rig.awaitGone(expired.environment());
        assertThat(exists(expired)).isFalse();
        assertThat(exists(young)).isTrue();
    }

    @Test
    public void whatIsRenewedLivesAndSaysSoInTheCluster() {
        NamespaceRef ref = rig.provision(spec, 1);
        Instant before = annotatedExpiry(ref);
        clock.forward(Duration.ofMinutes(90));
        rig.service.renew(ref.environment());
        rig.service.reap();
        assertThat(annotatedExpiry(ref))
                .isBetween(before.plus(Duration.ofMinutes(88)), before.plus(Duration.ofMinutes(92)));
        clock.forward(Duration.ofMinutes(60));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        cluster.requests().clear();
        rig.service.reap();
        assertThat(cluster.requests().all()).as("one list in an idle round").hasSize(1);
    }

    @Test
    public void aNamespaceWithoutARecordLivesForOneTtlMore() throws IOException {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.close();
        Files.delete(recordFile(ref));
        rig = rig();
        rig.service.start(List.of());
        rig.service.reap();
        EnvironmentRecord adopted = record(ref);
        assertThat(adopted.uid).isEqualTo(ref.uid());
        assertThat(adopted.run().externalId()).isEqualTo("shop/web/PR-41#1");
        assertThat(adopted.reason).contains("without a record");
        clock.forward(Duration.ofMinutes(115));
        rig.service.reap();
        assertThat(exists(ref)).isTrue();
        clock.forward(Duration.ofMinutes(10));
        rig.service.reap();
        rig.awaitGone(ref.environment());
        assertThat(exists(ref)).isFalse();
    }

    @Test
    public void onlyWhatCarriesAllOfOurMarksIsTakenUp() {
        Map<String, String> ours = Map.of(
                "app.kubernetes.io/managed-by", "ephemeral-environments",
                "ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER,
                "ephemeral.jenkins.io/environment", "copied");
        create("copied-by-hand", ours);
        create(
                "without-environment",
                Map.of(
                        "app.kubernetes.io/managed-by",
                        "ephemeral-environments",
                        "ephemeral.jenkins.io/controller",
                        EnvironmentRig.CONTROLLER));
        create(
                "of-another",
                Map.of(
                        "app.kubernetes.io/managed-by", "ephemeral-environments",
                        "ephemeral.jenkins.io/controller", "another",
                        "ephemeral.jenkins.io/environment", "of-another"));
        rig.service.reap();
        assertThat(rig.service.all()).isEmpty();
    }

    @Test
    public void aRecordThatCannotBeReadProtectsItsNamespace() throws IOException {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.close();
        Files.writeString(recordFile(ref), "{\"formatVersion\": 1, \"name\":");
        rig = rig();
        rig.service.start(List.of());
        clock.forward(Duration.ofDays(10));
        rig.service.reap();
        assertThat(rig.service.all()).isEmpty();
        assertThat(rig.service.unreadable()).containsOnlyKeys(ref.environment() + ".json");
        assertThat(exists(ref)).isTrue();
        assertThat(recordFile(ref)).exists();
    }

    @Test
    public void whoCouldNotRenewWhileJenkinsWasDownHasSomeMinutes() {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.close();
        clock.forward(Duration.ofHours(12));
        rig = rig();
        rig.service.start(List.of());
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        rig.service.renew(ref.environment());
        clock.forward(Duration.ofMinutes(60));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        clock.forward(Duration.ofMinutes(61));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aClusterThatIsDownKeepsItFromNothing() {
        NamespaceRef ref = rig.provision(spec, 1);
        cluster.faults().unavailable();
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        cluster.faults().available();
        rig.service.reap();
        assertThat(exists(ref)).isTrue();
    }

    private EnvironmentRig rig() {
        return new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
    }

    private Path recordFile(NamespaceRef ref) {
        return home.getRoot().toPath().resolve(ref.environment() + ".json");
    }

    private EnvironmentRecord record(NamespaceRef ref) {
        return rig.service.find(ref.environment()).orElseThrow();
    }

    private boolean exists(NamespaceRef ref) {
        Namespace there = admin.namespaces().withName(ref.namespace()).get();
        return there != null && there.getMetadata().getDeletionTimestamp() == null;
    }

    private Instant annotatedExpiry(NamespaceRef ref) {
        return Instant.parse(admin.namespaces()
                .withName(ref.namespace())
                .get()
                .getMetadata()
                .getAnnotations()
                .get("janitor/expires"));
    }

    private void create(String name, Map<String, String> labels) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        await().until(() -> admin.namespaces().withName(name).get() != null);
    }
}
