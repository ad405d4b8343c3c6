package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A pool of namespaces on a real Kubernetes, with the rights of {@code deploy/pool.yaml}. */
public class PoolClusterIT {
    /** A real controller manager takes its time. */
    private static final Duration BOUND = Duration.ofSeconds(90);

    @Rule
    public final TemporaryFolder homes = new TemporaryFolder();

    @Test
    public void whatWasThereStaysAndEverythingElseGoes() throws Exception {
        try (PoolRig pool = new PoolRig(RealCluster.config())) {
            Map<String, Set<String>> before = new TreeMap<>();
            PoolRig.POOL.forEach(each -> before.put(each, pool.contents(each)));
            try (EnvironmentRig rig = pool.controller(homes.newFolder().toPath())) {
                rig.service.start(List.of());
                NamespaceRef ref = rig.provision(new EnvironmentSpec(), 1);
                leave(pool, ref.namespace());
                rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
                await().atMost(BOUND).until(() -> rig.service.all().isEmpty());
            }
            assertAsBefore(pool, before);
            int build = 1;
            for (String crossing : List.of(
                    "after changing Lease",
                    "after applying ResourceQuota",
                    "before deleting objects",
                    "after deleting objects")) {
                killed(pool, new KillSwitch(crossing, 1), ++build);
                assertAsBefore(pool, before);
            }
        }
    }

    private void killed(PoolRig pool, KillSwitch kill, int build) throws Exception {
        pool.forgetTenure(); // it begins with an empty home
        Path home = homes.newFolder().toPath();
        EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
        EnvironmentSpec spec = new EnvironmentSpec();
        try (EnvironmentRig rig = pool.controller(home, new Outside(kill), clock)) {
            rig.service.start(List.of());
            String name = rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
            CompletableFuture<NamespaceRef> ready =
                    rig.begin(rig.service.provision(name, spec, EnvironmentRig.run(build), Console.NONE));
            await().atMost(BOUND).until(() -> kill.isDead() || ready.isDone());
            if (!kill.isDead()) {
                leave(pool, ready.get().namespace());
                rig.service.release(name, EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
                await(kill.toString()).atMost(BOUND).until(kill::isDead);
            }
        } catch (KillSwitch.Killed e) {
            assertThat(kill.isDead()).isTrue();
        }
        try (EnvironmentRig rig = pool.controller(home, new Outside(), clock)) {
            rig.service.start(List.of());
            clock.forward(Duration.ofHours(3));
            rig.service.reap();
            await(kill.toString()).atMost(BOUND).until(() -> rig.service.all().isEmpty());
        }
    }

    /** Of some kinds; a service account has a token that comes and goes with it. */
    private static void leave(PoolRig pool, String namespace) {
        pool.config(namespace, "left-by-the-build");
        pool.admin
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("left-by-the-build")
                        .endMetadata()
                        .build())
                .create();
        pool.admin
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("left-by-the-build")
                        .endMetadata()
                        .build())
                .create();
    }

    private static void assertAsBefore(PoolRig pool, Map<String, Set<String>> before) {
        before.forEach((namespace, contents) -> {
            assertThat(pool.contents(namespace)).as(namespace).isEqualTo(contents);
            assertThat(pool.holder(namespace)).as(namespace).isEmpty();
        });
        assertThat(pool.contents(PoolRig.NEIGHBOUR)).contains("configmaps/made-by-the-administrator");
    }
}
