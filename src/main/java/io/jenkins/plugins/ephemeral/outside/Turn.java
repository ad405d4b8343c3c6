package io.jenkins.plugins.ephemeral.outside;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The turn that the current thread makes for a {@link Reconciler}. Lets code deep inside find out on whose behalf it
 * runs: to wake that drive from a callback, or to be fair between drives. Used by one thread only.
 */
public final class Turn {
    private static final ThreadLocal<Turn> CURRENT = new ThreadLocal<>();

    private final Drive drive;
    private Object party;
    private Urgency urgency = Urgency.USUAL;
    private final Set<Object> passed = Collections.newSetFromMap(new IdentityHashMap<>(2));

    Turn(Drive drive) {
        this.drive = drive;
        this.party = drive;
    }

    /** The turn that this thread makes, or null if it makes none. */
    public static Turn current() {
        return CURRENT.get();
    }

    /**
     * What wakes the drive of the current turn, from whatever thread and at whatever time: the callback for a
     * subscription or a future that a reconciler begins in its turn. Does nothing if this thread makes no turn.
     */
    public static Runnable waker() {
        Turn turn = CURRENT.get();
        return turn == null ? () -> {} : turn.drive::wake;
    }

    /**
     * Work that another thread does on behalf of the current turn's drive: it queues as that drive, and what let this
     * turn through lets it through. As it is if this thread makes no turn.
     */
    public static Runnable carry(Runnable work) {
        Turn turn = CURRENT.get();
        if (turn == null) {
            return work;
        }
        Turn carried = new Turn(turn.drive);
        carried.party = turn.party;
        carried.urgency = turn.urgency;
        carried.passed.addAll(turn.passed);
        return () -> {
            carried.enter();
            try {
                work.run();
            } finally {
                carried.leave();
            }
        };
    }

    /**
     * Says for whom the current turn works: undertakings of one party share what is shared out between parties. Does
     * nothing if this thread makes no turn.
     *
     * @param party the build, or whatever else stands for all that belongs together; compared by {@code equals}
     */
    public static void onBehalfOf(Object party) {
        Turn turn = CURRENT.get();
        if (turn != null && party != null) {
            turn.party = party;
        }
    }

    /** Says how urgent is what the current turn asks for from now on. Does nothing if this thread makes no turn. */
    public static void urgency(Urgency urgency) {
        Turn turn = CURRENT.get();
        if (turn != null) {
            turn.urgency = urgency;
        }
    }

    /** How urgent it is; {@link Urgency#USUAL} unless somebody said otherwise. */
    public Urgency urgency() {
        return urgency;
    }

    /** For whom it works: what {@link #onBehalfOf} said, or the drive for itself. */
    public Object party() {
        return party;
    }

    /** The drive whose turn this is; the same object in all its turns. */
    public Drive drive() {
        return drive;
    }

    /** Notes that this turn was let through a gate, so that it need not queue there again before it ends. */
    public void passed(Object gate) {
        passed.add(gate);
    }

    /** Whether this turn was let through that gate already. */
    public boolean hasPassed(Object gate) {
        return passed.contains(gate);
    }

    void enter() {
        CURRENT.set(this);
    }

    void leave() {
        CURRENT.remove();
    }
}
