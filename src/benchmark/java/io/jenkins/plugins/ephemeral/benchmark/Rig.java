package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterClients;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.WebhookTarget;
import io.jenkins.plugins.ephemeral.engine.Engine;
import io.jenkins.plugins.ephemeral.engine.Settings;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.SecretSources;
import io.jenkins.plugins.ephemeral.executor.StageJobSettings;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The engine with one cluster and the limits of a fresh installation, without Jenkins. */
final class Rig implements AutoCloseable {
    static final double PER_SECOND = 50;
    static final int BURST = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String controllerId;
    private final double requestsPerSecond;
    private final int requestBurst;
    private final KubernetesClient client;
    private final Engine engine;
    private int builds;

    Rig(String kubeconfig, Path home) {
        this(kubeconfig, home, newControllerId(), PER_SECOND, BURST);
    }

    /** One life of a controller; a second one with the same id and home is what a restart makes. */
    Rig(String kubeconfig, Path home, String controllerId, double requestsPerSecond, int requestBurst) {
        this.controllerId = controllerId;
        this.requestsPerSecond = requestsPerSecond;
        this.requestBurst = requestBurst;
        client = ClusterClients.withKubeconfig("measured", kubeconfig);
        engine = new Engine(new OneCluster(), home, new Outside());
        engine.start();
    }

    static String newControllerId() {
        return "benchmark-" + Long.toString(System.currentTimeMillis(), 36);
    }

    /** One environment under way. */
    final class Life {
        final RunRef run;
        final EnvironmentSpec spec = new EnvironmentSpec();
        final String name;
        /** Completed when READY, with the nanoseconds since the call. */
        final CompletableFuture<Long> ready = new CompletableFuture<>();

        private long released;

        Life(int build) {
            run = new RunRef(controllerId, "shop/web/PR-41", build, "");
            name = engine.environments().nameFor(spec, run, "7");
        }

        /** Calls for it; returns at once. */
        void provision() {
            long begin = System.nanoTime();
            engine.driver()
                    .drive(
                            "provision " + name,
                            engine.environments().provision(name, spec, run, Console.NONE),
                            PATIENCE,
                            System.out::println,
                            new Drive.Listener<NamespaceRef>() {
                                @Override
                                public void done(NamespaceRef result) {
                                    ready.complete(System.nanoTime() - begin);
                                }

                                @Override
                                public void failed(Throwable failure) {
                                    ready.completeExceptionally(failure);
                                }
                            });
        }

        /** Ends its use; returns when that is written down. */
        void release() {
            released = System.nanoTime();
            engine.environments().release(name, run, Ending.SUCCESS, Console.NONE);
        }

        /** Waits until its deletion was asked for, and the server has answered. */
        long awaitDeletion() throws InterruptedException {
            while (engine.environments()
                    .find(name)
                    .filter(record -> record.state == EnvironmentState.RELEASING)
                    .isPresent()) {
                Thread.sleep(2);
            }
            return System.nanoTime() - released;
        }

        /** Waits until its record is forgotten, which is when the API server has answered 404. */
        long awaitGone() throws InterruptedException {
            while (engine.environments().find(name).isPresent()) {
                Thread.sleep(5);
            }
            return System.nanoTime() - released;
        }
    }

    Life life() {
        return new Life(++builds);
    }

    /** The environment of that build, which an earlier life may have made. */
    Life life(int build) {
        return new Life(build);
    }

    /** The cluster as the engine sees it. */
    Cluster cluster() {
        return engine.clusters().cluster("measured");
    }

    int port() {
        return client.getMasterUrl().getPort();
    }

    @Override
    public void close() {
        engine.close();
        client.close();
    }

    private final class OneCluster implements Settings {
        @Override
        public SecretSources secretSources() {
            return SecretSources.NONE;
        }

        @Override
        public String controllerId() {
            return controllerId;
        }

        @Override
        public List<ClusterAccess> clusters() {
            return List.of(new ClusterAccess() {
                @Override
                public String name() {
                    return "measured";
                }

                @Override
                public KubernetesClient client() {
                    return client;
                }
            });
        }

        @Override
        public List<TestkubeConnection> testkubes() {
            return List.of();
        }

        @Override
        public List<TerrakubeConnection> terrakubes() {
            return List.of();
        }

        @Override
        public List<WebhookTarget> webhooks() {
            return List.of();
        }

        @Override
        public double requestsPerSecond() {
            return requestsPerSecond;
        }

        @Override
        public int requestBurst() {
            return requestBurst;
        }

        @Override
        public StageJobSettings stageJobs() {
            return new StageJobSettings();
        }

        @Override
        public int reaperPeriodSeconds() {
            return 300;
        }

        @Override
        public String agentImage() {
            return "";
        }

        @Override
        public String agentInitImage() {
            return "";
        }

        @Override
        public java.util.Set<String> applicationKinds() {
            return java.util.Set.of();
        }

        @Override
        public String agentToolkitImage() {
            return "";
        }
    }
}
