package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.cluster.ClusterClients;
import io.jenkins.plugins.ephemeral.executor.StageJobSpec;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From the moment a container prints a line to the moment its build's log has it, with many stages followed at once. The
 * containers run on the real node of this machine and say {@code /proc/uptime} (hundredths of a second); or, with {@code
 * -Dkubelet} (path of the kubelet's certificate), a {@link MockKubelet} behind the real API server prints. Prints Markdown.
 *
 * <p>{@code -Dkubeconfig} of an administrator is needed; {@code -Dstreams=50}, {@code -DlineEveryMillis=500}, {@code
 * -Dseconds=30} (of each container), {@code -Drate=200} and {@code -Dburst=400} are the defaults.
 */
public final class LogLag {
    private static final int STREAMS = Integer.getInteger("streams", 50);
    private static final int EVERY = Integer.getInteger("lineEveryMillis", 500);
    private static final int SECONDS = Integer.getInteger("seconds", 30);
    private static final String STAMP = Long.toString(System.currentTimeMillis(), 36);
    private static final Pattern LINE = Pattern.compile("\\[stage-([0-9]+)] line ([0-9]+) at ([0-9.]+)");

    private final ConcurrentLinkedQueue<Long> lags = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> lastLines = new ConcurrentHashMap<>();
    private final Set<String> gaps = ConcurrentHashMap.newKeySet();
    private final Map<String, String> outcomes = new ConcurrentHashMap<>();
    private final boolean mock = System.getProperty("kubelet") != null;
    /** What {@link System#nanoTime} is when the machine's uptime is zero. */
    private final long bootNanos = System.nanoTime() - uptimeNanos();

    /** @param args none */
    public static void main(String[] args) throws Exception {
        new LogLag().measure();
        System.exit(0);
    }

    private void measure() throws Exception {
        String kubeconfig = Files.readString(Path.of(System.getProperty("kubeconfig")));
        KubernetesClient admin = ClusterClients.withKubeconfig("measured", kubeconfig);
        List<String> namespaces = Stages.namespaces(admin, "logs-" + STAMP + "-", 1);
        MockKubelet kubelet =
                mock ? new MockKubelet(admin, System.getProperty("kubelet"), SECONDS * 1000, 1000, EVERY) : null;
        try (Stages stages = new Stages(
                        kubeconfig,
                        Double.parseDouble(System.getProperty("rate", "200")),
                        Integer.getInteger("burst", 400));
                Sampler sampler = new Sampler(stages.port())) {
            sampler.phase("before");
            TimeUnit.SECONDS.sleep(1);
            sampler.phase("all");
            for (int i = 0; i < STREAMS; i++) {
                RunRef run = new RunRef("measured-" + STAMP, "measured/log-" + i, 1, "");
                stages.start(namespaces.get(0), spec(i), run, this::heard, outcomes::put);
            }
            long begin = System.nanoTime();
            while (outcomes.size() < STREAMS) {
                TimeUnit.MILLISECONDS.sleep(200);
                if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(4)) {
                    throw new IllegalStateException(outcomes.size() + " of " + STREAMS + " were over after 4 minutes");
                }
            }
            print(sampler, stages);
        } finally {
            if (kubelet != null) {
                kubelet.close();
            }
            admin.namespaces().withName(namespaces.get(0)).delete();
        }
    }

    private StageJobSpec spec(int number) {
        StageJobSpec spec = new StageJobSpec();
        spec.name = "stage-" + number;
        spec.image = "busybox:1.35";
        if (mock) {
            spec.command = List.of("true");
            spec.nodeSelector.putAll(MockKubelet.SELECTOR);
        } else {
            spec.command = List.of(
                    "sh",
                    "-c",
                    String.format(
                            Locale.ROOT,
                            "i=0; while [ $i -lt %d ]; do read up idle </proc/uptime; echo line $i at $up; i=$((i+1));"
                                    + " sleep %.3f; done",
                            SECONDS * 1000 / EVERY,
                            EVERY / 1000.0));
        }
        return spec;
    }

    private void heard(String said) {
        long now = System.nanoTime();
        Matcher line = LINE.matcher(said);
        if (!line.matches()) {
            return;
        }
        long printed =
                mock ? Long.parseLong(line.group(3)) : bootNanos + Math.round(Double.parseDouble(line.group(3)) * 1e9);
        lags.add(Math.max(0, now - printed));
        int number = Integer.parseInt(line.group(2));
        Integer last = lastLines.put(line.group(1), number);
        if (number != (last == null ? 0 : last + 1)) {
            gaps.add(line.group(1) + ": " + last + " then " + number);
        }
    }

    private static long uptimeNanos() {
        try {
            return Math.round(
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]) * 1e9);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void print(Sampler sampler, Stages stages) {
        Sampler.Phase phase = sampler.seen("all");
        String what = STREAMS + " containers " + (mock ? "of the mock kubelet" : "on the node") + ", a line each every "
                + EVERY + " ms";
        System.out.println(Stages.row(what, List.copyOf(lags)));
        System.out.printf(
                Locale.ROOT,
                "%nconnections %d, before %d; threads +%d %s; turns %d; heap %d MB after a collection; lost or doubled"
                        + " lines: %s; requests %s; outcomes %s%n",
                phase.connections,
                sampler.seen("before").connections,
                phase.threads,
                phase.lastByGroup,
                phase.turns,
                Stages.heapMegabytes(),
                gaps,
                stages.requests(),
                Map.of(
                        "SUCCEEDED",
                        outcomes.values().stream().filter("SUCCEEDED"::equals).count()));
    }
}
