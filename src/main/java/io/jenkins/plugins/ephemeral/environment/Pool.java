package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.cluster.NamespaceContents;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.logging.Logger;

/**
 * Environments where Jenkins may make no namespaces: one of those that are there is leased, and cleaned to what it was
 * before it goes to the next. A Lease in the namespace says who has it; whoever finds that it has it no more touches
 * nothing. What is leased is in the record before the Lease is asked for, and until it was given back.
 */
final class Pool {
    private static final Logger LOGGER = Logger.getLogger(Pool.class.getName());
    private static final Duration BUSY_LOOK = Duration.ofSeconds(3);
    private static final Duration CLEANING_LOOK = Duration.ofMillis(500);
    private static final Duration ADOPTED_FOR = Duration.ofHours(2);

    private final EnvironmentService service;
    private final PoolLine line;
    private final Map<String, PoolCleaning> cleanings = new ConcurrentHashMap<>();

    Pool(EnvironmentService service) {
        this.service = service;
        this.line = new PoolLine(service);
    }

    /** Whether an environment has, or is to have, a namespace of a pool. */
    boolean isOf(EnvironmentRecord record) {
        if (record.leased != null) {
            return true;
        }
        return record.uid == null
                && service.clusters().names().contains(record.cluster)
                && service.clusters().terms(record.cluster).isPool();
    }

    /**
     * Leases a namespace, or makes sure that it is leased still.
     *
     * @return the record, with the namespace and its UID
     * @throws QueuedFault while all are taken, or while the one that was taken is being cleaned
     * @throws LostFault if the lease went to somebody else
     * @throws UserFault if another Jenkins with this one's id is at work there: its environments have the same names
     */
    EnvironmentRecord lease(Cluster cluster, EnvironmentRecord record, Console console) {
        demandAlone(cluster);
        if (record.uid != null) {
            if (!isHeld(cluster, record)) {
                throw new LostFault(
                        "using the leased namespace",
                        record.ref().toString(),
                        "its lease has gone to somebody else",
                        "Ask for a new environment.");
            }
            return record;
        }
        EnvironmentRecord leased = record;
        boolean[] clean = {false};
        if (record.leased == null || !isHeld(cluster, record)) {
            line.await(record, console);
            leased = take(cluster, record, clean);
            console.line("Environment " + record.name + ": namespace " + leased.leased + " of the pool leased.");
        }
        line.served(leased);
        if (!clean[0]) {
            clean(cluster, leased);
        }
        String uid = usable(cluster, leased.leased)
                .orElseThrow(() -> new LostFault(
                        "leasing a namespace", record.cluster + '/' + record.leased, "it has just gone", ""));
        return service.registry()
                .change(record.name, changed -> {
                    changed.uid = uid;
                    if (changed.state == EnvironmentState.REQUESTED) {
                        changed.state = EnvironmentState.PROVISIONING;
                    }
                })
                .orElseThrow(() -> new LostFault(
                        "Provisioning the environment", record.name, "it was released in the meantime", ""));
    }

    private void demandAlone(Cluster cluster) {
        Tenure tenure = service.tenures().of(cluster.name());
        if (tenure.certain(cluster) == Tenure.State.CONTESTED) {
            throw new UserFault(
                    "leasing a namespace",
                    cluster.name(),
                    "another Jenkins with the id of this one is at work there: " + tenure.other(),
                    "If this Jenkins is the right one, take over under Manage Jenkins; if it is a copy, give it another"
                            + " controller id.");
        }
    }

    /** Before it is used: the holder before may not have lived to clean it. */
    private void clean(Cluster cluster, EnvironmentRecord record) {
        PoolLease lease = PoolLease.read(cluster, record.leased).orElse(null);
        if (lease == null || !lease.isHeldBy(record)) {
            throw new LostFault("cleaning the leased namespace", record.leased, "its lease is gone", "");
        }
        PoolCleaning.State state = cleaning(cluster).advance(record.leased, lease);
        if (!state.left.isEmpty()) {
            throw new QueuedFault(
                    "Waiting until the leased namespace is clean",
                    record.cluster + '/' + record.leased,
                    "what its last holder left is still going: " + state,
                    "",
                    CLEANING_LOOK);
        }
    }

    /**
     * Cleans the namespace of an environment and gives it back; what is not leased to it any more is left alone.
     *
     * @return null when it was given back, or never was leased; else when to come again
     */
    Duration giveBack(Cluster cluster, EnvironmentRecord record, Predicate<String> stuck) {
        PoolLease lease = record.leased == null
                ? null
                : PoolLease.read(cluster, record.leased).orElse(null);
        if (lease == null || !lease.isHeldBy(record)) {
            line.left(record);
            return null;
        }
        PoolCleaning.State state = cleaning(cluster).advance(record.leased, lease);
        if (!state.left.isEmpty()) {
            boolean slow = stuck.test("These objects in the leased namespace do not go: " + state);
            return slow ? Duration.ofMinutes(1) : CLEANING_LOOK;
        }
        if (!state.missing.isEmpty()) {
            LOGGER.warning(() -> "Namespace " + record.cluster + '/' + record.leased + " of the pool lacks "
                    + state.missing + ", which was there before it was leased. It is not leased again until its Lease "
                    + PoolLease.NAME + " was deleted.");
        }
        if (!lease.free(state.missing.isEmpty() ? "" : "gone: " + state.missing)) {
            return CLEANING_LOOK;
        }
        line.left(record);
        return null;
    }

    /** One look of the reaper: renews leases, and takes up those of ours that no record knows. */
    void look(Cluster cluster) {
        for (String namespace : namespaces(cluster)) {
            PoolLease lease = PoolLease.read(cluster, namespace).orElse(null);
            String mine = service.controllerId() + '/';
            if (lease == null || !lease.holder().startsWith(mine)) {
                continue;
            }
            String name = lease.holder().substring(mine.length());
            EnvironmentRecord record = service.registry().find(name).orElse(null);
            if (record == null) {
                adopt(cluster, namespace, name, lease);
            } else if (namespace.equals(record.leased) && EnvironmentService.isLive(record.state)) {
                Instant worthIt = lease.expiresAt().plus(record.spec.ttl.dividedBy(4));
                if (worthIt.isBefore(record.expiresAt)) {
                    lease.renew(record, service.now());
                }
            }
        }
    }

    private void adopt(Cluster cluster, String namespace, String name, PoolLease lease) {
        boolean named = name.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
        if (!named || service.registry().knows(name)) {
            return; // nobody of us wrote that; or its file cannot be read
        }
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = name;
        record.cluster = cluster.name();
        record.leased = namespace;
        record.uid = usable(cluster, namespace).orElse("");
        record.state = EnvironmentState.READY;
        record.reason = "Its lease was found in the cluster without a record.";
        record.controllerId = service.controllerId();
        int hash = lease.run().lastIndexOf('#');
        record.jobFullName = hash < 0 ? lease.run() : lease.run().substring(0, hash);
        String number = lease.run().substring(hash + 1);
        record.buildNumber = hash >= 0 && number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : 0;
        record.requestedAt = service.now();
        record.spec.cluster = cluster.name();
        record.expiresAt = service.now().plus(ADOPTED_FOR);
        if (service.registry().add(record)) {
            LOGGER.warning(() -> "Namespace " + cluster.name() + '/' + namespace + " is leased to " + name
                    + " of this controller but has no record here; it is given back at " + record.expiresAt);
        }
    }

    private boolean isHeld(Cluster cluster, EnvironmentRecord record) {
        return PoolLease.read(cluster, record.leased)
                .filter(lease -> lease.isHeldBy(record))
                .isPresent();
    }

    /**
     * Tries one after the other; each is in the record before it is asked for.
     *
     * @param clean set to whether the one that was taken needs no cleaning
     */
    private EnvironmentRecord take(Cluster cluster, EnvironmentRecord record, boolean[] clean) {
        List<String> refusals = new ArrayList<>();
        List<String> candidates = namespaces(cluster);
        // others do not begin with the same one
        Collections.rotate(candidates, record.name.hashCode() % Math.max(1, candidates.size()));
        for (String candidate : candidates) {
            String refusal = reserve(record.name, record.cluster, candidate)
                    ? null
                    : "in use by another environment of this controller";
            if (refusal == null) {
                EnvironmentRecord reserved = service.registry()
                        .find(record.name)
                        .orElseThrow(() -> new LostFault(
                                "Provisioning the environment", record.name, "it was released in the meantime", ""));
                refusal = ask(cluster, candidate, reserved, clean);
                if (refusal == null) {
                    return reserved;
                }
                service.registry().change(record.name, changed -> changed.leased = null);
            }
            refusals.add(candidate + " (" + refusal + ')');
        }
        throw new QueuedFault(
                "Waiting for a namespace of the pool",
                cluster.name(),
                candidates.isEmpty() ? "there is none" : String.join(", ", refusals),
                "",
                BUSY_LOOK);
    }

    /** @return why it cannot be had; null if it was */
    private String ask(Cluster cluster, String namespace, EnvironmentRecord record, boolean[] clean) {
        if (usable(cluster, namespace).isEmpty()) {
            return "not there, or being deleted";
        }
        Optional<PoolLease> found = PoolLease.read(cluster, namespace);
        Instant now = service.now();
        if (found.isEmpty()) {
            clean[0] = true;
            PoolLease.Snapshot snapshot = cleaning(cluster).snapshot(namespace);
            return PoolLease.create(cluster, namespace, record, snapshot, now) ? null : "just taken";
        }
        PoolLease lease = found.get();
        if (lease.isHeldBy(record)) {
            return null;
        }
        String refusal = lease.refusal(now);
        if (refusal != null) {
            return refusal;
        }
        boolean begins = lease.snapshot().isEmpty();
        if (begins && !lease.holder().isEmpty()) {
            return "its Lease does not say what was there before";
        }
        clean[0] = lease.isClean() || begins;
        PoolLease.Snapshot snapshot = begins ? cleaning(cluster).snapshot(namespace) : null;
        return lease.acquire(record, snapshot, now) ? null : "just taken";
    }

    private synchronized boolean reserve(String name, String cluster, String namespace) {
        boolean taken = service.registry().all().stream()
                .anyMatch(each ->
                        !each.name.equals(name) && each.cluster.equals(cluster) && namespace.equals(each.leased));
        return !taken
                && service.registry()
                        .change(name, changed -> changed.leased = namespace)
                        .isPresent();
    }

    /** UID of a namespace that can be used. */
    private static Optional<String> usable(Cluster cluster, String namespace) {
        return cluster.get(Namespace.class, null, namespace)
                .filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                .map(each -> each.getMetadata().getUid());
    }

    private List<String> namespaces(Cluster cluster) {
        ClusterTerms terms = service.clusters().terms(cluster.name());
        List<String> names = terms.poolNamespaces();
        if (!terms.poolLabels().isEmpty()) {
            cluster.list(Namespace.class, null, terms.poolLabels()).forEach(each -> {
                if (!names.contains(each.getMetadata().getName())) {
                    names.add(each.getMetadata().getName());
                }
            });
        }
        for (String name : names) {
            if (Names.isReserved(name)) {
                throw new UserFault(
                        "leasing a namespace",
                        cluster.name() + '/' + name,
                        "Kubernetes keeps it for itself",
                        "Take it out of the pool in the configuration of Ephemeral Environments.");
            }
        }
        return names;
    }

    private PoolCleaning cleaning(Cluster cluster) {
        return cleanings.computeIfAbsent(cluster.name(), name -> new PoolCleaning(new NamespaceContents(cluster)));
    }
}
