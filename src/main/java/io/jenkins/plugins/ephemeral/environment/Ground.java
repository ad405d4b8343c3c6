package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The namespace that an environment stands on: created, read back after a lost answer, or, for a branch, the one that is
 * there, changed to what is asked for now or left behind where it cannot be changed.
 */
final class Ground {
    /** To annotate a namespace that somebody else changes at the same time. */
    private static final int ATTEMPTS = 5;

    private final EnvironmentService service;
    private final Claim claim;
    private final EnvironmentSpec spec;
    private final Console console;

    Ground(EnvironmentService service, Claim claim, EnvironmentSpec spec, Console console) {
        this.service = service;
        this.claim = claim;
        this.spec = spec;
        this.console = console;
    }

    /** @return the record as it is then, or empty if another one was claimed instead */
    Optional<EnvironmentRecord> prepare(Cluster cluster, EnvironmentRecord record) {
        if (record.uid != null) {
            return found(cluster, record);
        }
        EnvironmentRecord wanted = asked(record) ? record : rewritten(record);
        if (service.pool().isOf(wanted)) {
            return Optional.of(service.pool().lease(cluster, wanted, console));
        }
        wanted = located(cluster, wanted);
        Optional<Namespace> created = cluster.create(Parts.namespace(wanted));
        Namespace namespace = created.isPresent() ? created.get() : inTheWay(cluster, wanted);
        if (namespace == null) {
            return Optional.empty();
        }
        console.line("Environment " + record.name + ": namespace "
                + (created.isPresent() ? "created." : "found there already, made for it."));
        EnvironmentRecord known = change(wanted.name, changed -> {
            changed.uid = namespace.getMetadata().getUid();
            if (changed.state == EnvironmentState.REQUESTED) {
                changed.state = EnvironmentState.PROVISIONING;
            }
        });
        if (!Ownership.matches(known, namespace)) {
            mark(cluster, known, namespace);
        }
        return Optional.of(known);
    }

    /** Notes which cluster it is, so that another one of its name is told from it. */
    private EnvironmentRecord located(Cluster cluster, EnvironmentRecord record) {
        Optional<String> uid = service.tenures().of(record.cluster).uid(cluster);
        return record.clusterUid != null || uid.isEmpty()
                ? record
                : change(record.name, changed -> changed.clusterUid = uid.get());
    }

    private Optional<EnvironmentRecord> found(Cluster cluster, EnvironmentRecord record) {
        Namespace there = null;
        try {
            if (service.pool().isOf(record)) {
                service.pool().lease(cluster, record, console);
            } else {
                there = Ownership.read(cluster, record);
            }
        } catch (LostFault lost) {
            if (record.spec.lifetime == Lifetime.BUILD) {
                throw lost;
            }
            claim.startAnew(record, Ending.LOST, lost.why());
            return Optional.empty();
        }
        if (asked(record)) {
            if (record.replaced != null) {
                mark(cluster, record, there);
            }
            return Optional.of(record);
        }
        if (record.holders.size() > 1) {
            console.line("Environment " + record.name + ": shared with " + record.holders.get(0)
                    + ", so it stays as it is: " + changes(record) + " would change it.");
            return Optional.of(record);
        }
        String immutable = immutable(record);
        if (immutable != null) {
            claim.startAnew(record, Ending.CHANGED, immutable + " cannot be changed in place");
            return Optional.empty();
        }
        console.line("Environment " + record.name + ": changed in place: " + changes(record) + '.');
        EnvironmentRecord changed = rewritten(record);
        mark(cluster, changed, there);
        return Optional.of(changed);
    }

    /** Whether it is what is asked for now. One of a build always is: a build asks for it once. */
    private boolean asked(EnvironmentRecord record) {
        return record.spec.lifetime == Lifetime.BUILD || claim.specHash().equals(record.specHash);
    }

    private EnvironmentRecord rewritten(EnvironmentRecord record) {
        return change(record.name, changed -> {
            if (changed.uid != null) {
                changed.replaced = changed.replaced == null ? changed.spec : changed.replaced;
                changed.state = EnvironmentState.PROVISIONING;
            }
            changed.spec = spec;
            changed.specHash = claim.specHash();
            changed.expiresAt = changed.deadline(service.now());
        });
    }

    private EnvironmentRecord change(String name, java.util.function.Consumer<EnvironmentRecord> change) {
        return service.registry()
                .change(name, change)
                .orElseThrow(() ->
                        new LostFault("Provisioning the environment", name, "it was released in the meantime", ""));
    }

    /** @return the namespace if it was made for this record, null if another name was taken because it is going */
    private Namespace inTheWay(Cluster cluster, EnvironmentRecord record) {
        // of an earlier attempt whose answer we did not get, or not ours
        Namespace there = cluster.get(Namespace.class, null, record.name)
                .orElseThrow(() -> new TransientFault(
                        "creating Namespace",
                        record.cluster + '/' + record.name,
                        "one of that name has just gone",
                        "",
                        Duration.ZERO,
                        null));
        boolean ours = Ownership.isOurs(there, record.controllerId);
        if (ours && there.getMetadata().getDeletionTimestamp() != null) {
            claim.moveOn(
                    record,
                    "a namespace of that name is being deleted since "
                            + there.getMetadata().getDeletionTimestamp() + Ownership.conditions(there));
            return null;
        }
        if (record.spec.lifetime == Lifetime.BRANCH && Ownership.isOfBranch(record, there)) {
            return there;
        }
        Ownership.demand(record, there);
        return there;
    }

    /** Writes labels and annotations of the record on the namespace, and takes off those that it had before. */
    private void mark(Cluster cluster, EnvironmentRecord record, Namespace there) {
        if (there == null) {
            return; // of a pool: its labels are not ours
        }
        Namespace read = there;
        for (int attempt = 1; ; attempt++) {
            try {
                write(cluster, record, read);
                return;
            } catch (TransientFault fault) {
                boolean changed = fault.getCause() instanceof KubernetesClientException
                        && ((KubernetesClientException) fault.getCause()).getCode() == 409;
                if (!changed || attempt == ATTEMPTS) {
                    throw fault;
                }
                read = Ownership.read(cluster, record); // by somebody else, who may annotate namespaces, too
            }
        }
    }

    private static void write(Cluster cluster, EnvironmentRecord record, Namespace there) {
        Namespace wanted = Parts.namespace(record);
        Map<String, String> labels = new HashMap<>();
        Map<String, String> annotations = new HashMap<>();
        if (record.replaced != null) {
            record.replaced.labels.keySet().forEach(key -> labels.put(key, null));
            record.replaced.annotations.keySet().forEach(key -> annotations.put(key, null));
        }
        labels.putAll(wanted.getMetadata().getLabels());
        annotations.putAll(wanted.getMetadata().getAnnotations());
        cluster.mark(there, labels, annotations);
    }

    /** What of the new specification an environment that is there cannot become, in words; null if it can. */
    private String immutable(EnvironmentRecord record) {
        if (record.spec.untrusted != spec.untrusted) {
            return "what was made for a build that is " + (spec.untrusted ? "" : "not ") + "trusted";
        }
        boolean named = spec.cluster != null && !spec.cluster.isEmpty();
        boolean here = spec.clusters.isEmpty()
                ? !named || spec.cluster.equals(record.cluster)
                : spec.clusters.contains(record.cluster);
        Map<String, String> labels = service.clusters().terms(record.cluster).labels();
        if (!here || !new LabelRule(spec.clusterSelector).matches(labels)) {
            return "the cluster";
        }
        EnvironmentRecord after = Registry.copy(record);
        after.spec = spec;
        Set<String> left = names(record);
        left.removeAll(names(after));
        // what is not asked for any more may have been used: a fresh start is the only clean one
        return left.isEmpty() ? null : String.join(", ", left);
    }

    private static Set<String> names(EnvironmentRecord record) {
        Set<String> names = Parts.inside(record).stream()
                .map(Ground::name)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
        record.spec.secrets.forEach(secret -> names.add(secret.identity()));
        return names;
    }

    private static String name(HasMetadata part) {
        return part.getKind() + ' ' + part.getMetadata().getName();
    }

    private String changes(EnvironmentRecord record) {
        return String.join(", ", Registry.differences(record.spec, spec));
    }
}
