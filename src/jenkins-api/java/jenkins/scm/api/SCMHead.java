package jenkins.scm.api;

import java.io.Serializable;
import java.util.Objects;

/** Stand-in: a branch, tag or change request. */
public class SCMHead implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String name;

    public SCMHead(String name) {
        this.name = name;
    }

    public String getName() {
        return name;
    }

    public SCMHeadOrigin getOrigin() {
        return SCMHeadOrigin.DEFAULT;
    }

    @Override
    public final boolean equals(Object o) {
        return o != null && getClass() == o.getClass() && name.equals(((SCMHead) o).name);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(name);
    }

    @Override
    public String toString() {
        return "SCMHead{'" + name + "'}";
    }

    /** Extension point: which head a branch job builds. */
    public abstract static class HeadByItem implements hudson.ExtensionPoint {
        public abstract SCMHead getHead(hudson.model.Item item);

        /** Null for a job that is no branch of a multibranch project. */
        public static SCMHead findHead(hudson.model.Item item) {
            for (HeadByItem by : hudson.ExtensionList.lookup(HeadByItem.class)) {
                SCMHead found = by.getHead(item);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
    }
}
