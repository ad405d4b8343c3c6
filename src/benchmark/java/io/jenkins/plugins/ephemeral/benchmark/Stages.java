package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterClients;
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
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Stages on one cluster, driven as the engine drives them, without Jenkins. */
final class Stages implements AutoCloseable {
    private final Driver driver = new Driver("ephemeral-environments", 16);
    private final KubernetesClient borrowed;
    private final Cluster cluster;
    private final StageJobService service;
    private final Map<String, Drive> drives = new ConcurrentHashMap<>();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Map<String, NamespaceRef> namespaces = new ConcurrentHashMap<>();

    Stages(String kubeconfig, double requestsPerSecond, int burst) throws Exception {
        borrowed = ClusterClients.withKubeconfig("measured", kubeconfig);
        cluster = new Cluster(
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
                new RequestLimiter(requestsPerSecond, burst),
                new Outside(new Outside.Cut() {
                    @Override
                    public void before(String point) {
                        calls.merge(point, 1, Integer::sum);
                    }

                    @Override
                    public void after(String point) {
                        // counted before
                    }
                }));
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
        service = new StageJobService(clusters, ref -> "ephemeral", ref -> Instant.EPOCH, StageJobSettings::new, locks);
    }

    /** Makes namespaces with what stages need there; returns when their service accounts have tokens. */
    static List<String> namespaces(KubernetesClient admin, String prefix, int count) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = prefix + i;
            names.add(name);
            admin.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
            admin.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("ephemeral")
                            .withNamespace(name)
                            .endMetadata()
                            .build())
                    .create();
        }
        // the controllers of Kubernetes 1.20 make a Secret for each; Pods are refused before
        TimeUnit.SECONDS.sleep(5 + count / 10);
        return names;
    }

    /**
     * Begins a stage.
     *
     * @param console hears its lines
     * @param ended hears the name of its Job and its result
     */
    void start(String namespace, StageJobSpec spec, RunRef run, Console console, BiConsumer<String, String> ended) {
        NamespaceRef environment = namespaces.computeIfAbsent(namespace, this::environment);
        StageJobState state = new StageJobState();
        service.prepare(environment, spec, run);
        state.jobName = service.jobName(spec, run, spec.name);
        Drive drive = driver.drive(
                spec.name,
                service.run(environment, spec, state, run, Checkpoint.NONE, console, store(), (stage, tar) -> ""),
                Duration.ofMinutes(5),
                console,
                new Drive.Listener<StageJobResult>() {
                    @Override
                    public void done(StageJobResult result) {
                        ended.accept(state.jobName, result.outcome().name());
                    }

                    @Override
                    public void failed(Throwable failure) {
                        ended.accept(state.jobName, failure.toString());
                    }
                });
        drives.put(state.jobName, drive);
    }

    private NamespaceRef environment(String namespace) {
        String uid =
                borrowed.namespaces().withName(namespace).get().getMetadata().getUid();
        return new NamespaceRef(namespace, "measured", namespace, uid);
    }

    int port() {
        return borrowed.getMasterUrl().getPort();
    }

    /** What those do that are not over. */
    Map<String, String> underWay() {
        Map<String, String> doing = new TreeMap<>();
        drives.forEach((job, drive) -> {
            if (!drive.isOver()) {
                doing.put(job, drive.status());
            }
        });
        return doing;
    }

    /** How many requests were made, by what they did. */
    Map<String, Integer> requests() {
        return new TreeMap<>(calls);
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

    /** {@code | what | n | p50 | p95 | most |} in whole milliseconds. */
    static String row(String what, List<Long> nanos) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d |",
                what,
                sorted.size(),
                at(sorted, 0.5),
                at(sorted, 0.95),
                at(sorted, 1));
    }

    private static long at(List<Long> sorted, double share) {
        int index = (int) Math.ceil(share * sorted.size()) - 1;
        return sorted.isEmpty() ? -1 : Math.round(sorted.get(Math.max(0, index)) / 1e6);
    }

    /** Megabytes in use after a collection. */
    static long heapMegabytes() {
        System.gc();
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20;
    }

    @Override
    public void close() {
        driver.close();
        borrowed.close();
    }
}
