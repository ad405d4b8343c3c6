package io.jenkins.plugins.ephemeral.environment;

/** Where an environment is in its life. */
public enum EnvironmentState {
    /** Its record is written; nothing was created yet, as far as we know. */
    REQUESTED,
    /** Its namespace was or is being created. */
    PROVISIONING,
    /** Usable. */
    READY,
    /** Nobody uses it any more; what it owes outside its namespace is being undone. */
    RELEASING,
    /** Deletion of the namespace was requested. */
    DELETING,
    /** Confirmed gone. The record follows. */
    GONE,
    /** Deletion does not come to an end; the record says why. */
    STUCK,
    /** Its cluster does not answer or is not configured any more: unknown, never taken for gone. */
    UNREACHABLE
}
