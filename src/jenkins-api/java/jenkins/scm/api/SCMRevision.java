package jenkins.scm.api;

import java.io.Serializable;

/** Stand-in: one state of a head. */
public abstract class SCMRevision implements Serializable {
    private static final long serialVersionUID = 1L;
    private final SCMHead head;

    protected SCMRevision(SCMHead head) {
        this.head = head;
    }

    public final SCMHead getHead() {
        return head;
    }

    @Override
    public abstract boolean equals(Object o);

    @Override
    public abstract int hashCode();
}
