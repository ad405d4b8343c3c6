package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.testkube.AgentConnector;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.ConfiguredControlPlanes;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.Builds;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentService;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.SecretSources;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;

/** A cluster, a control plane and what connects them; and controllers that live one after the other. */
public final class TestkubeStage extends ExternalResource {
    private static final AgentImages IMAGES = new AgentImages(
            "docker.io/kubeshop/testkube-api-server:2.12.2",
            "docker.io/kubeshop/testkube-tw-init:2.12.2",
            "docker.io/kubeshop/testkube-tw-toolkit:2.12.2");

    /** Console of whatever runs. */
    public final List<String> console = new CopyOnWriteArrayList<>();

    /** The build. */
    public final RunRef run;

    /** The controllers' clock. */
    public final MovedClock clock = new MovedClock();

    /** Images that controllers are configured with. */
    public volatile AgentImages images = IMAGES;

    /** Id of the Environment that is configured; empty for the control plane's. */
    public volatile String environmentId = "";

    /** Where agents connect to. */
    public volatile String agentAddress = "agent.example.org:443";

    /** What was pasted as the shared agent of the control plane. */
    public volatile String sharedAgent = "";

    /** Other names under which the controllers know the cluster too. */
    public final List<String> moreClusters = new CopyOnWriteArrayList<>();

    /** Name of the cluster that keeps the queue for the shared agent; empty for none. */
    public volatile String queueCluster = "";

    private final EmbeddedControlPlane.Builder settings = EmbeddedControlPlane.builder();
    private final HttpClient http = TestkubeClients.newHttpClient();
    private final TemporaryFolder home = new TemporaryFolder();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final boolean real;
    private EmbeddedCluster kube;
    private KubernetesClient admin;
    private EmbeddedControlPlane controlPlane;
    private AgentConnector connector;
    private Controller controller;

    /** On an embedded cluster. */
    public TestkubeStage() {
        this.real = false;
        this.run = run("ctl-1");
    }

    /**
     * On a real cluster, where agents connect themselves.
     *
     * @param jenkins the controllers' access
     * @param controllerId id of the controllers
     */
    TestkubeStage(Config jenkins, AgentImages images, String controllerId) {
        this.real = true;
        this.run = run(controllerId);
        this.images = images;
        admin = opened(new KubernetesClientBuilder().withConfig(jenkins).build());
    }

    private static RunRef run(String controllerId) {
        return new RunRef(controllerId, "shop/web/PR-41", 7, "https://jenkins.example.org/job/shop/7/");
    }

    /** One life of a controller. */
    public final class Controller {
        private final Driver driver = new Driver("test", 4);
        private final ConfiguredClusters clusters;
        private final TestkubeClients clients;
        private final EnvironmentService environments;

        private final String id;

        private Controller(String id, Outside outside) {
            this.id = id;
            clusters = new ConfiguredClusters(this::accesses, () -> 1000, () -> 1000, outside, id);
            clients = new TestkubeClients(new ConfiguredControlPlanes(() -> List.of(connection())), http, outside);
            environments = new EnvironmentService(
                    id, clusters, driver, outside, records(id), () -> 3600, clock, Builds.UNKNOWN, SecretSources.NONE);
            environments.start(List.of(agents().undoer()));
        }

        private List<ClusterAccess> accesses() {
            List<ClusterAccess> accesses = new ArrayList<>();
            accesses.add(access("dev"));
            moreClusters.forEach(name -> accesses.add(access(name)));
            return accesses;
        }

        private ClusterAccess access(String name) {
            return new ClusterAccess() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public KubernetesClient client() {
                    return admin;
                }
            };
        }

        /** Its environments. */
        public EnvironmentService environments() {
            return environments;
        }

        /** Its agents. */
        public AgentService agents() {
            return new AgentService(id, clusters, environments, clients, () -> images, clock);
        }

        /** Its clusters. */
        public Clusters clusters() {
            return clusters;
        }

        /** Its clients of the control plane. */
        public TestkubeClients clients() {
            return clients;
        }

        /** Drives a reconciler to its end. */
        public <T> T finish(Reconciler<T> reconciler) throws Throwable {
            try {
                return begin(reconciler).get(60, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        }

        /** Begins to drive a reconciler. */
        public <T> CompletableFuture<T> begin(Reconciler<T> reconciler) {
            CompletableFuture<T> end = new CompletableFuture<>();
            driver.drive("test", reconciler, Duration.ofSeconds(30), console::add, new Drive.Listener<T>() {
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

        /** Ends this life: no turn begins any more. */
        public void die() {
            environments.close();
            driver.close();
            clusters.close();
        }
    }

    /** Settings of the control plane, before it starts. */
    public EmbeddedControlPlane.Builder settings() {
        return settings;
    }

    @Override
    protected void before() throws IOException {
        home.create();
        controlPlane = opened(settings.start());
        if (real) {
            agentAddress = controlPlane.agentAddress();
            return;
        }
        kube = opened(EmbeddedCluster.start());
        admin = opened(new KubernetesClientBuilder().withConfig(kube.config()).build());
        // somebody else than Jenkins, whose requests are counted
        KubernetesClient connectors = opened(new KubernetesClientBuilder()
                .withConfig(kube.config(kube.rights().token("connector")))
                .build());
        connector = opened(new AgentConnector(connectors, controlPlane, Duration.ofMillis(50)));
    }

    @Override
    protected void after() {
        if (controller != null) {
            controller.die();
        }
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        home.delete();
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    /** The cluster. */
    public EmbeddedCluster kube() {
        return kube;
    }

    /** The cluster's administrator. */
    public KubernetesClient admin() {
        return admin;
    }

    /** The control plane. */
    public EmbeddedControlPlane controlPlane() {
        return controlPlane;
    }

    /** Nobody connects agents any more. */
    public void disconnectAgents() {
        connector.close();
    }

    /** Configuration of the control plane. */
    public Connection connection() {
        return new Connection(
                        controlPlane.url(),
                        controlPlane.organizationId(),
                        environmentId.isEmpty() ? controlPlane.environmentId() : environmentId,
                        controlPlane.apiToken())
                .sharing(sharedAgent)
                .queueingIn(queueCluster)
                .reachedAt(agentAddress);
    }

    /** The controller that lives now. */
    public Controller controller() {
        if (controller == null) {
            controller = new Controller(run.controllerId(), new Outside());
        }
        return controller;
    }

    /** Begins the life of another controller beside it. */
    public Controller other(String id) {
        Controller other = new Controller(id, new Outside());
        open.add(other::die);
        return other;
    }

    /** Ends the controller's life and begins another one. */
    public Controller restart(Outside outside) {
        if (controller != null) {
            controller.die();
        }
        controller = new Controller(run.controllerId(), outside);
        return controller;
    }

    /** Ends the controller's life; the next one has an older disk, which knows no environments. */
    public void loseRecords() throws IOException {
        controller.die();
        try (Stream<Path> files = Files.walk(records(run.controllerId()))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        controller = new Controller(run.controllerId(), new Outside());
    }

    /** Makes an environment of that name. */
    public NamespaceRef environment(String name) {
        return environment(controller(), name, run);
    }

    /** Makes an environment of a controller. */
    public NamespaceRef environment(Controller of, String name, RunRef build) {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.name = name;
        try {
            return of.finish(of.environments().provision(name, spec, build, console::add));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The record of an environment. */
    public EnvironmentRecord record(NamespaceRef environment) {
        return controller().environments().find(environment.environment()).orElseThrow();
    }

    private Path records(String controllerId) {
        return home.getRoot().toPath().resolve(controllerId).resolve("environments");
    }
}
