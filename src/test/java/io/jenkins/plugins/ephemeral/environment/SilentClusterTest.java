package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A cluster that takes connections and never answers does not hold the threads that another one needs. */
public class SilentClusterTest {
    private static final int RELEASES = 40;
    /** Of a request in the silent cluster. */
    private static final int LIMIT_MILLIS = 20_000;

    @Rule
    public final TemporaryFolder home = EnvironmentRig.folderInMemory();

    private final EmbeddedCluster healthy = EmbeddedCluster.start();
    private final EmbeddedCluster ill = EmbeddedCluster.start();
    private ServerSocket silent;
    private KubernetesClient illClient;
    private KubernetesClient silentClient;
    private volatile KubernetesClient client;
    private EnvironmentRig rig;

    @Before
    public void start() throws IOException {
        silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress()); // the kernel accepts; nobody reads
        illClient = new KubernetesClientBuilder().withConfig(ill.config()).build();
        silentClient = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(ill.config())
                        .withMasterUrl("http://127.0.0.1:" + silent.getLocalPort() + '/')
                        .withRequestTimeout(LIMIT_MILLIS)
                        .build())
                .build();
        client = illClient;
        rig = new EnvironmentRig(
                healthy.config(),
                home.getRoot().toPath(),
                new Outside(),
                new EnvironmentRig.Shifted(),
                new Driver("sixteen", 16),
                new KnownBuilds());
        rig.configured = List.of(rig.access(), new ClusterAccess() {
            @Override
            public String name() {
                return "dark";
            }

            @Override
            public KubernetesClient client() {
                return client;
            }
        });
        rig.service.start(List.of());
    }

    @After
    public void stop() throws IOException {
        silent.close();
        rig.close();
        illClient.close();
        silentClient.close();
        healthy.close();
        ill.close();
    }

    @Test
    public void releasesThatWantToKnowWhoseTheClusterIsHoldOneThread() throws Exception {
        client = silentClient;
        releaseMany();
        othersGoOn();
    }

    @Test
    public void releasesThatKnowDoNotHoldAllThreadsEither() throws Exception {
        rig.service.reap(); // looks at the Lease, or finds that there can be none
        client = silentClient;
        releaseMany();
        Thread.sleep(2_500); // until its silence is noticed, and one more is tried
        othersGoOn();
    }

    private void releaseMany() throws InterruptedException {
        for (int i = 0; i < RELEASES; i++) {
            EnvironmentRecord record = new EnvironmentRecord();
            record.name = "dark-" + i;
            record.base = record.name;
            record.cluster = "dark";
            record.uid = "uid-" + i;
            record.state = EnvironmentState.READY;
            record.controllerId = EnvironmentRig.CONTROLLER;
            record.jobFullName = "shop/web/PR-41";
            record.buildNumber = 100 + i;
            record.requestedAt = rig.clock.instant();
            record.expiresAt = rig.clock.instant().plus(Duration.ofHours(1));
            rig.service.registry().add(record);
            rig.service.end(record.name, Ending.SUCCESS, Console.NONE);
        }
        Thread.sleep(200); // until all have had their first turn
    }

    private void othersGoOn() {
        long began = System.nanoTime();
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.cluster = EnvironmentRig.CLUSTER;
        NamespaceRef ref = rig.provision(spec, 1);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, Console.NONE);
        rig.awaitGone(ref.environment());
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)).isLessThan(LIMIT_MILLIS / 2);
    }
}
