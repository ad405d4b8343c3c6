package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Measures whole lives of environments on a real API server, one after the other and many at once, beside kubectl with
 * the same objects. Properties: {@code kubeconfig} (Jenkins' identity), {@code adminKubeconfig} (kubectl's),
 * {@code audit} (the API server's audit log), {@code kubectl} (the program), {@code runs} (20), {@code atOnce} (20),
 * {@code idleSeconds} (40: longer than idle threads live).
 */
public final class EnvironmentLife {
    private static final String PROVISIONING = "provisioning";
    private static final String READY = "READY, nothing to do";
    private static final String LEAVING = "waiting until it is gone";
    private static final String AT_ONCE = "many provisioning";
    private static final String MANY_IDLE = "many READY, nothing to do";
    private static final String MANY_LEAVING = "many waiting until they are gone";
    private static final long HOLD_MILLIS = 1_000;

    private final int runs = Integer.getInteger("runs", 20);
    private final int atOnce = Integer.getInteger("atOnce", 20);
    private final int idleSeconds = Integer.getInteger("idleSeconds", 40);
    private final Path adminKubeconfig = Path.of(property("adminKubeconfig"));
    private final Path work = Files.createTempDirectory("environment-life");
    private final Kubectl kubectl = new Kubectl(property("kubectl"), adminKubeconfig, work.resolve("kubectl"));
    private final AuditLog audit = new AuditLog(Path.of(property("audit")));
    private final Map<String, List<Long>> nanos = new TreeMap<>();
    private final Set<String> ours = new HashSet<>();
    private final Set<String> kubectls = new HashSet<>();
    private final Rig rig = new Rig(Files.readString(Path.of(property("kubeconfig"))), work.resolve("home"));
    private final Sampler sampler = new Sampler(rig.port());

    private EnvironmentLife() throws Exception {}

    /** Measures and prints Markdown. */
    public static void main(String[] args) throws Exception {
        System.out.println("Load averages before: "
                + Files.readString(Path.of("/proc/loadavg")).trim());
        new EnvironmentLife().measure();
        System.out.println("Load averages after: "
                + Files.readString(Path.of("/proc/loadavg")).trim());
    }

    private void measure() throws Exception {
        first();
        for (int i = 1; i <= runs; i++) {
            one("kubectl-" + i + '-' + Long.toString(System.currentTimeMillis(), 36));
        }
        many();
        sampler.close();
        rig.close();
        print();
    }

    /** Cold: classes are loaded, connections opened, discovery read. Its objects are those that kubectl applies. */
    private void first() throws Exception {
        Rig.Life life = rig.life();
        life.provision();
        note("first environment: call to READY", life.ready.get());
        try (KubernetesClient admin = admin()) {
            kubectl.learn(admin, life.name);
        }
        String name = "kubectl-0-" + Long.toString(System.currentTimeMillis(), 36);
        note("first kubectl apply", kubectl.apply(kubectl.manifest(name)));
        life.release();
        kubectl.delete(name);
        life.awaitGone();
    }

    private void one(String kubectlName) throws Exception {
        Rig.Life life = rig.life();
        ours.add(life.name);
        sampler.phase(PROVISIONING);
        life.provision();
        note("environment: call to READY", life.ready.get());
        sampler.phase(READY);
        Thread.sleep(HOLD_MILLIS);
        sampler.phase(null);
        apply(kubectlName);
        sampler.phase(LEAVING);
        life.release();
        note("environment: release to gone", life.awaitGone());
        sampler.phase(null);
        note("kubectl delete namespace", kubectl.delete(kubectlName));
    }

    /** kubectl says nothing of whether the namespace can be used: that is asked for afterwards, as the engine does. */
    private void apply(String name) throws Exception {
        kubectls.add(name);
        Path manifest = kubectl.manifest(name);
        try (KubernetesClient admin = admin()) {
            admin.namespaces().withName(name).get();
            long begin = System.nanoTime();
            note("kubectl apply --server-side", kubectl.apply(manifest));
            while (!isUsable(admin, name)) {
                Thread.sleep(10);
            }
            note("kubectl apply --server-side, until usable", System.nanoTime() - begin);
        }
    }

    private static boolean isUsable(KubernetesClient admin, String name) {
        List<ResourceQuota> quotas =
                admin.resourceQuotas().inNamespace(name).list().getItems();
        return quotas.size() == 1
                && quotas.get(0).getStatus().getHard() != null
                && !quotas.get(0).getStatus().getHard().isEmpty()
                && admin.serviceAccounts().inNamespace(name).withName("default").get() != null;
    }

    private void many() throws Exception {
        List<Rig.Life> lives = new ArrayList<>();
        sampler.phase(AT_ONCE);
        for (int i = 0; i < atOnce; i++) {
            Rig.Life life = rig.life();
            lives.add(life);
            life.provision();
        }
        for (Rig.Life life : lives) {
            note("one of " + atOnce + " at once: call to READY", life.ready.get());
        }
        sampler.phase(null);
        Thread.sleep(1_000L * idleSeconds);
        sampler.phase(MANY_IDLE);
        Thread.sleep(HOLD_MILLIS);
        sampler.phase(null);
        for (Rig.Life life : lives) {
            life.release();
        }
        sampler.phase(MANY_LEAVING);
        for (Rig.Life life : lives) {
            note("one of " + atOnce + " at once: release to gone", life.awaitGone());
        }
        sampler.phase(null);
    }

    private KubernetesClient admin() throws Exception {
        Config config = Config.fromKubeconfig(Files.readString(adminKubeconfig));
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config).withUserAgent("benchmark").build())
                .build();
    }

    private void note(String what, long took) {
        nanos.computeIfAbsent(what, key -> new ArrayList<>()).add(took);
    }

    // ------------------------------------------------------------------------------------------------ what came out

    private void print() throws Exception {
        System.out.println("\n| duration, ms | n | p50 | p95 | least | most |\n|---|---|---|---|---|---|");
        nanos.forEach((what, all) -> {
            Collections.sort(all);
            row(
                    what,
                    all.size(),
                    millis(percentile(all, 50)),
                    millis(percentile(all, 95)),
                    millis(all.get(0)),
                    millis(all.get(all.size() - 1)));
        });
        calls("calls of one environment's life", audit.requests(Labels.MANAGED_BY_VALUE), ours);
        calls(
                "calls of kubectl apply of " + kubectl.objects() + " objects, and delete",
                audit.requests("kubectl/"),
                kubectls);
        System.out.println("\n| phase | samples | with a turn under way | turns at once, most | threads, most |"
                + " threads, last | connections, most | connections, last |\n|---|---|---|---|---|---|---|---|");
        for (String phase : List.of(PROVISIONING, READY, LEAVING, AT_ONCE, MANY_IDLE, MANY_LEAVING)) {
            Sampler.Phase seen = sampler.seen(phase);
            row(
                    phase,
                    seen.samples,
                    seen.samplesWithTurns,
                    seen.turns,
                    seen.threads,
                    seen.lastThreads,
                    seen.connections,
                    seen.lastConnections);
            System.out.println("<!-- " + phase + ": " + seen.lastByGroup + " -->");
        }
    }

    /** For each verb and resource how often, per life; what belongs to no single one, over all. */
    private static void calls(String title, List<AuditLog.Request> requests, Set<String> lives) {
        Map<String, Map<String, Integer>> byLife = new HashMap<>();
        Map<String, Integer> shared = new TreeMap<>();
        Set<String> calls = new TreeSet<>();
        for (AuditLog.Request request : requests) {
            if (lives.contains(request.namespace)) {
                byLife.computeIfAbsent(request.namespace, key -> new HashMap<>())
                        .merge(request.call(), 1, Integer::sum);
                calls.add(request.call());
            } else if (request.namespace.isEmpty()) {
                shared.merge(request.call(), 1, Integer::sum);
            }
        }
        System.out.println("\n| " + title + " | median | least | most |\n|---|---|---|---|");
        for (String call : calls) {
            spread(call, byLife.values().stream().map(life -> life.getOrDefault(call, 0)));
        }
        spread("all", byLife.values().stream().map(life -> life.values().stream()
                .mapToInt(Integer::intValue)
                .sum()));
        System.out.println("\n| in no single namespace, the whole measurement | calls |\n|---|---|");
        shared.forEach(EnvironmentLife::row);
    }

    private static void spread(String what, java.util.stream.Stream<Integer> counts) {
        List<Integer> sorted = counts.sorted().toList();
        row(what, percentile(sorted, 50), sorted.get(0), sorted.get(sorted.size() - 1));
    }

    /** Nearest rank. */
    private static <T> T percentile(List<T> sorted, int percent) {
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
