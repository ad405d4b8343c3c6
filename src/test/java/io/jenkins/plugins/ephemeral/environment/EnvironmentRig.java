package io.jenkins.plugins.ephemeral.environment;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.io.File;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.rules.TemporaryFolder;

/** A controller's environments on a cluster; several of them, one after the other, are lives of one controller. */
final class EnvironmentRig implements AutoCloseable {
    /** Another one in each process: tests of several share the real cluster. */
    static final String CONTROLLER =
            "test-controller-" + ProcessHandle.current().pid();

    static final String CLUSTER = "dev";
    static final Duration BOUND = Duration.ofSeconds(30);

    final Driver driver;
    final List<String> said = java.util.Collections.synchronizedList(new ArrayList<>());
    final KubernetesClient client;
    volatile SecretSources secretSource = SecretSources.NONE;
    private final SecretSources secretSources = new SecretSources() {
        @Override
        public boolean isOpen(String namespace) {
            return secretSource.isOpen(namespace);
        }

        @Override
        public SecretContent credential(RunRef run, SecretSpec spec) {
            return secretSource.credential(run, spec);
        }
    };
    final ConfiguredClusters clusters;
    final EnvironmentService service;
    final Shifted clock;
    final KnownBuilds builds;
    volatile List<ClusterAccess> configured;
    private volatile double perSecond = 1_000;
    private volatile int burst = 1_000;

    EnvironmentRig(EmbeddedCluster cluster, Path home) {
        this(cluster.config(), home, new Outside(), new Shifted());
    }

    /** @param server where, and as whom */
    EnvironmentRig(Config server, Path home, Outside outside, Shifted clock) {
        this(server, home, outside, clock, new Driver("rig", 8), new KnownBuilds());
    }

    /** One whose turns are made by that driver, and which knows those builds. */
    EnvironmentRig(Config server, Path home, Outside outside, Shifted clock, Driver driver, KnownBuilds builds) {
        this.driver = driver;
        this.builds = builds;
        this.clock = clock;
        client = new KubernetesClientBuilder().withConfig(server).build();
        configured = List.of(access());
        clusters = new ConfiguredClusters(() -> configured, () -> perSecond, () -> burst, outside, CONTROLLER);
        service = new EnvironmentService(
                CONTROLLER, clusters, driver, outside, home, () -> 3600, clock, builds, secretSources);
    }

    /** Where there is such a place: what is killed in most tests is the process, not the machine. */
    static TemporaryFolder folderInMemory() {
        File memory = new File("/dev/shm");
        return new TemporaryFolder(memory.isDirectory() && memory.canWrite() ? memory : null);
    }

    ClusterAccess access() {
        return new Access(client);
    }

    static RunRef run(int build) {
        return new RunRef(CONTROLLER, "shop/web/PR-41", build, "https://jenkins.example/job/shop/" + build + '/');
    }

    /** Drives to the end. */
    <T> T get(Reconciler<T> reconciler) {
        CompletableFuture<T> end = begin(reconciler);
        try {
            return end.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error) {
                throw (Error) e.getCause();
            }
            throw (RuntimeException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no end within a minute", e);
        }
    }

    /** Limits the requests from now on. */
    void limit(double requestsPerSecond, int requestBurst) {
        perSecond = requestsPerSecond;
        burst = requestBurst;
    }

    <T> CompletableFuture<T> begin(Reconciler<T> reconciler) {
        return begin(reconciler, BOUND);
    }

    <T> CompletableFuture<T> begin(Reconciler<T> reconciler, Duration giveUpAfter) {
        CompletableFuture<T> end = new CompletableFuture<>();
        driver.drive("test", reconciler, giveUpAfter, said::add, new Drive.Listener<T>() {
            @Override
            public void done(T result) {
                end.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                end.completeExceptionally(failure);
            }
        });
        return end;
    }

    NamespaceRef provision(EnvironmentSpec spec, int build) {
        return get(service.provision(service.nameFor(spec, run(build), "5"), spec, run(build), said::add));
    }

    void awaitGone(String name) {
        await("end of " + name).atMost(BOUND).until(() -> service.find(name).isEmpty());
    }

    @Override
    public void close() {
        service.close();
        clusters.close();
        driver.close();
        client.close();
    }

    private static final class Access implements ClusterAccess {
        private final KubernetesClient client;

        Access(KubernetesClient client) {
            this.client = client;
        }

        @Override
        public String name() {
            return CLUSTER;
        }

        @Override
        public KubernetesClient client() {
            return client;
        }
    }

    /** The system's clock, put forward by tests. */
    static final class Shifted extends Clock {
        private volatile Duration ahead = Duration.ZERO;

        void forward(Duration by) {
            ahead = ahead.plus(by);
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
