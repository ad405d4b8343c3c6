package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The client is borrowed: here its owner replaces it each second, with another token, and closes the old one, whose token
 * is worth nothing any more, under whatever is on its way.
 */
public class ChangingClientTest {
    private static final int ENVIRONMENTS = 12;

    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final AtomicReference<KubernetesClient> current = new AtomicReference<>();
    private final Deque<String> tokens = new ArrayDeque<>();
    private final AtomicInteger changes = new AtomicInteger();
    private final ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();
    private EnvironmentRig rig;

    @After
    public void stop() {
        owner.shutdownNow();
        rig.close();
        current.get().close();
        cluster.close();
    }

    @Test
    public void environmentsAreMadeAndTakenAwayWhileClientAndTokenChangeEachSecond() throws Exception {
        rig = new EnvironmentRig(cluster, home.getRoot().toPath());
        replace();
        rig.configured = List.of(new ClusterAccess() {
            @Override
            public String name() {
                return EnvironmentRig.CLUSTER;
            }

            @Override
            public KubernetesClient client() {
                return current.get();
            }
        });
        rig.service.start(List.of());
        owner.scheduleAtFixedRate(this::replace, 1, 1, TimeUnit.SECONDS);
        rig.limit(20, 5); // so that it takes some seconds
        List<CompletableFuture<NamespaceRef>> all = new ArrayList<>();
        for (int build = 1; build <= ENVIRONMENTS; build++) {
            String name = rig.service.nameFor(new EnvironmentSpec(), EnvironmentRig.run(build), "5");
            all.add(rig.begin(
                    rig.service.provision(name, new EnvironmentSpec(), EnvironmentRig.run(build), rig.said::add)));
        }
        for (CompletableFuture<NamespaceRef> each : all) {
            NamespaceRef ref = each.get(60, TimeUnit.SECONDS);
            assertThat(rig.service.find(ref.environment()))
                    .hasValueSatisfying(record -> assertThat(record.state).isEqualTo(EnvironmentState.READY));
        }
        assertThat(changes).as("changes while they were made").hasValueGreaterThan(3);
        int before = changes.get();
        for (CompletableFuture<NamespaceRef> each : all) {
            int build = 1 + all.indexOf(each);
            rig.service.release(each.get().environment(), EnvironmentRig.run(build), Ending.SUCCESS, rig.said::add);
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> rig.service.all().isEmpty());
        assertThat(changes).as("changes while they were taken away").hasValueGreaterThan(before);
        assertThat(cluster.requests().all().stream()
                        .filter(request -> request.verb().equals("create")
                                && request.resource().equals("namespaces")
                                && request.status() == 201))
                .as("namespaces that were made")
                .hasSize(ENVIRONMENTS);
    }

    private synchronized void replace() {
        String token = cluster.rights().token("jenkins");
        KubernetesClient old = current.getAndSet(
                new KubernetesClientBuilder().withConfig(cluster.config(token)).build());
        if (old != null) {
            cluster.rights().revoke(tokens.removeLast());
            old.close();
            changes.incrementAndGet();
        }
        tokens.addLast(token);
    }
}
