package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Namespace;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;

/**
 * The lock of one stage, if it wants one. It is given up when nothing of the stage can run any more; where that is not
 * known, it stays taken, and who wants it next looks after what is left.
 */
final class StageLock {
    private final StageLocks locks;
    private final Clusters clusters;
    private final String name;
    private final String key;
    private final String who;
    private final Console console;
    private String said = "";

    /**
     * @param name name of the lock, or null if the stage wants none
     * @param key whose it is: cluster, namespace and Job
     * @param who the same for people
     */
    StageLock(StageLocks locks, Clusters clusters, String name, String key, String who, Console console) {
        this.locks = locks;
        this.clusters = clusters;
        this.name = name;
        this.key = key;
        this.who = who;
        this.console = console;
    }

    /** Asks for it, or says that the stage still has it; whether the stage has what it needs. */
    boolean isHeld() {
        if (name == null) {
            return true;
        }
        String other = locks.enter(name, key, who);
        String left = other == null ? null : locks.left(name);
        if (left != null && isGone(left, other)) {
            other = locks.enter(name, key, who);
            left = null;
        }
        if (other != null && left == null) {
            say("waiting for lock '" + name + "', held by " + other);
        }
        said = other == null ? "" : said;
        return other == null;
    }

    /** Looks whether anything of a stage that nobody looks after may still run; if not, its place is given up. */
    private boolean isGone(String left, String holder) {
        String rest = rest(left);
        if (rest == null) {
            locks.giveUp(left);
            say("lock '" + name + "': nothing of " + holder + " is left that could run, it is given up");
            return true;
        }
        say("waiting for lock '" + name + "', still taken by " + holder + ", which nobody looks after any more: "
                + rest);
        return false;
    }

    /** A key names cluster, namespace and Job; only the first of them may have slashes. */
    private String rest(String left) {
        int job = left.lastIndexOf('/');
        int namespace = left.lastIndexOf('/', job - 1);
        try {
            return rest(
                    clusters.cluster(left.substring(0, namespace)),
                    left.substring(namespace + 1, job),
                    left.substring(job + 1));
        } catch (QueuedFault queued) {
            throw queued;
        } catch (Fault fault) {
            return "whether it still runs cannot be seen. " + fault.getMessage();
        }
    }

    private static String rest(Cluster cluster, String namespace, String jobName) {
        try {
            return StageRemains.of(cluster, namespace, jobName);
        } catch (UserFault | LostFault refused) {
            // Jenkins' rights inside go with the namespace, and that goes after its Pods
            Namespace there = cluster.get(Namespace.class, null, namespace).orElse(null);
            if (there == null) {
                return null;
            }
            if (there.getMetadata().getDeletionTimestamp() != null) {
                return "its namespace is being deleted";
            }
            throw refused;
        }
    }

    /** The Job is about to be created: from now on it is not known whether something of it runs. */
    void launching() {
        if (name != null) {
            locks.launching(key, true);
        }
    }

    /** The Job was refused, and there is none. */
    void notLaunched() {
        if (name != null) {
            locks.launching(key, false);
        }
    }

    /** Gives it up: nothing of the stage can run any more. */
    void leave() {
        if (name != null) {
            locks.leave(key);
        }
    }

    /** Gives it up if the last look shows that nothing of the stage can run any more, else lets it stay taken. */
    void leave(Sight last) {
        if (StageRemains.of(last) == null) {
            leave();
        } else {
            abandon();
        }
    }

    /** Nobody looks after the stage any more: given up if its Job was never asked for, else it stays taken. */
    void abandon() {
        if (name != null && locks.abandon(key)) {
            console.line("lock '" + name + "' stays taken, since something of " + who
                    + " may still run. Who wants it next looks whether it is gone. If its node is gone for good, delete its Pod by force; after "
                    + StageLocks.LEFT_KEPT.toHours() + " hours the lock is given up in any case.");
        }
    }

    private void say(String text) {
        if (!text.equals(said)) {
            said = text;
            console.line(text);
        }
    }
}
