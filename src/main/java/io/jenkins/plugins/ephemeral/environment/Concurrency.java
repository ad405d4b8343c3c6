package io.jenkins.plugins.ephemeral.environment;

/** What a build does while another one holds the environment of its branch. */
public enum Concurrency {
    /** Waits for its turn, first come first served. */
    WAIT,
    /** Aborts older builds of its job that hold it or wait for it, and waits until they have let go. */
    ABORT_OLDER,
    /** Holds it together with other builds that share. */
    SHARE
}
