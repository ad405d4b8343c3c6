package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Who waits for a namespace of a pool, in the order of their records: only the first of them tries. One that does not
 * ask for minutes is passed over until it asks again; one whose build is over is released.
 */
final class PoolLine {
    private static final Duration SILENT = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final EnvironmentService service;
    private final Map<String, Asking> asking = new ConcurrentHashMap<>();
    /** Those of this life whose Lease is known to be theirs. */
    private final Set<String> served = ConcurrentHashMap.newKeySet();

    private Instant began;

    PoolLine(EnvironmentService service) {
        this.service = service;
    }

    /** One who asks, in this life. */
    private static final class Asking {
        private Instant last;
        private Runnable wake = () -> {};
        private String said = "";
    }

    /**
     * Returns for the first in the line.
     *
     * @throws QueuedFault for the others
     */
    void await(EnvironmentRecord record, Console console) {
        served.remove(record.name); // whoever asks has none, whatever one of its name had before
        Asking mine = asking.computeIfAbsent(record.name, name -> new Asking());
        mine.last = service.now();
        mine.wake = Turn.waker();
        int before = 0;
        int all = 0;
        boolean passed = false;
        for (EnvironmentRecord each : waiting(record.cluster)) {
            boolean me = each.name.equals(record.name);
            passed |= me;
            if (!me) {
                service.holding().lookAtBuilds(each);
            }
            if (!isSilent(each.name)) {
                all++;
                before += passed ? 0 : 1;
            }
        }
        if (before == 0) {
            return;
        }
        String position = "position " + (before + 1) + " of " + Math.max(all, before + 1) + " in line";
        if (!position.equals(mine.said)) {
            mine.said = position;
            console.line("Environment " + record.name + ": waiting for a namespace of the pool at " + position + '.');
        }
        throw new QueuedFault("Waiting for a namespace of the pool", record.cluster, position, "", LOOK);
    }

    /** It has got one: the next may try. */
    void served(EnvironmentRecord record) {
        served.add(record.name);
        asking.remove(record.name);
        next(record.cluster);
    }

    /** It has given it back, or wants none any more: the first may try now. */
    void left(EnvironmentRecord record) {
        served.remove(record.name);
        asking.remove(record.name);
        next(record.cluster);
    }

    private void next(String cluster) {
        waiting(cluster).stream()
                .filter(each -> !isSilent(each.name))
                .findFirst()
                .map(first -> asking.get(first.name))
                .ifPresent(first -> first.wake.run());
    }

    private List<EnvironmentRecord> waiting(String cluster) {
        return service
                .registry()
                .all(each -> each.cluster.equals(cluster)
                        && each.uid == null
                        && EnvironmentService.isLive(each.state)
                        && !served.contains(each.name))
                .stream()
                .sorted(Comparator.<EnvironmentRecord, Instant>comparing(each -> each.requestedAt)
                        .thenComparing(each -> each.name))
                .collect(Collectors.toList());
    }

    private synchronized boolean isSilent(String name) {
        if (began == null) {
            began = service.now();
        }
        Asking one = asking.get(name);
        Instant last = one == null ? began : one.last;
        return service.now().isAfter(last.plus(SILENT));
    }
}
