package io.jenkins.plugins.ephemeral.outside;

import java.util.Objects;

/**
 * Something outside did not do what was asked. Each fault belongs to one of three families, which decide what
 * happens next: {@link UserFault} (fail now), {@link TransientFault} (try again), {@link LostFault} (reconcile).
 *
 * <p>The message is one a user can act on: what failed, where, why (the other side's own reason) and what to do.
 */
public abstract class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String where;
    private final String why;
    private final String remedy;

    /**
     * @param what what was being done, as a clause: {@code "creating Namespace shop-pr-41"}
     * @param where cluster, namespace and object, or control plane and resource; empty if there is no such place
     * @param why the reason that the other side gave, or what was seen
     * @param remedy what the user can do about it, a sentence; empty if there is nothing to do
     * @param cause the underlying exception, or null
     */
    protected Fault(String what, String where, String why, String remedy, Throwable cause) {
        super(sentence(what, where, why, remedy), cause);
        this.what = Objects.requireNonNull(what);
        this.where = Objects.requireNonNull(where);
        this.why = Objects.requireNonNull(why);
        this.remedy = Objects.requireNonNull(remedy);
    }

    /** What was being done. */
    public String what() {
        return what;
    }

    /** Where: cluster/namespace/object or control plane/resource; may be empty. */
    public String where() {
        return where;
    }

    /** Why: the other side's reason. */
    public String why() {
        return why;
    }

    /** What the user can do; may be empty. */
    public String remedy() {
        return remedy;
    }

    private static String sentence(String what, String where, String why, String remedy) {
        StringBuilder text = new StringBuilder(what);
        if (!where.isEmpty()) {
            text.append(" (").append(where).append(')');
        }
        text.append(": ").append(why);
        if (!remedy.isEmpty()) {
            text.append(why.endsWith(".") ? " " : ". ").append(remedy);
        }
        return text.toString();
    }
}
