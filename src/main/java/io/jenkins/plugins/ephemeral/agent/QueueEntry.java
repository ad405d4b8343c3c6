package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;

/** One environment in the queue for a shared agent; a plain bean, written as JSON into the queue's Lease. */
public final class QueueEntry {
    /** Id of its controller. */
    public String controller;

    /** Its name, which is that of its namespace. */
    public String environment;

    /** UID of its namespace. */
    public String uid;

    /** {@code shop/web/PR-41#7}: the build, for people. */
    public String run;

    /** Whether its namespace is in the cluster that keeps the queue, where everybody can see whether it is there. */
    public boolean here;

    /** When its time is over if nobody prolongs it, milliseconds since the epoch. */
    public long untilMillis;

    static QueueEntry of(EnvironmentRecord record, boolean here) {
        QueueEntry entry = new QueueEntry();
        entry.controller = record.controllerId;
        entry.environment = record.name;
        entry.uid = record.uid;
        entry.run = record.run().externalId();
        entry.here = here;
        entry.untilMillis = record.expiresAt.toEpochMilli();
        return entry;
    }

    boolean isSame(QueueEntry other) {
        return controller.equals(other.controller)
                && environment.equals(other.environment)
                && String.valueOf(uid).equals(other.uid);
    }
}
