package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Measures what many environments at once take on a real API server, beside kubectl with the same objects: 1, 10 and 100
 * at once with the limiter and without, how long an abort takes to reach the server, what a restart asks for, and how many
 * connections 200 live environments hold in both ways of following. Properties as of {@link EnvironmentLife}, and
 * {@code live} (200) and {@code liveOnly} (false: the live ones alone, in a fresh JVM).
 */
public final class EnvironmentScale {
    private static final int[] AT_ONCE = {1, 10, 100};
    /** More processes at once than this only slow each other down on a small machine. */
    private static final int KUBECTLS = Integer.getInteger("kubectls", 4);

    private static final double UNLIMITED = 100_000;

    private final int live = Integer.getInteger("live", 200);
    private final String kubeconfig = Files.readString(Path.of(property("kubeconfig")));
    private final Path adminKubeconfig = Path.of(property("adminKubeconfig"));
    private final Path work = Files.createTempDirectory("environment-scale");
    private final Kubectl kubectl = new Kubectl(property("kubectl"), adminKubeconfig, work.resolve("kubectl"));
    private int homes;
    private int names;

    private EnvironmentScale() throws Exception {}

    /** Measures and prints Markdown. */
    public static void main(String[] args) throws Exception {
        System.out.println("Load averages before: "
                + Files.readString(Path.of("/proc/loadavg")).trim());
        EnvironmentScale scale = new EnvironmentScale();
        if (!Boolean.getBoolean("liveOnly")) {
            scale.measureSpeed();
        }
        scale.manyLive();
        System.out.println("\nLoad averages after: "
                + Files.readString(Path.of("/proc/loadavg")).trim());
    }

    private void measureSpeed() throws Exception {
        warmUp();
        System.out.println("\n| at once | p50 ms | p95 ms | all ms | requests | floor of the limiter, ms |\n"
                + "|---|---|---|---|---|---|");
        for (int count : AT_ONCE) {
            atOnce(count, Rig.PER_SECOND, Rig.BURST);
            atOnce(count, UNLIMITED, 100_000);
            kubectlAtOnce(count);
        }
        System.out.println("\n| abort to deletion sent | n | p50 ms | p95 ms | most ms |\n|---|---|---|---|---|");
        aborts();
    }

    private void warmUp() throws Exception {
        try (Rig rig = rig(Rig.PER_SECOND, Rig.BURST)) {
            for (int i = 0; i < 3; i++) {
                Rig.Life life = rig.life();
                life.provision();
                life.ready.get();
                if (i == 0) {
                    try (KubernetesClient admin = admin()) {
                        kubectl.learn(admin, life.name);
                    }
                    kubectl.apply(kubectl.manifest(name()));
                }
                life.release();
                life.awaitDeletion();
            }
        }
    }

    /** On a fresh engine whose preflight is warm and whose limiter is full. */
    private void atOnce(int count, double perSecond, int burst) throws Exception {
        int rounds = count == 1 ? 10 : 1;
        List<Long> nanos = new ArrayList<>();
        long all = 0;
        long requests = 0;
        for (int round = 0; round < rounds; round++) {
            try (Rig rig = rig(perSecond, burst)) {
                Rig.Life first = rig.life();
                first.provision();
                first.ready.get();
                Thread.sleep(1_500); // eight calls of the first one come back to the bucket
                long before = rig.cluster().traffic().requests();
                List<Rig.Life> lives = new ArrayList<>();
                long begin = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    Rig.Life life = rig.life();
                    lives.add(life);
                    life.provision();
                }
                for (Rig.Life life : lives) {
                    nanos.add(life.ready.get(5, TimeUnit.MINUTES));
                }
                all += System.nanoTime() - begin;
                requests += rig.cluster().traffic().requests() - before;
                first.release();
                lives.forEach(Rig.Life::release);
                for (Rig.Life life : lives) {
                    life.awaitDeletion();
                }
            }
        }
        double floor = Math.max(0, (requests / (double) rounds - burst) / perSecond * 1000);
        boolean limited = perSecond < UNLIMITED;
        row(
                count
                        + (limited
                                ? " environments, limiter " + Rig.PER_SECOND + "/s, " + Rig.BURST + " at once"
                                : " environments, no limiter"),
                millis(percentile(nanos, 50)),
                millis(percentile(nanos, 95)),
                millis(all / rounds),
                requests / rounds,
                limited ? String.format(Locale.ROOT, "%.0f", floor) : "");
    }

    private void kubectlAtOnce(int count) throws Exception {
        int rounds = count == 1 ? 10 : 1;
        List<Long> nanos = new ArrayList<>();
        List<Path> manifests = new ArrayList<>();
        for (int i = 0; i < rounds * count; i++) {
            manifests.add(kubectl.manifest(name()));
        }
        ExecutorService pool = Executors.newFixedThreadPool(count == 1 ? 1 : KUBECTLS);
        long begin = System.nanoTime();
        List<Future<Long>> running = new ArrayList<>();
        for (Path manifest : manifests) {
            // as it looks to who asked: from the beginning of all until its own end
            running.add(pool.submit(() -> {
                long took = kubectl.apply(manifest);
                return rounds > 1 ? took : System.nanoTime() - begin;
            }));
        }
        for (Future<Long> each : running) {
            nanos.add(each.get());
        }
        long all = System.nanoTime() - begin;
        pool.shutdown();
        row(
                count + " `kubectl apply --server-side`" + (count == 1 ? "" : ", " + KUBECTLS + " processes"),
                millis(percentile(nanos, 50)),
                millis(percentile(nanos, 95)),
                millis(all / rounds),
                "",
                "");
    }

    private void aborts() throws Exception {
        try (Rig rig = rig(Rig.PER_SECOND, Rig.BURST)) {
            List<Long> ready = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Rig.Life life = rig.life();
                life.provision();
                life.ready.get();
                life.release();
                ready.add(life.awaitDeletion());
            }
            abortRow("one READY, 20 times", ready);
            List<Long> during = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Rig.Life life = rig.life();
                life.provision();
                Thread.sleep(i * 5L);
                life.release();
                during.add(life.awaitDeletion());
            }
            abortRow("one while it is provisioned, 20 times", during);
            abortRow("20 READY at once", together(rig, 20));
            abortRow("100 READY at once", together(rig, 100));
        }
    }

    private static List<Long> together(Rig rig, int count) throws Exception {
        List<Rig.Life> lives = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Rig.Life life = rig.life();
            lives.add(life);
            life.provision();
        }
        for (Rig.Life life : lives) {
            life.ready.get(5, TimeUnit.MINUTES);
        }
        Thread.sleep(3_000); // builds that end together do not begin together: the bucket is full again
        lives.forEach(Rig.Life::release);
        List<Long> nanos = new ArrayList<>();
        for (Rig.Life life : lives) {
            nanos.add(life.awaitDeletion());
        }
        return nanos;
    }

    private void manyLive() throws Exception {
        String id = Rig.newControllerId();
        Path home = work.resolve("live");
        try (Rig rig = new Rig(kubeconfig, home, id, UNLIMITED, 100_000)) {
            List<Rig.Life> lives = new ArrayList<>();
            for (int i = 0; i < live; i++) {
                Rig.Life life = rig.life();
                lives.add(life);
                life.provision();
            }
            for (Rig.Life life : lives) {
                life.ready.get(5, TimeUnit.MINUTES);
            }
        }
        System.out.println("\n| " + live + " live environments, a step waiting for Job and Pods in each | connections |"
                + " watches | threads | turns under way |\n|---|---|---|---|---|");
        follow(id, home, "`namespaced`");
        try (KubernetesClient admin = admin();
                InputStream role = Files.newInputStream(Path.of("deploy/cluster-watch.yaml"))) {
            for (HasMetadata object : admin.load(role).items()) {
                admin.resource(object).create();
            }
        }
        Thread.sleep(2_000);
        follow(id, home, "`cluster`");
        restart(id, home);
    }

    private void follow(String id, Path home, String way) throws Exception {
        try (Rig rig = new Rig(kubeconfig, home, id, UNLIMITED, 100_000)) {
            Sampler sampler = new Sampler(rig.port());
            List<Hints.Subscription> waiting = new ArrayList<>();
            for (int build = 1; build <= live; build++) {
                String namespace = rig.life(build).name;
                waiting.add(rig.cluster().hints().subscribe(Job.class, namespace, () -> {}));
                waiting.add(rig.cluster().hints().subscribe(Pod.class, namespace, () -> {}));
            }
            long limit = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            int standing = 0;
            // above a bound of watches the others stand for good without one
            while ((standing == 0 || standing != rig.cluster().hints().standing()) && System.nanoTime() < limit) {
                standing = rig.cluster().hints().standing();
                Thread.sleep(3_000);
            }
            sampler.phase(way);
            Thread.sleep(2_000);
            sampler.phase(null);
            sampler.close();
            Sampler.Phase seen = sampler.seen(way);
            row(
                    way + ' ' + rig.cluster().hints().following(),
                    seen.lastConnections,
                    rig.cluster().hints().standing(),
                    seen.lastThreads,
                    seen.turns);
            System.out.println("<!-- " + seen.lastByGroup + " -->");
        }
    }

    /** With the limits of a fresh installation: all builds that were provisioned resume at once. */
    private void restart(String id, Path home) throws Exception {
        long begin = System.nanoTime();
        try (Rig rig = new Rig(kubeconfig, home, id, Rig.PER_SECOND, Rig.BURST)) {
            List<Rig.Life> lives = new ArrayList<>();
            for (int build = 1; build <= live; build++) {
                Rig.Life life = rig.life(build);
                lives.add(life);
                life.provision();
            }
            for (Rig.Life life : lives) {
                life.ready.get(5, TimeUnit.MINUTES);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%nAfter a restart %d environments were attached again within %.1f s, with %.2f requests each.%n",
                    live,
                    (System.nanoTime() - begin) / 1e9,
                    rig.cluster().traffic().requests() / (double) live);
        }
    }

    private Rig rig(double perSecond, int burst) throws InterruptedException {
        Thread.sleep(2); // the id is made of the time
        return new Rig(kubeconfig, work.resolve("home-" + ++homes), Rig.newControllerId(), perSecond, burst);
    }

    private String name() {
        return "kubectl-" + ++names + '-' + Long.toString(System.currentTimeMillis(), 36);
    }

    private KubernetesClient admin() throws Exception {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(adminKubeconfig)))
                .build();
    }

    private static void abortRow(String what, List<Long> nanos) {
        row(
                what,
                nanos.size(),
                millis(percentile(nanos, 50)),
                millis(percentile(nanos, 95)),
                millis(percentile(nanos, 100)));
    }

    /** Nearest rank. */
    private static long percentile(List<Long> all, int percent) {
        List<Long> sorted = new ArrayList<>(all);
        Collections.sort(sorted);
        return sorted.get((sorted.size() * percent + 99) / 100 - 1);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.0f", nanos / 1e6);
    }

    private static void row(Object... cells) {
        StringBuilder row = new StringBuilder("|");
        for (Object cell : cells) {
            row.append(' ').append(cell).append(" |");
        }
        System.out.println(row);
    }

    private static String property(String name) {
        String value = System.getProperty(name, "");
        if (value.isEmpty()) {
            throw new IllegalArgumentException("-D" + name + " is missing: see docs/benchmarks.md");
        }
        return value;
    }
}
