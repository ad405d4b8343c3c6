package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.cluster.RequestLimiter;
import io.jenkins.plugins.ephemeral.executor.StageJobResult;
import io.jenkins.plugins.ephemeral.executor.StageJobService;
import io.jenkins.plugins.ephemeral.executor.StageJobSettings;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import io.jenkins.plugins.ephemeral.executor.StageJobState;
import io.jenkins.plugins.ephemeral.executor.StageLocks;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Many stage Jobs at once, each in a namespace of its own, on the embedded API server, whose node takes none of their Pods: a stand-in for the kubelet
 * sets their status. Measured is the time from the end of a Job, as a watch of its own shows it, to the end of its step,
 * beside what one watch per Job and polling every 2 s and 10 s come to with the same Jobs. Prints Markdown.
 */
public final class StageJobsAtOnce {
    private static final int JOBS = Integer.getInteger("jobs", 200);
    private static final String NAMESPACE = "measured-";
    private static final RunRef RUN = new RunRef("c0ffee", "measured/jobs", 1, "https://ci.example.com/1/");

    private final EmbeddedCluster server;
    private final KubernetesClient admin;
    private final Map<String, Long> endedNanos = new ConcurrentHashMap<>();
    private final Map<String, Long> doneNanos = new ConcurrentHashMap<>();
    private final Map<String, Long> watchedNanos = new ConcurrentHashMap<>();
    private final Map<Integer, Map<String, Long>> polledNanos = new ConcurrentHashMap<>();
    private final ScheduledExecutorService kubelet = Executors.newScheduledThreadPool(4, StageJobsAtOnce::daemon);
    private final ScheduledExecutorService others = Executors.newScheduledThreadPool(4, StageJobsAtOnce::daemon);

    private StageJobsAtOnce(EmbeddedCluster server) {
        this.server = server;
        this.admin = new KubernetesClientBuilder().withConfig(server.config()).build();
    }

    /** @param args none; {@code -Djobs=200}, {@code -Dcompare=true} for the others beside it */
    public static void main(String[] args) throws Exception {
        try (EmbeddedCluster server = EmbeddedCluster.start()) {
            new StageJobsAtOnce(server).measure();
        }
        System.exit(0);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "bench");
        thread.setDaemon(true);
        return thread;
    }

    private void measure() throws Exception {
        // a real node would hand out logs; these are empty
        server.faults().on("GET", ".*/log").status(200);
        Watch ends = admin.batch().v1().jobs().inAnyNamespace().watch(seen(endedNanos));
        Watch pods = admin.pods().inAnyNamespace().watch(new Kubelet());
        try (KubernetesClient borrowed = new KubernetesClientBuilder()
                        .withConfig(server.config())
                        .build();
                Driver driver = new Driver("ephemeral-environments", 16);
                Sampler sampler =
                        new Sampler(URI.create(server.config().getMasterUrl()).getPort())) {
            sampler.phase("all");
            StageJobService service = service(borrowed);
            long begin = System.nanoTime();
            for (int i = 0; i < JOBS; i++) {
                start(service, driver, environment(NAMESPACE + i), "stage-" + i);
            }
            if (Boolean.getBoolean("compare")) {
                compare();
            }
            while (doneNanos.size() < JOBS || watches.size() > watchedNanos.size() || !polledAll()) {
                TimeUnit.MILLISECONDS.sleep(100);
                if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(5)) {
                    throw new IllegalStateException(doneNanos.size() + " of " + JOBS + " were over after 5 minutes");
                }
            }
            print(sampler.seen("all"), begin);
        }
        ends.close();
        pods.close();
    }

    private NamespaceRef environment(String name) {
        String uid = admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getUid();
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("ephemeral")
                        .withNamespace(name)
                        .endMetadata()
                        .build())
                .create();
        return new NamespaceRef(name, "measured", name, uid);
    }

    private StageJobService service(KubernetesClient borrowed) throws Exception {
        Cluster cluster = new Cluster(
                new ClusterAccess() {
                    @Override
                    public String name() {
                        return "measured";
                    }

                    @Override
                    public KubernetesClient client() {
                        return borrowed;
                    }
                },
                new RequestLimiter(Double.parseDouble(System.getProperty("rate", "200")), 400),
                new Outside());
        Clusters clusters = new Clusters() {
            @Override
            public Cluster cluster(String name) {
                return cluster;
            }

            @Override
            public List<String> names() {
                return List.of("measured");
            }
        };
        StageLocks locks = new StageLocks(Files.createTempDirectory("locks").resolve("locks.json"), new Outside());
        return new StageJobService(clusters, ref -> "ephemeral", ref -> Instant.EPOCH, StageJobSettings::new, locks);
    }

    private void start(StageJobService service, Driver driver, NamespaceRef environment, String name) {
        StageJobSpec spec = new StageJobSpec();
        spec.name = name;
        spec.image = "busybox:1.35";
        spec.command = List.of("true");
        spec.nodeSelector.put("example.com/node", "none");
        StageJobState state = new StageJobState();
        state.jobName = service.jobName(spec, RUN, name);
        driver.drive(
                name,
                service.run(environment, spec, state, RUN, Checkpoint.NONE, line -> {}, store(), (stage, tar) -> ""),
                Duration.ofMinutes(5),
                line -> {},
                new Drive.Listener<StageJobResult>() {
                    @Override
                    public void done(StageJobResult result) {
                        doneNanos.put(state.jobName, System.nanoTime());
                    }

                    @Override
                    public void failed(Throwable failure) {
                        failure.printStackTrace();
                    }
                });
    }

    private static ReportStore store() {
        Report report = new Report();
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

    private static boolean isOver(Job job) {
        return job.getStatus() != null
                && job.getStatus().getConditions() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(condition -> List.of("Complete", "Failed").contains(condition.getType()));
    }

    private static Watcher<Job> seen(Map<String, Long> when) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, Job job) {
                if (isOver(job)) {
                    when.putIfAbsent(job.getMetadata().getName(), System.nanoTime());
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                // the measurement is over
            }
        };
    }

    /** What else one could do: a watch for each Job, or asking for each every so often. */
    private void compare() {
        for (int seconds : new int[] {2, 10}) {
            polledNanos.put(seconds, new ConcurrentHashMap<>());
        }
        others.scheduleWithFixedDelay(this::watchNew, 0, 200, TimeUnit.MILLISECONDS);
        polledNanos.forEach((seconds, seen) -> others.scheduleAtFixedRate(
                () -> admin.batch().v1().jobs().inAnyNamespace().list().getItems().stream()
                        .filter(StageJobsAtOnce::isOver)
                        .forEach(job -> seen.putIfAbsent(job.getMetadata().getName(), System.nanoTime())),
                0,
                seconds,
                TimeUnit.SECONDS));
    }

    private final Map<String, Watch> watches = new ConcurrentHashMap<>();

    private void watchNew() {
        admin.batch()
                .v1()
                .jobs()
                .inAnyNamespace()
                .list()
                .getItems()
                .forEach(job -> watches.computeIfAbsent(job.getMetadata().getName(), name -> admin.batch()
                        .v1()
                        .jobs()
                        .inNamespace(job.getMetadata().getNamespace())
                        .withName(name)
                        .watch(seen(watchedNanos))));
    }

    private boolean polledAll() {
        return polledNanos.values().stream().allMatch(seen -> seen.size() >= JOBS);
    }

    /** Runs each Pod two seconds after it came, for eight to eighteen seconds, by its status alone. */
    private final class Kubelet implements Watcher<Pod> {
        private final Map<String, Boolean> known = new ConcurrentHashMap<>();

        @Override
        public void eventReceived(Action action, Pod pod) {
            String name = pod.getMetadata().getName();
            if (known.putIfAbsent(name, true) == null) {
                long runs = 8_000 + Math.floorMod(name.hashCode(), 10_000);
                kubelet.schedule(() -> status(pod, false), 2_000, TimeUnit.MILLISECONDS);
                kubelet.schedule(() -> status(pod, true), 2_000 + runs, TimeUnit.MILLISECONDS);
            }
        }

        private void status(Pod pod, boolean over) {
            String now = Instant.now()
                    .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                    .toString();
            ContainerStatusBuilder status =
                    new ContainerStatusBuilder().withName("stage").withImage("busybox:1.35");
            if (over) {
                status.withNewState()
                        .withNewTerminated()
                        .withExitCode(0)
                        .withReason("Completed")
                        .withStartedAt(now)
                        .withFinishedAt(now)
                        .endTerminated()
                        .endState();
            } else {
                status.withNewState()
                        .withNewRunning()
                        .withStartedAt(now)
                        .endRunning()
                        .endState();
            }
            admin.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .editStatus(current -> new PodBuilder(current)
                            .editStatus()
                            .withPhase(over ? "Succeeded" : "Running")
                            .withContainerStatuses(status.build())
                            .endStatus()
                            .build());
        }

        @Override
        public void onClose(WatcherException cause) {
            // the measurement is over
        }
    }

    private void print(Sampler.Phase phase, long begin) {
        System.out.printf(
                Locale.ROOT, "%d Jobs, all over after %d s%n%n", JOBS, (System.nanoTime() - begin) / 1_000_000_000L);
        System.out.println("| milliseconds from the Job's end | n | p50 | p95 | most |");
        System.out.println("|---|---|---|---|---|");
        row("step completed", doneNanos);
        if (!watchedNanos.isEmpty()) {
            row("one watch per Job (seen, nothing done)", watchedNanos);
        }
        polledNanos.forEach((seconds, seen) -> row("list every " + seconds + " s (seen, nothing done)", seen));
        System.out.printf(
                Locale.ROOT,
                "%nturns under way: at most %d; threads more than before: at most %d; connections of the process: at most %d;"
                        + " heap in use at the end: %d MB%n",
                phase.turns,
                phase.threads,
                phase.connections,
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
    }

    private void row(String what, Map<String, Long> seen) {
        List<Long> millis = new ArrayList<>();
        seen.forEach((name, at) -> millis.add(Math.max(0, at - endedNanos.getOrDefault(name, at)) / 1_000_000));
        Collections.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d |%n",
                what,
                millis.size(),
                millis.get(millis.size() / 2),
                millis.get((int) Math.ceil(millis.size() * 0.95) - 1),
                millis.get(millis.size() - 1));
    }
}
