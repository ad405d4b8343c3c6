package jenkins.scm.api;

import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.model.Item;
import hudson.model.Run;
import hudson.scm.SCM;
import java.io.Closeable;
import java.io.IOException;

/** Stand-in: reads files of a revision without a workspace. */
public abstract class SCMFileSystem implements Closeable {
    private final SCMRevision rev;

    protected SCMFileSystem(SCMRevision rev) {
        this.rev = rev;
    }

    @Override
    public void close() throws IOException {}

    public abstract long lastModified() throws IOException, InterruptedException;

    public abstract SCMFile getRoot();

    public SCMRevision getRevision() {
        return rev;
    }

    public final SCMFile child(String path) {
        return getRoot().child(path);
    }

    public static SCMFileSystem of(Item owner, SCM scm) throws IOException, InterruptedException {
        return of(owner, scm, null);
    }

    public static SCMFileSystem of(Item owner, SCM scm, SCMRevision rev) throws IOException, InterruptedException {
        return of(owner, scm, rev, null);
    }

    /** The file system of that revision (null: newest), or null where the SCM offers none. */
    public static SCMFileSystem of(Item owner, SCM scm, SCMRevision rev, Run<?, ?> build)
            throws IOException, InterruptedException {
        for (Builder b : ExtensionList.lookup(Builder.class)) {
            SCMFileSystem found = b.supports(scm) ? b.build(owner, scm, rev, build) : null;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    public static SCMFileSystem of(SCMSource source, SCMHead head) throws IOException, InterruptedException {
        return of(source, head, null);
    }

    public static SCMFileSystem of(SCMSource source, SCMHead head, SCMRevision rev)
            throws IOException, InterruptedException {
        for (Builder b : ExtensionList.lookup(Builder.class)) {
            SCMFileSystem found = b.supports(source) ? b.build(source, head, rev) : null;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Extension point: knows one kind of SCM. */
    public abstract static class Builder implements ExtensionPoint {
        public abstract boolean supports(SCM source);

        public abstract boolean supports(SCMSource source);

        public SCMFileSystem build(Item owner, SCM scm, SCMRevision rev) throws IOException, InterruptedException {
            return null;
        }

        public SCMFileSystem build(SCMSource source, SCMHead head, SCMRevision rev)
                throws IOException, InterruptedException {
            return null;
        }

        public SCMFileSystem build(Item owner, SCM scm, SCMRevision rev, Run<?, ?> build)
                throws IOException, InterruptedException {
            return build(owner, scm, rev);
        }
    }
}
