package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The environments of this controller. Methods do I/O unless they say that they do none: never call those on a
 * CPS thread or while a page is drawn. */
public interface Environments {
    /**
     * The name to ask for: DNS-1123, at most 63 characters, both ends readable, always with a hash of the full job name.
     * The same for the same arguments; for a branch the same for all its builds. Pure: no I/O.
     *
     * @param spec what is asked for
     * @param run the build
     * @param nodeId id of the step's flow node, so that two blocks of one build differ
     */
    String nameFor(EnvironmentSpec spec, RunRef run, String nodeId);

    /**
     * Provisions: record, namespace, our role binding, the other parts concurrently, usable. Idempotent: called again
     * after a crash at any point it goes on where it was. For a branch it waits until this block holds the environment.
     *
     * @param base name from {@link #nameFor}; the environment's own name has the number of a generation after it while
     *     an earlier one is still being taken away, or another block of the build holds it
     * @param spec what is asked for, validated before the first call
     * @param run the build it belongs to
     * @param nodeId id of the block's flow node
     * @param console one line per phase, and the position in the queue
     * @return a reconciler whose result is the identity of the READY environment; it fails with a
     *     {@link io.jenkins.plugins.ephemeral.outside.UserFault} for bad input, missing rights (naming the verbs), or a
     *     namespace of that name that is not ours
     */
    Reconciler<NamespaceRef> provision(String base, EnvironmentSpec spec, RunRef run, String nodeId, Console console);

    /** {@link #provision(String, EnvironmentSpec, RunRef, String, Console)} for a build that has one block. */
    default Reconciler<NamespaceRef> provision(String base, EnvironmentSpec spec, RunRef run, Console console) {
        return provision(base, spec, run, "", console);
    }

    /**
     * Finds out what {@link #provision} would do, and makes nothing.
     *
     * @param base name from {@link #nameFor}
     * @param console gets the objects as YAML
     * @return a reconciler that fails as {@link #provision} would, as far as that can be told before
     */
    Reconciler<EnvironmentPlan> plan(String base, EnvironmentSpec spec, RunRef run, Console console);

    /**
     * Ends the use of an environment, or the wait for it: writes that down and returns. One of a build is released then:
     * deletion goes on in the background, across restarts, whatever happens to the build. One of a branch is left for
     * the next build until its time to live is over. Idempotent; does nothing for an unknown name, and nothing for what
     * another build holds. An environment that was READY is left until its time to live is over if its spec says {@code
     * keepOnFailure} and this is a {@link Ending#FAILURE}.
     *
     * @param name its name, or the name that was asked for
     * @param by the build whose use ends, or null for a person, who may end any
     * @param nodeId id of the block's flow node; empty for any block of the build
     * @param console of the build, for as long as it listens
     */
    void release(String name, RunRef by, String nodeId, Ending ending, Console console);

    /** {@link #release(String, RunRef, String, Ending, Console)} for all blocks of a build. */
    default void release(String name, RunRef by, Ending ending, Console console) {
        release(name, by, "", ending, console);
    }

    /** A reconciler that is done when the environment is gone, or is STUCK or UNREACHABLE; its result is the record. */
    Reconciler<EnvironmentRecord> awaitGone(String name, Console console);

    /** The record of that name. */
    Optional<EnvironmentRecord> find(String name);

    /** Whether there is a record of that name, be it readable or not. */
    boolean knows(String name);

    /** Copies of all records, from memory. No I/O. */
    List<EnvironmentRecord> all();

    /** Writes down an obligation, before what it stands for is made. Replaces one of the same kind and key. */
    void owe(String name, Obligation obligation);

    /** Takes an obligation off that is confirmed undone. */
    void settle(String name, Obligation obligation);

    /** Extends the time to live: sets the record's deadline to now plus the spec's ttl. Called while a build holds it. */
    void renew(String name);

    /**
     * A person ends an environment, whoever holds it. Writes that down and returns; does nothing for one that is on its
     * way out or unknown.
     */
    void releaseNow(String name);

    /** Has a release that is under way ask for the deletion again, now. Does nothing for one that is in use or unknown. */
    void retry(String name);

    /**
     * A person gives up an environment that does not go: the record is taken away, nothing else is touched. A record
     * that cannot be read is set aside. What is alive in the cluster and ours is found again by the reaper.
     *
     * @return false if it is neither STUCK nor UNREACHABLE nor unreadable
     */
    boolean forget(String name);

    /** What the release of that name does just now, for people; empty if none is under way. No I/O. */
    String status(String name);

    /** Records that cannot be read, by the name of the file ({@code NAME.json}), with the reason; their environments are left alone. No I/O. */
    Map<String, String> unreadable();
}
