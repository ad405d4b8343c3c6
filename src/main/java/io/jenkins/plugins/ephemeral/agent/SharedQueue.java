package io.jenkins.plugins.ephemeral.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Who holds the one identity of a Testkube Environment, and who comes next: a list in an annotation of a Lease, which all
 * controllers change by compare and swap. The first of the list holds it. Places are given up when the agent is
 * confirmed stopped; those of environments that are gone, or whose time is long over, are taken off by whoever waits.
 */
final class SharedQueue {
    /** Annotation with the list, JSON. */
    static final String ANNOTATION = "ephemeral.jenkins.io/queue";

    /** How long after its time an environment that nobody takes away is waited for; clocks differ too. */
    static final Duration GRACE = Duration.ofMinutes(10);

    private static final TypeReference<List<QueueEntry>> ENTRIES = new TypeReference<>() {};

    private final Cluster cluster;
    private final String namespace;
    private final String name;
    private final Clock clock;

    /** Where an environment stands. */
    static final class Place {
        private final int index;
        private final List<QueueEntry> queue;

        private Place(int index, List<QueueEntry> queue) {
            this.index = index;
            this.queue = queue;
        }

        boolean isHolder() {
            return index == 0;
        }

        /** Whether somebody else was quicker: to be tried again at once. */
        boolean isContended() {
            return index < 0;
        }

        /** Whether an environment of a controller comes before. */
        boolean isBehind(String environment, String controllerId) {
            return queue.stream()
                    .limit(Math.max(0, index))
                    .anyMatch(entry -> entry.environment.equals(environment) && entry.controller.equals(controllerId));
        }

        /** {@code position 2 of 3, held by environment shop-pr-41 of build shop/web/PR-41#7}. */
        String text() {
            QueueEntry holder = queue.get(0);
            return "position " + index + " of " + (queue.size() - 1) + ", held by environment " + holder.environment
                    + " of build " + holder.run;
        }
    }

    /** @param cluster the cluster that keeps the queue */
    SharedQueue(Cluster cluster, TestkubeConnection connection, Clock clock) {
        this.cluster = cluster;
        this.namespace = connection.queueNamespace();
        this.name = "testkube-agent-" + AgentNames.hash(connection.organizationId() + '/' + connection.environmentId());
        this.clock = clock;
    }

    /** Joins at the end if it is not in the list, takes a holder off that is lost, and says where it stands. */
    Place place(QueueEntry mine) {
        Lease lease = read().orElse(null);
        List<QueueEntry> queue = entries(lease);
        boolean changed = false;
        while (!queue.isEmpty() && !queue.get(0).isSame(mine) && isLost(queue.get(0))) {
            queue.remove(0);
            changed = true;
        }
        int index = indexOf(queue, mine);
        if (index < 0) {
            queue.add(mine);
            index = queue.size() - 1;
            changed = true;
        }
        return changed && !write(lease, queue) ? new Place(-1, queue) : new Place(index, queue);
    }

    /**
     * Gives a place up.
     *
     * @return false if somebody else was quicker: to be tried again
     */
    boolean leave(QueueEntry mine) {
        Lease lease = read().orElse(null);
        List<QueueEntry> queue = entries(lease);
        return !queue.removeIf(mine::isSame) || write(lease, queue);
    }

    /**
     * Changes the entries of one controller, if that changes anything; what another one changed at the same time is left
     * for the next round.
     *
     * @param change gives the entry as it is to be, or null to take it off
     */
    void review(String controllerId, UnaryOperator<QueueEntry> change) {
        Lease lease = read().orElse(null);
        List<QueueEntry> kept = new ArrayList<>();
        boolean changed = false;
        for (QueueEntry entry : entries(lease)) {
            QueueEntry reviewed = entry.controller.equals(controllerId) ? change.apply(entry) : entry;
            changed |= reviewed != entry;
            if (reviewed != null) {
                kept.add(reviewed);
            }
        }
        if (changed) {
            write(lease, kept);
        }
    }

    private static int indexOf(List<QueueEntry> queue, QueueEntry mine) {
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).isSame(mine)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether an environment cannot have a living agent any more, or nobody has cared for it for too long. */
    private boolean isLost(QueueEntry entry) {
        Instant until = Instant.ofEpochMilli(entry.untilMillis);
        if (entry.here) {
            Namespace there = cluster.get(Namespace.class, null, entry.environment)
                    .filter(found -> found.getMetadata().getUid().equals(entry.uid))
                    .orElse(null);
            if (there == null) {
                return true;
            }
            until = expiry(there, until);
        }
        return clock.instant().isAfter(until.plus(GRACE));
    }

    /** What the namespace says, which its controller prolongs. */
    private static Instant expiry(Namespace namespace, Instant otherwise) {
        Map<String, String> annotations = namespace.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(Labels.EXPIRES_AT);
        try {
            return text == null ? otherwise : Instant.parse(text);
        } catch (DateTimeException e) {
            return otherwise;
        }
    }

    private Optional<Lease> read() {
        return cluster.get(Lease.class, namespace, name);
    }

    private List<QueueEntry> entries(Lease lease) {
        Map<String, String> annotations =
                lease == null ? null : lease.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(ANNOTATION);
        try {
            return text == null
                    ? new ArrayList<>()
                    : new ArrayList<>(Serialization.jsonMapper().readValue(text, ENTRIES));
        } catch (JsonProcessingException e) {
            throw new UserFault(
                    "queueing for the shared agent",
                    cluster.name() + '/' + namespace + '/' + name,
                    "its annotation " + ANNOTATION + " cannot be read",
                    "Delete this Lease when no environment of yours has a shared agent.");
        }
    }

    /** @return false if it was changed since it was read */
    private boolean write(Lease read, List<QueueEntry> queue) {
        LeaseBuilder lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withResourceVersion(read == null ? null : read.getMetadata().getResourceVersion())
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                .addToAnnotations(ANNOTATION, Serialization.asJson(queue))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(queue.isEmpty() ? null : queue.get(0).environment)
                .endSpec();
        try {
            return (read == null ? cluster.create(lease.build()) : cluster.replace(lease.build())).isPresent();
        } catch (LostFault missing) {
            throw new UserFault(
                    "queueing for the shared agent",
                    cluster.name() + '/' + namespace + '/' + name,
                    "there is no such namespace",
                    "Create it, or name another one as the queue's namespace in the configuration of the control plane.",
                    missing);
        }
    }
}
