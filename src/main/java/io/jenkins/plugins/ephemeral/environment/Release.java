package io.jenkins.plugins.ephemeral.environment;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * The way out: what the environment owes outside is undone, its namespace deleted and seen gone, its record forgotten.
 * It never gives up: what does not go is reported in the record, and tried again slowly.
 */
final class Release implements Reconciler<EnvironmentRecord> {
    /** How long the namespace waits for what has to be undone before it. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** A cluster that has not answered for this long is called unreachable. */
    private static final Duration OUTAGE = Duration.ofMinutes(1);
    /** A namespace that is deleted for this long is called stuck; most are gone within seconds, busy ones in minutes. */
    private static final Duration STUCK = Duration.ofMinutes(10);

    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration SLOWLY = Duration.ofMinutes(1);

    private final EnvironmentService service;
    private final String name;
    private volatile Console console;
    private Hints.Subscription hints;
    private volatile String deletedUid;
    private boolean namespaceGone;
    private Instant troubledSince;
    private int troubles;
    private volatile String doing = "waiting for its first turn";

    Release(EnvironmentService service, String name, Console console) {
        this.service = service;
        this.name = name;
        this.console = console;
    }

    String name() {
        return name;
    }

    /** Says the rest to another console: of the build that asked last. */
    void tell(Console listener) {
        if (listener != Console.NONE) {
            console = listener;
        }
    }

    /** Asks for the deletion once more in the next turn, although it was asked for. */
    void askAgain() {
        deletedUid = null;
    }

    @Override
    public String status() {
        return doing;
    }

    @Override
    public Progress<EnvironmentRecord> reconcile() throws InterruptedException {
        if (!service.take(name)) {
            return Progress.again(SOON);
        }
        try {
            Progress<EnvironmentRecord> progress = turn();
            troubledSince = null;
            troubles = 0;
            return progress;
        } catch (QueuedFault queued) {
            throw queued;
        } catch (TransientFault fault) {
            return unanswered(fault);
        } catch (Fault fault) {
            note(EnvironmentState.STUCK, fault.getMessage());
            return Progress.again(slowly());
        } finally {
            service.give(name);
        }
    }

    private Progress<EnvironmentRecord> turn() throws InterruptedException {
        Optional<EnvironmentRecord> found = service.registry().find(name);
        if (found.isEmpty()) {
            return Progress.done(null);
        }
        EnvironmentRecord record = found.get();
        Turn.onBehalfOf(record.run());
        if (isContested(record)) {
            note(
                    EnvironmentState.RELEASING,
                    "Another Jenkins with the id of this one is at work in " + record.cluster
                            + ", so this one deletes nothing there. See Manage Jenkins.");
            return Progress.again(slowly());
        }
        boolean waits = service.now().isBefore(record.releasedAt.plus(PATIENCE));
        Duration undoing = undo(record, waits);
        if (undoing != null && waits) {
            return Progress.again(undoing);
        }
        if (undoing != null && isHeld() && !namespaceGone) {
            note(EnvironmentState.STUCK, "The namespace waits for what has to be undone before it: " + troubles());
            return Progress.again(slowly());
        }
        if (!namespaceGone) {
            Duration look = delete(record);
            if (look != null) {
                return Progress.again(look);
            }
            namespaceGone = true;
            closeHints();
        }
        if (undoing != null) {
            note(EnvironmentState.STUCK, "The namespace is gone, but not all that was made for it: " + troubles());
            return Progress.again(slowly());
        }
        service.registry().remove(name);
        record.state = EnvironmentState.GONE;
        record.reason = null;
        console.line("Environment " + name + ": gone.");
        return Progress.done(record);
    }

    private boolean isContested(EnvironmentRecord record) {
        if (!service.clusters().names().contains(record.cluster)) {
            return false; // that is said below
        }
        Tenure tenure = service.tenures().of(record.cluster);
        try {
            return tenure.certain(service.cluster(record.cluster)) == Tenure.State.CONTESTED;
        } catch (QueuedFault queued) {
            throw queued;
        } catch (TransientFault away) {
            // what is owed outside need not wait for the cluster if it was ours until it went away
            if (tenure.state() == Tenure.State.HELD || tenure.state() == Tenure.State.UNGUARDED) {
                return false;
            }
            throw away;
        }
    }

    private Duration undo(EnvironmentRecord record, boolean waits) throws InterruptedException {
        if (record.obligations.isEmpty()) {
            return null;
        }
        doing = "undoing what was made for " + record.cluster + '/' + name;
        return new Undoing(service, record, console).attempt(!waits);
    }

    private boolean isHeld() {
        return service.registry()
                .find(name)
                .filter(record -> record.obligations.stream().anyMatch(each -> each.holdsNamespace))
                .isPresent();
    }

    private String troubles() {
        return service.registry().find(name).map(record -> record.obligations).orElse(List.of()).stream()
                .map(each -> each.kind + ' ' + each.key + (each.trouble == null ? "" : " (" + each.trouble + ')'))
                .collect(Collectors.joining(", "));
    }

    /**
     * Asks for the deletion, once, and then looks whether it came to an end.
     *
     * @return null when the namespace is gone, else when to look again
     */
    private Duration delete(EnvironmentRecord record) {
        Cluster cluster;
        try {
            cluster = service.cluster(record.cluster);
        } catch (UserFault notConfigured) {
            note(EnvironmentState.UNREACHABLE, notConfigured.getMessage());
            return slowly();
        }
        if (service.pool().isOf(record)) {
            return giveBack(cluster, record);
        }
        String uid = uid(cluster, record);
        if (uid == null) {
            return absent(cluster, record);
        }
        if (!uid.equals(deletedUid)) {
            doing = "deleting namespace " + record.cluster + '/' + name;
            if (!request(cluster, uid)) {
                return absent(cluster, record);
            }
            deletedUid = uid;
            if (record.state != EnvironmentState.DELETING) {
                service.registry().change(name, changed -> changed.state = EnvironmentState.DELETING);
                console.line("Environment " + name + ": deletion of its namespace requested.");
            }
            closeHints();
            hints = cluster.hints().subscribeToEnd(Namespace.class, name, Turn.waker());
            return hints.slowLook();
        }
        doing = "waiting until namespace " + record.cluster + '/' + name + " is gone";
        Namespace there = cluster.get(Namespace.class, null, name).orElse(null);
        if (there == null || !uid.equals(there.getMetadata().getUid())) {
            return absent(cluster, record);
        }
        return lookAgain(there);
    }

    /** What was leased is cleaned and given back instead. */
    private Duration giveBack(Cluster cluster, EnvironmentRecord record) {
        doing = "cleaning the leased namespace " + record.cluster + '/' + record.leased;
        if (record.state == EnvironmentState.RELEASING) {
            service.registry().change(name, changed -> changed.state = EnvironmentState.DELETING);
            console.line("Environment " + name + ": its leased namespace is being cleaned.");
        }
        return service.pool().giveBack(cluster, record, why -> {
            boolean stuck = !record.releasedAt.plus(STUCK).isAfter(service.now());
            if (stuck) {
                note(EnvironmentState.STUCK, why);
            }
            return stuck;
        });
    }

    /** It is not there: gone, if this is the cluster that it was made in. */
    private Duration absent(Cluster cluster, EnvironmentRecord record) {
        String there = record.clusterUid == null
                ? null
                : service.tenures().of(record.cluster).uid(cluster).orElse(null);
        if (there == null || there.equals(record.clusterUid)) {
            return null;
        }
        note(
                EnvironmentState.UNREACHABLE,
                "Cluster " + record.cluster + " is another one than it was: its namespace kube-system has the UID "
                        + there + ", not " + record.clusterUid + ". What was made in the old one is unknown.");
        return slowly();
    }

    /** The UID of the namespace that was made for this record; null if there is none, whatever else has its name. */
    private String uid(Cluster cluster, EnvironmentRecord record) {
        if (record.uid != null) {
            return record.uid;
        }
        doing = "looking for namespace " + record.cluster + '/' + name;
        Optional<Namespace> there =
                cluster.get(Namespace.class, null, name).filter(each -> Ownership.matches(record, each));
        there.ifPresent(each -> service.registry()
                .change(name, changed -> changed.uid = each.getMetadata().getUid()));
        return there.map(each -> each.getMetadata().getUid()).orElse(null);
    }

    private boolean request(Cluster cluster, String uid) {
        try {
            return cluster.delete(Namespace.class, null, name, uid, -1);
        } catch (TransientFault fault) {
            boolean terminating = fault.getCause() instanceof KubernetesClientException
                    && ((KubernetesClientException) fault.getCause()).getCode() == 409;
            if (!terminating) {
                throw fault;
            }
            // older servers say so when a namespace is on its way out already
            return true;
        }
    }

    private Duration lookAgain(Namespace there) {
        Instant since = instant(there.getMetadata().getDeletionTimestamp());
        if (since == null) {
            deletedUid = null; // as after a restored backup of the cluster: ask again
            return SOON;
        }
        if (since.plus(STUCK).isAfter(service.now())) {
            note(EnvironmentState.DELETING, null);
            return hints.slowLook();
        }
        note(EnvironmentState.STUCK, "Its deletion goes on since " + since + Ownership.conditions(there));
        return slowly();
    }

    private Progress<EnvironmentRecord> unanswered(TransientFault fault) {
        Instant now = service.now();
        troubledSince = troubledSince == null ? now : troubledSince;
        if (!troubledSince.plus(OUTAGE).isAfter(now)) {
            note(EnvironmentState.UNREACHABLE, fault.getMessage());
            return Progress.again(slowly());
        }
        doing = "trying again: " + fault.getMessage();
        long millis = Math.min(10_000, 500L << Math.min(troubles++, 5));
        Duration delay = Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
        return Progress.again(delay.compareTo(fault.retryAfter()) < 0 ? fault.retryAfter() : delay);
    }

    /** Says in the record and to who listens how it is, when that has changed. */
    private void note(EnvironmentState state, String reason) {
        EnvironmentState before =
                service.registry().find(name).map(record -> record.state).orElse(null);
        if (before != state && reason != null) {
            console.line(
                    "Environment " + name + ": " + state + ". " + reason + " It is tried again in the background.");
        }
        service.registry().change(name, record -> {
            record.state = state;
            record.reason = reason;
        });
    }

    private static Duration slowly() {
        return SLOWLY.plusMillis(ThreadLocalRandom.current().nextLong(SLOWLY.toMillis()));
    }

    private void closeHints() {
        if (hints != null) {
            hints.close();
            hints = null;
        }
    }

    private static Instant instant(String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
