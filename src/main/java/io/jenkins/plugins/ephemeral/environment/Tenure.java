package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Whether this life of the controller speaks for its id in one cluster. A Lease there carries the nonce of the life that
 * does: whoever sees a living Lease with another nonce (a second Jenkins on a copy of the same home) deletes nothing.
 * It lives while its time of renewal changes; the other one's clock is not asked.
 */
final class Tenure {
    /** What is known. */
    enum State {
        /** Nobody has looked yet. */
        UNKNOWN,
        /** The Lease is ours. */
        HELD,
        /** Somebody else with our id renews it. */
        CONTESTED,
        /** No Lease can be kept there; nothing is known of others. */
        UNGUARDED
    }

    private static final Logger LOGGER = Logger.getLogger(Tenure.class.getName());
    private static final String USUAL_NAMESPACE = "jenkins";
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration UNGUARDED_LOOK = Duration.ofMinutes(10);
    private static final Duration UID_BELIEVED = Duration.ofSeconds(30);
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    /** More than a request may take. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

    private final EnvironmentService service;
    private final TenureFile file;
    /** Held by the one thread that asks the cluster; the others do not wait for it. */
    private final ReentrantLock looking = new ReentrantLock();

    private final ReentrantLock naming = new ReentrantLock();
    private Lease lease;
    private String seen = "";
    private Instant seenAt;
    private volatile Instant lookedAt;
    private volatile State state = State.UNKNOWN;
    private volatile String other = "";
    private volatile Named named;

    /** Which cluster it was, and when. */
    private static final class Named {
        private final String uid;
        private final Instant at;

        Named(String uid, Instant at) {
            this.uid = uid;
            this.at = at;
        }
    }

    Tenure(EnvironmentService service, TenureFile file) {
        this.service = service;
        this.file = file;
    }

    /** As it was seen last. No I/O. */
    State state() {
        return state;
    }

    /** Who else there is, for people; empty if nobody. */
    String other() {
        return other;
    }

    /**
     * What may be relied on for a deletion: looks if the last look is too long ago.
     *
     * @throws QueuedFault while another thread looks
     */
    State certain(Cluster cluster) {
        if (isFresh()) {
            return state;
        }
        if (!looking.tryLock()) {
            throw queued(cluster);
        }
        try {
            return isFresh() ? state : look(cluster, false);
        } finally {
            looking.unlock();
        }
    }

    private boolean isFresh() {
        Instant last = lookedAt;
        Duration believed =
                state == State.HELD ? duration().dividedBy(2) : state == State.UNGUARDED ? UNGUARDED_LOOK : SOON;
        return last != null && service.now().isBefore(last.plus(believed));
    }

    /**
     * Renews it, or sees whether the other one still does: one request while all is well. For the reaper, which is one
     * thread: it waits for its turn.
     */
    State look(Cluster cluster) {
        try {
            if (!looking.tryLock(LONGEST_LOOK.toSeconds(), TimeUnit.SECONDS)) {
                throw queued(cluster);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw queued(cluster);
        }
        try {
            boolean hopeless = state == State.UNGUARDED && service.now().isBefore(lookedAt.plus(UNGUARDED_LOOK));
            return hopeless ? state : look(cluster, false);
        } finally {
            looking.unlock();
        }
    }

    /** Makes it ours, whoever renews it. */
    void takeOver(Cluster cluster) {
        looking.lock();
        try {
            lease = null;
            look(cluster, true);
        } finally {
            looking.unlock();
        }
    }

    private static QueuedFault queued(Cluster cluster) {
        return new QueuedFault(
                "reading Jenkins' Lease", cluster.name(), "another thread waits for the answer", "", A_MOMENT);
    }

    private State look(Cluster cluster, boolean byForce) {
        try {
            boolean done = false;
            for (int attempt = 0; attempt < 3 && !done; attempt++) {
                done = attempt(cluster, byForce);
            }
        } catch (UserFault | LostFault missing) {
            LOGGER.log(
                    state == State.UNGUARDED ? Level.FINE : Level.INFO,
                    () -> "No Lease can be kept in " + cluster.name()
                            + ", so a second controller with the same id would" + " not be noticed: "
                            + missing.getMessage());
            become(State.UNGUARDED, "");
        }
        lookedAt = service.now();
        return state;
    }

    /** @return false if somebody was quicker: to be tried again */
    private boolean attempt(Cluster cluster, boolean byForce) {
        String namespace = namespace(cluster);
        if (lease == null) {
            lease = cluster.get(Lease.class, namespace, name()).orElse(null);
        }
        if (lease != null && !byForce && !file.isMine(holder(), renewed()) && isAlive()) {
            if (state != State.CONTESTED) {
                LOGGER.warning(() -> "Another Jenkins with the id of this one is at work in " + cluster.name()
                        + ": this one deletes nothing there.");
            }
            become(
                    State.CONTESTED,
                    holder() + ", which renewed its Lease at " + renewed()
                            + file.trouble().map(why -> ". " + why).orElse(""));
            lease = null; // to be read again
            return true;
        }
        Instant now = service.now().truncatedTo(ChronoUnit.MILLIS);
        file.renewing(now); // first: what the disk does not know of was not us
        Lease written = write(cluster, namespace, now);
        lease = written;
        if (written != null) {
            become(State.HELD, "");
        }
        return written != null;
    }

    private void become(State now, String who) {
        state = now;
        other = who;
    }

    /** Whether it was renewed lately, by our clock alone. */
    private boolean isAlive() {
        String now = holder() + ' ' + renewed();
        if (!now.equals(seen)) {
            seen = now;
            seenAt = service.now();
        }
        Integer seconds = lease.getSpec() == null ? null : lease.getSpec().getLeaseDurationSeconds();
        Duration its = seconds == null ? duration() : Duration.ofSeconds(seconds);
        return !holder().isEmpty() && service.now().isBefore(seenAt.plus(its));
    }

    private String holder() {
        String holder = lease.getSpec() == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    private Instant renewed() {
        ZonedDateTime time = lease.getSpec() == null ? null : lease.getSpec().getRenewTime();
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    private Duration duration() {
        Duration three = service.period().multipliedBy(3);
        return three.compareTo(SHORTEST) < 0 ? SHORTEST : three;
    }

    /** @return null if it was changed since it was read */
    private Lease write(Cluster cluster, String namespace, Instant now) {
        Lease desired = new LeaseBuilder()
                .withNewMetadata()
                .withName(name())
                .withNamespace(namespace)
                .withResourceVersion(lease == null ? null : lease.getMetadata().getResourceVersion())
                .addToLabels(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                .addToLabels(Labels.CONTROLLER, service.controllerId())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(file.nonce())
                .withLeaseDurationSeconds((int) duration().toSeconds())
                .withRenewTime(now.atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
        return (lease == null ? cluster.create(desired) : cluster.replace(desired)).orElse(null);
    }

    private String name() {
        return "ephemeral-environments-" + service.controllerId();
    }

    /** That of Jenkins' own service account, where deploy/ gives it the right; else the usual one. */
    private static String namespace(Cluster cluster) {
        return cluster.identity()
                .subject()
                .map(Subject::getNamespace)
                .filter(each -> !each.isEmpty())
                .orElse(USUAL_NAMESPACE);
    }

    /**
     * Which cluster it is that answers: the UID of its namespace kube-system.
     *
     * @return empty if that may not be read
     * @throws QueuedFault while another thread asks
     */
    Optional<String> uid(Cluster cluster) {
        if (!isNamed()) {
            if (!naming.tryLock()) {
                throw queued(cluster);
            }
            try {
                if (!isNamed()) {
                    named = new Named(readUid(cluster), service.now());
                }
            } finally {
                naming.unlock();
            }
        }
        return Optional.ofNullable(named.uid);
    }

    private boolean isNamed() {
        Named last = named;
        return last != null && service.now().isBefore(last.at.plus(UID_BELIEVED));
    }

    private static String readUid(Cluster cluster) {
        try {
            return cluster.get(Namespace.class, null, "kube-system")
                    .map(each -> each.getMetadata().getUid())
                    .orElse(null);
        } catch (UserFault refused) {
            LOGGER.log(Level.FINE, refused, () -> "The UID of " + cluster.name() + " cannot be read");
            return null;
        }
    }
}
