package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Finds what nobody ends: environments whose time is over, releases that nobody drives, namespaces of ours without a
 * record. It touches nothing but what carries our labels and this controller's id, and it never throws. One list per
 * cluster and round.
 */
final class Reaper {
    private static final Logger LOGGER = Logger.getLogger(Reaper.class.getName());
    private static final Duration USUAL_TTL = Duration.ofHours(2);
    private static final Duration LONGEST_TTL = Duration.ofDays(90);

    private final EnvironmentService service;

    Reaper(EnvironmentService service) {
        this.service = service;
    }

    /** One round. */
    void round() {
        for (EnvironmentRecord record : service.registry().all()) {
            guarded("environment " + record.name, () -> look(record));
        }
        guarded("builds that are over", service.holding()::forgetOthers);
        List<String> clusters = new ArrayList<>();
        guarded("the configuration", () -> clusters.addAll(service.clusters().names()));
        for (String cluster : clusters) {
            guarded("cluster " + cluster, () -> look(service.cluster(cluster)));
        }
        if (isAlone(clusters)) {
            for (Undoer undoer : service.undoers()) {
                guarded("each " + undoer.kind(), () -> sweep(undoer));
            }
        }
    }

    /** Whether no other Jenkins has our id, as far as each cluster tells: what its records know would be swept. */
    private boolean isAlone(List<String> clusters) {
        return !clusters.isEmpty()
                && clusters.stream()
                        .map(cluster -> service.tenures().of(cluster).state())
                        .allMatch(state -> state == Tenure.State.HELD || state == Tenure.State.UNGUARDED);
    }

    private static void sweep(Undoer undoer) {
        try {
            undoer.sweep();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks at one. */
    void look(String name) {
        guarded("environment " + name, () -> service.registry().find(name).ifPresent(this::look));
    }

    private void look(EnvironmentRecord record) {
        if (!EnvironmentService.isLive(record.state)) {
            service.drive(record.name, Console.NONE);
        } else if (service.tenures().isContested(record.cluster)) {
            LOGGER.fine(() -> "Environment " + record.name + " is left to the other Jenkins with this one's id");
        } else if (!service.now().isBefore(record.expiresAt)) {
            Ending ending = service.jobs().verdict(record);
            if (ending != null) {
                LOGGER.info(() -> "Environment " + record.cluster + '/' + record.name + " of "
                        + record.run().externalId() + " ends (" + ending + "), its time was " + record.expiresAt);
                service.end(record.name, ending, Console.NONE);
            }
        } else {
            service.holding().lookAtBuilds(record);
            service.jobs().check(record);
        }
    }

    private void look(Cluster cluster) {
        if (service.tenures().of(cluster.name()).look(cluster) == Tenure.State.CONTESTED) {
            return;
        }
        if (service.clusters().terms(cluster.name()).isPool()) {
            service.pool().look(cluster);
            return;
        }
        // before and after the list: what was released or requested meanwhile is not without a record
        Set<String> known = new HashSet<>();
        service.registry().all().forEach(record -> known.add(record.name));
        Map<String, String> labels =
                Map.of(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE, Labels.CONTROLLER, service.controllerId());
        for (Namespace namespace : cluster.list(Namespace.class, null, labels)) {
            String name = namespace.getMetadata().getName();
            boolean ours = Ownership.isOurs(namespace, service.controllerId());
            boolean going = namespace.getMetadata().getDeletionTimestamp() != null;
            if (!ours || going) {
                continue;
            }
            if (service.registry().knows(name)) {
                guarded("namespace " + name, () -> prolong(cluster, namespace));
            } else if (!known.contains(name)) {
                guarded("namespace " + name, () -> adopt(cluster, namespace));
            }
        }
    }

    /** Writes a renewed time to live on the namespace too, for those who sweep in the cluster when we cannot. */
    private void prolong(Cluster cluster, Namespace namespace) {
        String name = namespace.getMetadata().getName();
        EnvironmentRecord record = service.registry().find(name).orElse(null);
        boolean same = record != null
                && namespace.getMetadata().getUid().equals(record.uid)
                && record.cluster.equals(cluster.name())
                && EnvironmentService.isLive(record.state);
        Instant written = instant(annotations(namespace).get(Labels.JANITOR_EXPIRES));
        Duration worthIt = record == null ? null : record.spec.ttl.dividedBy(4);
        if (same && (written == null || written.plus(worthIt).isBefore(record.expiresAt))) {
            cluster.mark(namespace, Map.of(), Parts.annotations(record));
        }
    }

    /** Takes up a namespace that an older state of our disk knows nothing of: it lives for one ttl more. */
    private void adopt(Cluster cluster, Namespace namespace) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = namespace.getMetadata().getName();
        record.cluster = cluster.name();
        record.uid = namespace.getMetadata().getUid();
        record.state = EnvironmentState.READY;
        record.reason = "It was found in the cluster without a record.";
        record.controllerId = service.controllerId();
        String run = String.valueOf(annotations(namespace).get(Labels.RUN));
        int hash = run.lastIndexOf('#');
        record.jobFullName = hash < 0 ? run : run.substring(0, hash);
        record.buildNumber = hash < 0 || !run.substring(hash + 1).matches("[0-9]{1,9}")
                ? 0
                : Integer.parseInt(run.substring(hash + 1));
        record.runUrl = annotations(namespace).getOrDefault(Labels.RUN_URL, "");
        record.specHash = annotations(namespace).get(Labels.SPEC_HASH);
        Instant created = instant(namespace.getMetadata().getCreationTimestamp());
        record.requestedAt = created == null ? service.now() : created;
        record.base = annotations(namespace).getOrDefault(Labels.BASE, record.name);
        record.spec.cluster = cluster.name();
        record.spec.lifetime = Lifetime.BRANCH
                        .name()
                        .equals(annotations(namespace).get(Labels.LIFETIME))
                ? Lifetime.BRANCH
                : Lifetime.BUILD;
        record.spec.ttl = ttl(namespace, record.requestedAt);
        record.spec.maxAge = duration(annotations(namespace).get(Labels.MAX_AGE));
        // never at once, also if it is older than it may be: its builds may be resuming
        record.expiresAt = service.now().plus(record.spec.ttl);
        if (service.registry().add(record)) {
            LOGGER.warning(() -> "Namespace " + cluster.name() + '/' + record.name + " of " + run
                    + " is ours but has no record here; it is deleted at " + record.expiresAt);
        }
    }

    private static Duration ttl(Namespace namespace, Instant created) {
        Duration written = duration(annotations(namespace).get(Labels.TTL));
        Instant expires = instant(annotations(namespace).get(Labels.EXPIRES_AT));
        Duration ttl = written != null ? written : expires == null ? USUAL_TTL : Duration.between(created, expires);
        return ttl.compareTo(Duration.ofMinutes(1)) < 0 || ttl.compareTo(LONGEST_TTL) > 0 ? USUAL_TTL : ttl;
    }

    private static Map<String, String> annotations(Namespace namespace) {
        Map<String, String> annotations = namespace.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    private static Instant instant(String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Duration duration(String text) {
        try {
            return text == null ? null : Duration.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static void guarded(String what, Runnable look) {
        try {
            look.run();
        } catch (Fault fault) {
            LOGGER.log(Level.INFO, () -> "The reaper could not look at " + what + ": " + fault.getMessage());
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, e, () -> "The reaper failed at " + what);
        }
    }
}
