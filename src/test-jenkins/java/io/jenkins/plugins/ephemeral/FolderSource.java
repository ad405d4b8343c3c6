package io.jenkins.plugins.ephemeral;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.TaskListener;
import hudson.scm.SCM;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import jenkins.scm.api.SCMFile;
import jenkins.scm.api.SCMHead;
import jenkins.scm.api.SCMHeadEvent;
import jenkins.scm.api.SCMHeadObserver;
import jenkins.scm.api.SCMNavigator;
import jenkins.scm.api.SCMProbe;
import jenkins.scm.api.SCMProbeStat;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMSource;
import jenkins.scm.api.SCMSourceCriteria;
import jenkins.scm.api.SCMSourceDescriptor;
import jenkins.scm.api.mixin.ChangeRequestCheckoutStrategy;
import jenkins.scm.api.mixin.ChangeRequestSCMHead2;
import jenkins.scm.impl.SingleSCMSource;

/** A folder as a repository: each folder in it is a branch of that name, {@code PR-7} the pull request 7. */
public final class FolderSource extends SCMSource {
    private final String folder;

    /** @param folder what stands for the repository */
    public FolderSource(Path folder) {
        this.folder = folder.toAbsolutePath().toString();
        setId("folder");
    }

    @Override
    protected void retrieve(
            SCMSourceCriteria criteria,
            @NonNull SCMHeadObserver observer,
            SCMHeadEvent<?> event,
            @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        List<Path> branches;
        try (Stream<Path> found = Files.list(Path.of(folder))) {
            branches = found.sorted().toList();
        }
        for (Path each : branches) {
            SCMHead head = head(each.getFileName().toString());
            SCMRevision revision = new FolderRevision(head);
            if (criteria == null || criteria.isHead(newProbe(head, revision), listener)) {
                observer.observe(head, revision);
            }
        }
    }

    @NonNull
    @Override
    public SCM build(@NonNull SCMHead head, SCMRevision revision) {
        return new FolderScm(Path.of(folder, head.getName()));
    }

    @NonNull
    @Override
    protected SCMProbe createProbe(@NonNull SCMHead head, SCMRevision revision) {
        File branch = new File(folder, head.getName());
        return new SCMProbe() {
            private static final long serialVersionUID = 1L;

            @Override
            public String name() {
                return head.getName();
            }

            @Override
            public long lastModified() {
                return branch.lastModified();
            }

            @NonNull
            @Override
            public SCMProbeStat stat(@NonNull String path) {
                return SCMProbeStat.fromType(
                        new File(branch, path).isFile() ? SCMFile.Type.REGULAR_FILE : SCMFile.Type.NONEXISTENT);
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    /** That of another source, as this one has no form. */
    @Override
    public SCMSourceDescriptor getDescriptor() {
        return (SCMSourceDescriptor) Jenkins.get().getDescriptorOrDie(SingleSCMSource.class);
    }

    private static SCMHead head(String name) {
        return name.startsWith("PR-") ? new PullRequest(name) : new SCMHead(name);
    }

    /** Deletes a branch, and says so as the web hook of a provider does. */
    public void close(String name) throws IOException {
        File branch = new File(folder, name);
        for (File file : branch.listFiles()) {
            Files.delete(file.toPath());
        }
        Files.delete(branch.toPath());
        SCMHeadEvent.fireNow(new Closed(name));
    }

    /** Something that was heard of the end of a branch. */
    private static final class Closed extends SCMHeadEvent<String> {
        Closed(String name) {
            super(Type.REMOVED, name, "test");
        }

        @Override
        public boolean isMatch(@NonNull SCMNavigator navigator) {
            return false;
        }

        @NonNull
        @Override
        public String getSourceName() {
            return "folder";
        }

        @NonNull
        @Override
        public Map<SCMHead, SCMRevision> heads(@NonNull SCMSource source) {
            SCMHead head = head(getPayload());
            return source instanceof FolderSource ? Map.of(head, new FolderRevision(head)) : Map.of();
        }

        @Override
        public boolean isMatch(@NonNull SCM scm) {
            return false;
        }
    }

    /** The one state that a branch has. */
    public static final class FolderRevision extends SCMRevision {
        private static final long serialVersionUID = 1L;

        FolderRevision(SCMHead head) {
            super(head);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof FolderRevision
                    && ((FolderRevision) other).getHead().equals(getHead());
        }

        @Override
        public int hashCode() {
            return getHead().hashCode();
        }
    }

    /** A pull request against the branch {@code main}. */
    public static final class PullRequest extends SCMHead implements ChangeRequestSCMHead2 {
        private static final long serialVersionUID = 1L;

        PullRequest(String name) {
            super(name);
        }

        @NonNull
        @Override
        public String getId() {
            return getName().substring("PR-".length());
        }

        @NonNull
        @Override
        public SCMHead getTarget() {
            return new SCMHead("main");
        }

        @NonNull
        @Override
        public String getOriginName() {
            return "feature-" + getId();
        }

        @NonNull
        @Override
        public ChangeRequestCheckoutStrategy getCheckoutStrategy() {
            return ChangeRequestCheckoutStrategy.HEAD;
        }
    }
}
