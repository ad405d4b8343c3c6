package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Two lives with one id: which of them deletes. */
public class TenureTest {
    @Rule
    public final TemporaryFolder homes = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private Path home;
    private EnvironmentRig original;
    private EnvironmentRig copy;

    @Before
    public void start() throws IOException {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("jenkins")
                        .endMetadata()
                        .build())
                .create();
        home = homes.newFolder("original").toPath();
        original = started(home);
    }

    @After
    public void stop() {
        original.close();
        if (copy != null) {
            copy.close();
        }
        admin.close();
        cluster.close();
    }

    @Test
    public void anIdleRoundCostsTwoRequests() {
        original.provision(spec, 1);
        original.service.reap();
        cluster.requests().clear();
        original.service.reap();
        assertThat(cluster.requests().all()).hasSize(2);
        assertThat(cluster.requests().count("update", "leases")).isEqualTo(1);
        assertThat(cluster.requests().count("list", "namespaces")).isEqualTo(1);
        assertThat(lease().getMetadata().getLabels())
                .containsEntry("ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER);
    }

    @Test
    public void aRestoredCopyBesideTheOriginalDeletesNothing() throws IOException {
        NamespaceRef old = original.provision(spec, 1);
        original.service.reap();
        Path backup = backup();
        clock.forward(Duration.ofMinutes(1));
        original.service.reap(); // renews, as it lives
        NamespaceRef young = original.provision(spec, 2);

        copy = started(backup);
        copy.service.reap();
        assertThat(copy.service.tenures().contested()).containsOnlyKeys(EnvironmentRig.CLUSTER);
        clock.forward(Duration.ofMinutes(100));
        original.service.renew(old.environment());
        original.service.renew(young.environment());
        original.service.reap();
        clock.forward(Duration.ofMinutes(100));
        copy.service.reap();
        assertThat(copy.service.find(old.environment()).orElseThrow().state)
                .as("expired by what the copy knows")
                .isEqualTo(EnvironmentState.READY);
        assertThat(copy.service.all()).as("adopts nothing").hasSize(1);
        copy.service.release(old.environment(), EnvironmentRig.run(1), Ending.SUCCESS, copy.said::add);
        await().until(() -> reason(copy, old).contains("Another Jenkins with the id of this one"));
        assertThat(exists(old)).isTrue();
        assertThat(exists(young)).isTrue();

        // the original is not disturbed
        original.service.release(old.environment(), EnvironmentRig.run(1), Ending.SUCCESS, original.said::add);
        original.awaitGone(old.environment());
    }

    @Test
    public void whoTakesOverDeletesAndTheOtherOneStops() throws IOException {
        NamespaceRef ref = original.provision(spec, 1);
        original.service.reap();
        Path backup = backup();
        clock.forward(Duration.ofMinutes(1));
        original.service.reap();
        copy = started(backup);
        copy.service.reap();
        assertThat(copy.service.tenures().contested()).isNotEmpty();
        copy.service.tenures().takeOver(EnvironmentRig.CLUSTER);
        assertThat(copy.service.tenures().contested()).isEmpty();
        original.service.reap();
        assertThat(original.service.tenures().contested()).isNotEmpty();
        clock.forward(Duration.ofHours(3));
        copy.service.reap();
        original.service.reap();
        assertThat(original.service.find(ref.environment()).orElseThrow().state).isEqualTo(EnvironmentState.READY);
        copy.awaitGone(ref.environment());
        assertThat(exists(ref)).isFalse();
    }

    @Test
    public void anOlderHomeTakesUpWhatTheDeadOriginalLeft() throws IOException {
        original.service.reap();
        Path backup = backup();
        clock.forward(Duration.ofMinutes(1));
        NamespaceRef ref = original.provision(spec, 1);
        original.service.reap();
        original.close();
        copy = started(backup);
        copy.service.reap();
        assertThat(copy.service.tenures().contested())
                .as("its Lease lives on for a while")
                .isNotEmpty();
        assertThat(copy.service.all()).isEmpty();
        clock.forward(Duration.ofHours(3).plusMinutes(1)); // three periods
        copy.service.reap();
        assertThat(copy.service.tenures().contested()).isEmpty();
        EnvironmentRecord adopted = copy.service.find(ref.environment()).orElseThrow();
        assertThat(adopted.reason).contains("without a record");
        assertThat(adopted.expiresAt).isAfter(clock.instant().plus(Duration.ofMinutes(119)));
        clock.forward(Duration.ofMinutes(121));
        copy.service.reap();
        copy.awaitGone(ref.environment());
    }

    @Test
    public void aRestartGoesOnAtOnce() {
        NamespaceRef ref = original.provision(spec, 1);
        original.service.reap();
        String before = lease().getSpec().getHolderIdentity();
        original.close(); // as by kill -9: nothing is told to the cluster
        original = started(home);
        original.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, original.said::add);
        original.awaitGone(ref.environment());
        assertThat(lease().getSpec().getHolderIdentity()).isNotEqualTo(before);
        assertThat(original.service.tenures().contested()).isEmpty();
    }

    @Test
    public void aDamagedFileNeitherLocksOutNorTakesOver() throws IOException {
        List<String> damaged = List.of(
                "",
                "null",
                "{\"nonces\":[\"a",
                "{\"nonces\":null}",
                "{\"nonces\":[\"NONCE\",null]}",
                "{\"nonces\":[\"NONCE\"],\"renewed\":null}",
                "{\"nonces\":[\"NONCE\"],\"renewed\":\"soon\"}");
        for (String content : damaged) {
            original.service.reap();
            assertThat(original.service.tenures().contested()).as(content).isEmpty();
            String holder = lease().getSpec().getHolderIdentity();
            original.close();
            Files.writeString(tenureFile(), content.replace("NONCE", holder));
            original = started(home);
            original.service.reap();
            assertThat(original.service.tenures().contested().get(EnvironmentRig.CLUSTER))
                    .as(content)
                    .contains(holder, "may have been this Jenkins itself", "cannot be read");
            assertThat(lease().getSpec().getHolderIdentity()).as(content).isEqualTo(holder);
            clock.forward(Duration.ofHours(3).plusMinutes(1)); // three periods
            original.service.reap();
            assertThat(original.service.tenures().contested()).as(content).isEmpty();
            assertThat(lease().getSpec().getHolderIdentity()).as(content).isNotEqualTo(holder);
        }
    }

    @Test
    public void whoKnowsThatItIsTheSameOneTakesOverFromADamagedFile() throws IOException {
        original.service.reap();
        original.close();
        Files.writeString(tenureFile(), "{");
        original = started(home);
        original.service.reap();
        assertThat(original.service.tenures().contested()).isNotEmpty();
        original.service.tenures().takeOver(EnvironmentRig.CLUSTER);
        assertThat(original.service.tenures().contested()).isEmpty();
        original.close();
        original = started(home);
        original.service.reap();
        assertThat(original.service.tenures().contested()).as("mended by that").isEmpty();
    }

    @Test
    public void whatANewerVersionWroteBesideIsNoDamage() throws IOException {
        original.service.reap();
        original.close();
        Files.writeString(tenureFile(), Files.readString(tenureFile()).replaceFirst("\\{", "{\"newer\":1,"));
        original = started(home);
        original.service.reap();
        assertThat(original.service.tenures().contested()).isEmpty();
    }

    private Path tenureFile() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("leases"))) {
            return files.filter(each -> each.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    public void anotherClusterUnderTheSameNameIsNotBelieved() {
        NamespaceRef ref = original.provision(spec, 1);
        assertThat(original.service.find(ref.environment()).orElseThrow().clusterUid)
                .isEqualTo(admin.namespaces()
                        .withName("kube-system")
                        .get()
                        .getMetadata()
                        .getUid());
        try (EmbeddedCluster replaced = EmbeddedCluster.start();
                EnvironmentRig moved = new EnvironmentRig(replaced.config(), home, new Outside(), clock)) {
            original.close();
            moved.service.start(List.of());
            moved.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, moved.said::add);
            await().until(() ->
                    moved.service.find(ref.environment()).orElseThrow().state == EnvironmentState.UNREACHABLE);
            assertThat(reason(moved, ref)).contains("another one than it was");
        }
        assertThat(exists(ref)).isTrue();
        original = started(home);
        original.awaitGone(ref.environment());
    }

    @Test
    public void withoutAPlaceForALeaseItGoesOnUnguarded() {
        admin.namespaces().withName("jenkins").delete();
        await().until(() -> admin.namespaces().withName("jenkins").get() == null);
        NamespaceRef ref = original.provision(spec, 1);
        original.service.reap();
        cluster.requests().clear();
        original.service.reap();
        assertThat(cluster.requests().all()).as("not asked for each time").hasSize(1);
        original.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, original.said::add);
        original.awaitGone(ref.environment());
    }

    private EnvironmentRig started(Path directory) {
        EnvironmentRig rig = new EnvironmentRig(cluster.config(), directory, new Outside(), clock);
        rig.service.start(List.of());
        return rig;
    }

    private Path backup() throws IOException {
        Path backup = homes.newFolder("backup").toPath();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = backup.resolve(home.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return backup;
    }

    private Lease lease() {
        return admin.leases()
                .inNamespace("jenkins")
                .withName("ephemeral-environments-" + EnvironmentRig.CONTROLLER)
                .get();
    }

    private static String reason(EnvironmentRig rig, NamespaceRef ref) {
        return String.valueOf(rig.service.find(ref.environment()).orElseThrow().reason);
    }

    private boolean exists(NamespaceRef ref) {
        Namespace there = admin.namespaces().withName(ref.namespace()).get();
        return there != null && there.getMetadata().getDeletionTimestamp() == null;
    }
}
