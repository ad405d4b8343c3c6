package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;

/** Undoes one kind of {@link Obligation}; implemented by the rooms that take them on. */
public interface Undoer {
    /** The kind of obligation it undoes. */
    String kind();

    /**
     * One turn of undoing; called again until done, also after restarts and long after the build is gone. Idempotent:
     * what is not there any more counts as undone.
     *
     * @param environment the record of the environment, read only
     * @param obligation what to undo
     * @param console of the build while it runs, else {@link Console#NONE}
     * @return done when it is confirmed that nothing is left
     */
    Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console)
            throws InterruptedException;

    /**
     * Looks for things of its kind that were made by this controller and that no record knows, and undoes them; called
     * in each round of the reaper. One that cannot look throws.
     */
    default void sweep() throws InterruptedException {}
}
