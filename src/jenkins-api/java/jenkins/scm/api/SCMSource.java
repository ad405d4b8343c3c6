package jenkins.scm.api;

import hudson.model.Item;
import hudson.model.TaskListener;
import java.io.IOException;

/** Stand-in: a repository with heads. */
public abstract class SCMSource {
    private String id;

    public final String getId() {
        return id;
    }

    public final void setId(String id) {
        this.id = id;
    }

    /** The revision whose files may be trusted when {@code revision} is being built. */
    public SCMRevision getTrustedRevision(SCMRevision revision, TaskListener listener)
            throws IOException, InterruptedException {
        return revision;
    }

    /** Extension point: which source a branch job comes from. */
    public abstract static class SourceByItem implements hudson.ExtensionPoint {
        public abstract SCMSource getSource(Item item);

        /** Null for a job that is no branch of a multibranch project. */
        public static SCMSource findSource(Item item) {
            for (SourceByItem by : hudson.ExtensionList.lookup(SourceByItem.class)) {
                SCMSource found = by.getSource(item);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
    }
}
