package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.cluster.RequestLimiter;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A namespace in a cluster with stage Jobs in it, and one life of Jenkins after the other that looks after them. */
final class StageRig implements AutoCloseable {
    static final String IMAGE = "busybox:1.35";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    final KubernetesClient client;
    /** When the environment became usable; null for long ago. */
    volatile Instant usableSince;

    final String namespace = "stages-" + UUID.randomUUID().toString().substring(0, 8);
    final NamespaceRef environment;
    RunRef run = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://ci.example.com/job/7/");
    /** How far the stages' clock is ahead of the true one. */
    volatile Duration ahead = Duration.ZERO;

    final List<String> console = new CopyOnWriteArrayList<>();
    final Path locks;
    final StageJobSettings settings = new StageJobSettings();
    /** Copies of outputs that the build keeps. */
    final Map<String, byte[]> archived = new ConcurrentHashMap<>();

    /** Why the build cannot keep any, or null. */
    volatile String unableToArchive;

    private final Report report = new Report();
    /** Whom Jenkins is in the cluster. */
    private final Config jenkins;

    private final Outside.Cut cut;
    private Life life;

    StageRig(Config config) {
        this(config, null);
    }

    StageRig(Config config, Outside.Cut cut) {
        this(config, cut, (client, namespace) -> config);
    }

    /**
     * @param admin the administrator's configuration, of the test's own client
     * @param identity makes Jenkins' configuration for the namespace, with that client
     */
    StageRig(Config admin, Outside.Cut cut, BiFunction<KubernetesClient, String, Config> identity) {
        this.cut = cut;
        try {
            locks = Files.createTempDirectory("locks").resolve("stage-locks.json");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        client = new KubernetesClientBuilder().withConfig(admin).build();
        String uid = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getUid();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("ephemeral")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        environment = new NamespaceRef(namespace, "dev", namespace, uid);
        until("the service account's token", () -> {
            var account = client.serviceAccounts()
                    .inNamespace(namespace)
                    .withName("ephemeral")
                    .get();
            boolean old = client.getKubernetesVersion().getMinor().startsWith("20");
            return !old || !account.getSecrets().isEmpty();
        });
        jenkins = identity.apply(client, namespace);
        life = new Life();
    }

    /** One life of Jenkins: what ends with its process. */
    final class Life implements AutoCloseable {
        final KubernetesClient borrowed =
                new KubernetesClientBuilder().withConfig(jenkins).build();
        final Driver driver = new Driver("rig", 4);
        final Cluster cluster = new Cluster(
                new ClusterAccess() {
                    @Override
                    public String name() {
                        return "dev";
                    }

                    @Override
                    public KubernetesClient client() {
                        return borrowed;
                    }
                },
                new RequestLimiter(200, 400),
                cut == null ? new Outside() : new Outside(cut));
        final StageJobService service = new StageJobService(
                new Clusters() {
                    @Override
                    public Cluster cluster(String name) {
                        return cluster;
                    }

                    @Override
                    public List<String> names() {
                        return List.of("dev");
                    }
                },
                ref -> "ephemeral",
                ref -> usableSince,
                () -> settings,
                new StageLocks(locks, new Outside()),
                clock());

        @Override
        public void close() {
            driver.close();
            borrowed.close();
        }
    }

    /** A stage that is on its way. */
    final class Running {
        final StageJobSpec spec;
        final StageJobState state;
        final Drive drive;
        final CompletableFuture<StageJobResult> result = new CompletableFuture<>();

        Running(StageJobSpec spec, StageJobState state, Reconciler<StageJobResult> reconciler) {
            this.spec = spec;
            this.state = state;
            this.drive = life.driver.drive(
                    spec.name,
                    reconciler,
                    Duration.ofMinutes(5),
                    StageRig.this::hear,
                    new Drive.Listener<StageJobResult>() {
                        @Override
                        public void done(StageJobResult value) {
                            result.complete(value);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            if (!(failure instanceof Error)) { // with one of those a process dies
                                life.service.abandon(environment, spec, state, StageRig.this::hear);
                            }
                            result.completeExceptionally(failure);
                        }
                    });
        }

        StageJobResult await() throws Exception {
            try {
                return result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
            } catch (TimeoutException e) {
                throw new AssertionError("not over after " + PATIENCE + ": " + drive.status() + "\n" + text(), e);
            }
        }

        Running cancelled() {
            drive.cancel();
            return new Running(
                    spec, state, life.service.cancel(environment, spec, state, StageRig.this::hear, store()));
        }
    }

    StageJobSpec spec(String name, String type, String script) {
        StageJobSpec spec = new StageJobSpec();
        spec.name = name;
        spec.type = type;
        spec.image = IMAGE;
        spec.command = List.of("sh", "-c", script);
        spec.terminationGracePeriodSeconds = 2;
        spec.helperImage = IMAGE;
        return spec;
    }

    Running start(StageJobSpec spec) {
        StageJobState state = new StageJobState();
        state.jobName = life.service.jobName(spec, run, "12");
        return start(spec, state);
    }

    Running start(StageJobSpec spec, StageJobState state) {
        return start(spec, state, Checkpoint.NONE);
    }

    Running start(StageJobSpec spec, StageJobState state, Checkpoint checkpoint) {
        return new Running(
                spec,
                state,
                life.service.run(environment, spec, state, run, checkpoint, this::hear, store(), (stage, tar) -> {
                    if (unableToArchive != null) {
                        throw new IOException(unableToArchive);
                    }
                    archived.put(stage, tar);
                    return stage + ".tar";
                }));
    }

    StageJobService service() {
        return life.service;
    }

    /** Jenkins is shut down; what was printed and saved stays. Returns the state as a later life finds it. */
    StageJobState restart(Running running) {
        running.drive.cancel();
        CompletableFuture<Void> letGo = new CompletableFuture<>();
        running.drive.whenOver(() -> letGo.complete(null));
        letGo.orTimeout(30, TimeUnit.SECONDS).join();
        life.close();
        StageJobState saved = copy(running.state);
        life = new Life();
        return saved;
    }

    /** The process dies; what was saved is the caller's. */
    void die() {
        life.close();
        life = new Life();
    }

    /** The state as it comes out of a saved program. */
    static StageJobState copy(StageJobState state) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(state);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (StageJobState) in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    ReportStore store() {
        return new ReportStore() {
            @Override
            public void update(Consumer<Report> change) {
                synchronized (report) {
                    change.accept(report);
                }
            }

            @Override
            public Report read() {
                return report;
            }
        };
    }

    StageEntry entry(String name) {
        return report.stages.stream()
                .filter(stage -> stage.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    Job job(StageJobState state) {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(state.jobName)
                .get();
    }

    List<Pod> pods() {
        return client.pods().inNamespace(namespace).list().getItems();
    }

    /** A kubelet in the middle of a pull lets go of the Pod when that gave up: if after our bound, the stage says so. */
    void assertGoneOrSaid(StageJobResult result) {
        if (!pods().isEmpty()) {
            assertThat(result.reason()).contains("is still there after its grace period");
        }
        until("the Pod is gone", () -> pods().isEmpty());
    }

    /** What the program printed, as it stands in the build's log. */
    List<String> lines(String stage, String startingWith) {
        String prefix = "[" + stage + "] ";
        return console.stream()
                .filter(line -> line.startsWith(prefix + startingWith))
                .map(line -> line.substring(prefix.length()))
                .collect(Collectors.toList());
    }

    void untilSaid(String text) {
        until("console says: " + text, () -> console.stream().anyMatch(line -> line.contains(text)));
    }

    void until(String what, Callable<Boolean> condition) {
        try {
            await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(condition);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\n" + text(), e);
        }
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.now().plus(ahead);
            }
        };
    }

    private void hear(String line) {
        console.add(line);
    }

    String text() {
        return String.join("\n", console);
    }

    @Override
    public void close() {
        life.close();
        client.namespaces().withName(namespace).delete();
        client.close();
    }
}
