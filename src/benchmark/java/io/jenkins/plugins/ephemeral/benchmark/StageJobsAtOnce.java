package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.jenkins.plugins.ephemeral.cluster.ClusterClients;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many stage Jobs at once on a real API server and its controllers, without a node: a {@link MockKubelet} sets the status of
 * their Pods and serves their logs. Measured is the time from the end of a Job, as a watch of the measurement's own hears
 * it, to the end of its step; or, for {@code -Dway=watch} (one watch per Job) and {@code -Dway=poll} (a GET per Job every
 * {@code -Dseconds}), until the end was seen. Prints Markdown.
 *
 * <p>{@code -Dkubeconfig} of an administrator and {@code -Dkubelet} (path of the kubelet's certificate) are needed; {@code
 * -Djobs=200}, {@code -Dnamespaces=20}, {@code -Drate=50}, {@code -Dburst=100}, {@code -Dtype=custom}, {@code -Dleast=8000}
 * and {@code -Dspread=10000} (milliseconds) are the defaults.
 */
public final class StageJobsAtOnce {
    private static final int JOBS = Integer.getInteger("jobs", 200);
    private static final String WAY = System.getProperty("way", "own");
    private static final String STAMP = Long.toString(System.currentTimeMillis(), 36);
    private static final RunRef RUN = new RunRef("measured-" + STAMP, "measured/jobs", 1, "https://ci.example.com/1/");

    private final String kubeconfig;
    private final KubernetesClient admin;
    private final Map<String, Long> endedNanos = new ConcurrentHashMap<>();
    private final Map<String, Long> seenNanos = new ConcurrentHashMap<>();
    private final Map<String, String> outcomes = new ConcurrentHashMap<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong linesOfLogs = new AtomicLong();

    private StageJobsAtOnce() throws Exception {
        kubeconfig = Files.readString(Path.of(System.getProperty("kubeconfig")));
        admin = ClusterClients.withKubeconfig("measured", kubeconfig);
    }

    /** @param args none */
    public static void main(String[] args) throws Exception {
        new StageJobsAtOnce().measure();
        System.exit(0);
    }

    private void measure() throws Exception {
        double rate = Double.parseDouble(System.getProperty("rate", "50"));
        int burst = Integer.getInteger("burst", 100);
        List<String> namespaces = Stages.namespaces(admin, "jobs-" + STAMP + "-", Integer.getInteger("namespaces", 20));
        try (MockKubelet kubelet = new MockKubelet(
                        admin,
                        System.getProperty("kubelet"),
                        Integer.getInteger("least", 8_000),
                        Integer.getInteger("spread", 10_000),
                        2_000);
                Watch ends = admin.batch().v1().jobs().inAnyNamespace().watch(seen(endedNanos));
                Stages stages = new Stages(kubeconfig, rate, burst);
                Sampler sampler = new Sampler(stages.port())) {
            sampler.phase("before");
            TimeUnit.SECONDS.sleep(2);
            sampler.phase("all");
            long begin = System.nanoTime();
            begin(stages, namespaces);
            long most = 0;
            while (seenNanos.size() < JOBS) {
                TimeUnit.MILLISECONDS.sleep(200);
                most = Math.max(
                        most,
                        (Runtime.getRuntime().totalMemory()
                                        - Runtime.getRuntime().freeMemory())
                                >> 20);
                if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(90)) {
                    throw new IllegalStateException(
                            seenNanos.size() + " of " + JOBS + " were over after 90 s; not: " + stages.underWay());
                }
            }
            stages.requests().values().forEach(requests::addAndGet);
            System.out.println(stages.requests() + "\n");
            print(sampler, begin, most, rate, burst);
        }
    }

    private void begin(Stages stages, List<String> namespaces) {
        for (int i = 0; i < JOBS; i++) {
            String namespace = namespaces.get(i % namespaces.size());
            if (WAY.equals("own")) {
                StageJobSpec spec = new StageJobSpec();
                spec.name = "stage-" + i;
                spec.type = System.getProperty("type", "custom");
                spec.image = "busybox:1.35";
                spec.command = List.of("true");
                spec.nodeSelector.putAll(MockKubelet.SELECTOR);
                stages.start(
                        namespace, spec, new RunRef(RUN.controllerId(), "job-" + i, 1, ""), this::heard, this::ended);
            } else {
                create(namespace, "job-" + STAMP + "-" + i);
            }
        }
        if (WAY.equals("poll")) {
            poll(namespaces);
        }
    }

    private void heard(String line) {
        linesOfLogs.addAndGet(line.contains("] line ") ? 1 : 0);
    }

    private void ended(String job, String outcome) {
        seenNanos.put(job, System.nanoTime());
        outcomes.merge(outcome, "1", (a, b) -> String.valueOf(Integer.parseInt(a) + Integer.parseInt(b)));
    }

    private void create(String namespace, String name) {
        admin.resource(new JobBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withBackoffLimit(0)
                        .withNewTemplate()
                        .withNewSpec()
                        .withServiceAccountName("ephemeral")
                        .withRestartPolicy("Never")
                        .withNodeSelector(MockKubelet.SELECTOR)
                        .addNewContainer()
                        .withName("stage")
                        .withImage("busybox:1.35")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        if (WAY.equals("watch")) {
            requests.incrementAndGet();
            admin.batch().v1().jobs().inNamespace(namespace).withName(name).watch(seen(seenNanos));
        }
    }

    /** Each Job by itself, from a moment of its own on; sixteen at once at most, as the engine's turns. */
    private void poll(List<String> namespaces) {
        ScheduledExecutorService pool = Executors.newScheduledThreadPool(16);
        long period = Integer.getInteger("seconds", 2) * 1000L;
        for (int i = 0; i < JOBS; i++) {
            String namespace = namespaces.get(i % namespaces.size());
            String name = "job-" + STAMP + "-" + i;
            pool.scheduleAtFixedRate(
                    () -> {
                        if (!seenNanos.containsKey(name)) {
                            requests.incrementAndGet();
                            if (isOver(admin.batch()
                                    .v1()
                                    .jobs()
                                    .inNamespace(namespace)
                                    .withName(name)
                                    .get())) {
                                seenNanos.put(name, System.nanoTime());
                            }
                        }
                    },
                    period * i / JOBS,
                    period,
                    TimeUnit.MILLISECONDS);
        }
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

    private void print(Sampler sampler, long begin, long most, double rate, int burst) throws InterruptedException {
        Sampler.Phase phase = sampler.seen("all");
        List<Long> lags = new ArrayList<>();
        TimeUnit.SECONDS.sleep(2); // the measurement's own watch may be the last to hear
        long first = Long.MAX_VALUE;
        long last = 0;
        for (Map.Entry<String, Long> each : seenNanos.entrySet()) {
            long end = endedNanos.get(each.getKey());
            lags.add(Math.max(0, each.getValue() - end));
            first = Math.min(first, end);
            last = Math.max(last, end);
        }
        String what = WAY.equals("own")
                ? String.format(Locale.ROOT, "step completed, limiter %.0f/s and %d at once", rate, burst)
                : WAY.equals("watch")
                        ? "one watch per Job: seen"
                        : "GET per Job every " + Integer.getInteger("seconds", 2) + " s: seen";
        System.out.println(Stages.row(what, lags));
        System.out.printf(
                Locale.ROOT,
                "%nall over after %d s, Jobs ended within %d s; requests %d; threads +%d, turns %d; connections %d, before %d;"
                        + " heap %d MB at most, %d MB after a collection; outcomes %s; lines of logs %d%n",
                (System.nanoTime() - begin) / 1_000_000_000L,
                (last - first) / 1_000_000_000L,
                requests.get(),
                phase.threads,
                phase.turns,
                phase.connections,
                sampler.seen("before").connections,
                most,
                Stages.heapMegabytes(),
                outcomes,
                linesOfLogs.get());
    }
}
