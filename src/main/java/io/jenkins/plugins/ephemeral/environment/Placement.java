package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Decides in which cluster an environment is made: of those that are named, allowed for the job, fit the label rule,
 * answer and have room, the one with the fewest live environments for its weight. Decided once; the record keeps it.
 */
final class Placement {
    /** How long a cluster that did not answer is left out without being asked again. */
    private static final Duration AVOIDED = Duration.ofSeconds(30);
    /** For how long an answer is believed. */
    private static final Duration BELIEVED = Duration.ofSeconds(10);

    /** How soon those who wait for room look again. */
    static final Duration FULL_LOOK = Duration.ofSeconds(3);

    private static final String FULL = "it is full: ";

    private final EnvironmentService service;
    private final Map<String, Instant> answered = new HashMap<>();
    private final Map<String, Silence> silent = new HashMap<>();

    Placement(EnvironmentService service) {
        this.service = service;
    }

    /** Writes down what was decided, while nothing else is placed. */
    interface Decided<T> {
        /** @param why a sentence for the log; empty where there was no choice */
        T in(String cluster, String why);
    }

    /** Who asks for room, and is told how long the line is while there is none. */
    interface Asker {
        /** Name of the environment. */
        String base();

        /** The block that asks; null for one that only looks, and does not stand in line. */
        Holder who();

        /** @param line for the console, repeated until it changes */
        void waits(String line);

        /** The cluster in which the new one takes the place of one that goes for it; or null. */
        default String replacesIn() {
            return null;
        }
    }

    /**
     * Decides. While there is no room, who asks stands in line: room goes to those who came first.
     *
     * @param decided called once, with the decision
     * @return what {@code decided} returned; empty if all that come into question are full: to be asked again
     * @throws UserFault if no cluster comes into question, saying why each does not
     * @throws TransientFault if none of them answers
     */
    <T> Optional<T> place(EnvironmentSpec spec, RunRef run, Asker asker, Decided<T> decided) {
        Map<String, String> leftOut = new LinkedHashMap<>();
        List<String> candidates = candidates(spec, run, leftOut);
        boolean choice = candidates.size() + leftOut.size() > 1;
        for (; ; ) {
            String best;
            synchronized (this) {
                Map<String, String> reasons = new LinkedHashMap<>(leftOut);
                List<Standing> standings = standings(candidates, choice, asker, reasons);
                if (standings.isEmpty()) {
                    wait(spec, candidates, asker, reasons);
                    return Optional.empty();
                }
                best = standings.get(0).cluster;
                if (!choice || isBelieved(best)) {
                    T result = decided.in(best, choice ? why(standings, reasons) : "");
                    if (asker.who() != null) {
                        service.roomLine().leave(run, asker.who().nodeId);
                    }
                    return Optional.of(result);
                }
            }
            ask(best);
        }
    }

    /** The clusters that come into question, by configuration; the others with the reason. No I/O. */
    private List<String> candidates(EnvironmentSpec spec, RunRef run, Map<String, String> leftOut) {
        List<String> named = new ArrayList<>();
        boolean several = !spec.clusters.isEmpty();
        boolean ruled = spec.clusterSelector != null && !spec.clusterSelector.isBlank();
        if (several) {
            spec.clusters.forEach(each -> named.add(service.cluster(each).name()));
        } else if (ruled) {
            named.addAll(service.clusters().names());
        } else {
            named.add(service.cluster(spec.cluster).name());
        }
        LabelRule rule = new LabelRule(spec.clusterSelector);
        List<String> candidates = new ArrayList<>();
        for (String name : named.stream().distinct().collect(Collectors.toList())) {
            if (!service.clusters().isAllowed(name, run.jobFullName())) {
                leftOut.put(
                        name,
                        "its usage is restricted, and no folder of " + run.jobFullName() + " is permitted to use it");
            } else if (!rule.matches(service.clusters().terms(name).labels())) {
                leftOut.put(name, "its labels do not match " + spec.clusterSelector);
            } else {
                candidates.add(name);
            }
        }
        if (candidates.isEmpty()) {
            throw new UserFault(
                    "choosing a cluster",
                    named.size() == 1 ? named.get(0) : "",
                    leftOut.isEmpty() ? "no cluster is configured" : sentence(leftOut),
                    "Permit the cloud in the folder's configuration (Kubernetes: clouds of restricted usage), or name"
                            + " another cluster.");
        }
        return candidates;
    }

    /** Those that have room and are not known to be silent, best first. */
    private List<Standing> standings(
            List<String> candidates, boolean choice, Asker asker, Map<String, String> reasons) {
        List<Standing> standings = new ArrayList<>();
        for (String name : candidates) {
            ClusterTerms terms = service.clusters().terms(name);
            Standing standing = new Standing(name, terms.weight(), service.registry());
            Silence silence = silent.get(name);
            long free = terms.maxEnvironments() > 0 ? terms.maxEnvironments() - standing.there : Long.MAX_VALUE;
            int before = free == Long.MAX_VALUE ? 0 : service.roomLine().before(asker.base(), asker.who(), name);
            if (free <= before && !name.equals(asker.replacesIn())) {
                reasons.put(
                        name,
                        FULL + standing.there + " of " + terms.maxEnvironments() + " environments"
                                + (free > 0 ? ", and the rest is for those who came before" : ""));
            } else if (choice && silence != null && service.now().isBefore(silence.since.plus(AVOIDED))) {
                reasons.put(name, "it does not answer: " + silence.why);
            } else {
                standings.add(standing);
            }
        }
        standings.sort((one, other) -> Double.compare(one.share(), other.share()));
        return standings;
    }

    private synchronized boolean isBelieved(String cluster) {
        Instant at = answered.get(cluster);
        return at != null && service.now().isBefore(at.plus(BELIEVED));
    }

    /** One cheap request that everybody may make. An answer of any kind is an answer. */
    private void ask(String cluster) {
        try {
            service.cluster(cluster).ping();
            note(cluster, null);
        } catch (QueuedFault queued) {
            throw queued;
        } catch (Fault fault) {
            note(cluster, fault.getMessage());
        }
    }

    private synchronized void note(String cluster, String trouble) {
        if (trouble == null) {
            answered.put(cluster, service.now());
            silent.remove(cluster);
        } else {
            answered.remove(cluster);
            silent.put(cluster, new Silence(service.now(), trouble));
        }
    }

    private void wait(EnvironmentSpec spec, List<String> candidates, Asker asker, Map<String, String> reasons) {
        boolean full = reasons.values().stream().anyMatch(each -> each.startsWith(FULL));
        if (!full) {
            throw new TransientFault(
                    "choosing a cluster", String.join(", ", spec.clusters), sentence(reasons), "", Duration.ZERO, null);
        }
        String position =
                asker.who() == null ? "" : service.roomLine().enter(asker.base(), asker.who(), candidates) + "; ";
        asker.waits("Waiting for room in a cluster: " + position + sentence(reasons));
    }

    private static String why(List<Standing> standings, Map<String, String> reasons) {
        StringBuilder text = new StringBuilder("it has ").append(standings.get(0));
        standings.stream()
                .skip(1)
                .forEach(each ->
                        text.append(", ").append(each.cluster).append(" has ").append(each));
        reasons.forEach((name, reason) ->
                text.append("; ").append(name).append(" is left out: ").append(reason));
        return text.toString();
    }

    private static String sentence(Map<String, String> reasons) {
        return reasons.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining("; "));
    }

    /** How one cluster stands. */
    private static final class Standing {
        private final String cluster;
        private final int weight;
        private final long live;
        /** With those that are on their way out: their Pods may still run. */
        private final long there;

        Standing(String cluster, int weight, Registry registry) {
            this.cluster = cluster;
            this.weight = weight;
            this.there = registry.count(record -> record.cluster.equals(cluster));
            this.live =
                    registry.count(record -> record.cluster.equals(cluster) && EnvironmentService.isLive(record.state));
        }

        double share() {
            return (live + 1) / (double) weight;
        }

        @Override
        public String toString() {
            return live + " live environments" + (weight == 1 ? "" : " at weight " + weight);
        }
    }

    private static final class Silence {
        private final Instant since;
        private final String why;

        Silence(Instant since, String why) {
            this.since = since;
            this.why = why;
        }
    }
}
