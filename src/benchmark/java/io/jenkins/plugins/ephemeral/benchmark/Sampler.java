package io.jenkins.plugins.ephemeral.benchmark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Looks at this process's threads and connections every few milliseconds, phase by phase. Linux only. */
final class Sampler implements AutoCloseable {
    private static final long PERIOD_MILLIS = 10;
    private static final String ENGINE = "ephemeral-environments";
    private static final String ESTABLISHED = "01";

    private final String remote;
    private final Set<String> before = new HashSet<>();
    private final Map<String, Phase> phases = new LinkedHashMap<>();
    private final Thread thread;
    private volatile Phase current;
    private volatile boolean closed;

    /** What was seen during one phase. */
    static final class Phase {
        int samples;
        int threads;
        int lastThreads;
        int turns;
        int samplesWithTurns;
        int connections;
        int lastConnections;
        Map<String, Integer> lastByGroup = Map.of();
    }

    /**
     * Threads that there are now are not counted.
     *
     * @param port of the API server
     */
    Sampler(int port) {
        remote = String.format(Locale.ROOT, ":%04X", port);
        Thread.getAllStackTraces().keySet().forEach(each -> before.add(id(each)));
        thread = new Thread(this::run, "sampler");
        thread.setDaemon(true);
        before.add(id(thread));
        thread.start();
    }

    /** What is seen from now on belongs to this phase; to none if it is null. */
    void phase(String name) {
        current = name == null ? null : phases.computeIfAbsent(name, key -> new Phase());
    }

    Phase seen(String name) {
        return phases.get(name);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }

    private void run() {
        while (!closed) {
            Phase phase = current;
            try {
                if (phase != null) {
                    look(phase);
                }
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void look(Phase phase) throws IOException {
        Map<String, Integer> byGroup = new TreeMap<>();
        int turns = 0;
        for (Thread each : Thread.getAllStackTraces().keySet()) {
            // java.lang.Process has threads of its own
            if (before.contains(id(each)) || each.getName().startsWith("process reaper")) {
                continue;
            }
            byGroup.merge(group(each.getName()), 1, Integer::sum);
            // the driver gives a thread the name of the work it does, for as long as it does it
            turns += each.getName().matches(ENGINE + "-[0-9]+: .*") ? 1 : 0;
        }
        int threads = byGroup.values().stream().mapToInt(Integer::intValue).sum();
        int connections = connections();
        phase.samples++;
        phase.samplesWithTurns += turns > 0 ? 1 : 0;
        phase.turns = Math.max(phase.turns, turns);
        phase.threads = Math.max(phase.threads, threads);
        phase.connections = Math.max(phase.connections, connections);
        phase.lastThreads = threads;
        phase.lastConnections = connections;
        phase.lastByGroup = byGroup;
    }

    /** The name without numbers and what it does just now. */
    private static String group(String name) {
        return name.replaceAll(": .*", "").replaceAll("https?://\\S+", "").replaceAll("[-0-9 .]+$", "");
    }

    private static String id(Thread each) {
        return each.getId() + " " + System.identityHashCode(each);
    }

    /** Established TCP connections from this process to the API server. */
    private int connections() throws IOException {
        Set<String> own = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors) {
                String target = target(each);
                if (target.startsWith("socket:[")) {
                    own.add(target.substring(8, target.length() - 1));
                }
            }
        }
        int count = 0;
        for (String table : new String[] {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.trim().split("\\s+");
                boolean there = columns[2].endsWith(remote) && columns[3].equals(ESTABLISHED);
                count += there && own.contains(columns[9]) ? 1 : 0;
            }
        }
        return count;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
