package io.jenkins.plugins.ephemeral;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.FilePath;
import hudson.Launcher;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.scm.ChangeLogParser;
import hudson.scm.NullChangeLogParser;
import hudson.scm.SCM;
import hudson.scm.SCMDescriptor;
import hudson.scm.SCMRevisionState;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jenkins.scm.api.SCMFile;
import jenkins.scm.api.SCMFileSystem;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMSource;
import jenkins.scm.api.SCMSourceDescriptor;

/** A folder as an SCM that can be read without a checkout, so that a job has a Jenkinsfile with files beside it. */
public final class FolderScm extends SCM {
    private final String folder;

    /** @param folder what stands for the repository */
    public FolderScm(Path folder) {
        this.folder = folder.toAbsolutePath().toString();
    }

    @Override
    public boolean supportsPolling() {
        return false;
    }

    @Override
    public void checkout(
            @NonNull Run<?, ?> build,
            @NonNull Launcher launcher,
            @NonNull FilePath workspace,
            @NonNull TaskListener listener,
            File changelogFile,
            SCMRevisionState baseline)
            throws IOException, InterruptedException {
        new FilePath(new File(folder)).copyRecursiveTo(workspace);
    }

    @Override
    public SCMRevisionState calcRevisionsFromBuild(
            @NonNull Run<?, ?> build, FilePath workspace, Launcher launcher, @NonNull TaskListener listener) {
        return SCMRevisionState.NONE;
    }

    @Override
    public ChangeLogParser createChangeLogParser() {
        return NullChangeLogParser.INSTANCE;
    }

    /** Its descriptor. */
    @Extension
    public static final class DescriptorImpl extends SCMDescriptor<FolderScm> {
        /** No repository browser. */
        public DescriptorImpl() {
            super(FolderScm.class, null);
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return "Folder";
        }
    }

    /** Opens the folder. */
    @Extension
    public static final class Opener extends SCMFileSystem.Builder {
        @Override
        public boolean supports(SCM source) {
            return source instanceof FolderScm;
        }

        @Override
        public boolean supports(SCMSource source) {
            return false;
        }

        @Override
        protected boolean supportsDescriptor(SCMDescriptor descriptor) {
            return descriptor instanceof DescriptorImpl;
        }

        @Override
        protected boolean supportsDescriptor(SCMSourceDescriptor descriptor) {
            return false;
        }

        @Override
        public SCMFileSystem build(@NonNull Item owner, @NonNull SCM scm, SCMRevision revision) {
            return new Opened(new File(((FolderScm) scm).folder));
        }
    }

    private static final class Opened extends SCMFileSystem {
        private final File root;

        Opened(File root) {
            super(null);
            this.root = root;
        }

        @Override
        public long lastModified() {
            return root.lastModified();
        }

        @NonNull
        @Override
        public SCMFile getRoot() {
            return new OpenedFile(root);
        }
    }

    private static final class OpenedFile extends SCMFile {
        private final File file;

        OpenedFile(File root) {
            this.file = root;
        }

        OpenedFile(OpenedFile parent, String name) {
            super(parent, name);
            this.file = new File(parent.file, name);
        }

        @NonNull
        @Override
        protected SCMFile newChild(@NonNull String name, boolean assumeIsDirectory) {
            return new OpenedFile(this, name);
        }

        @NonNull
        @Override
        public Iterable<SCMFile> children() throws IOException {
            List<SCMFile> children = new ArrayList<>();
            try (Stream<Path> found = Files.list(file.toPath())) {
                found.sorted()
                        .forEach(child ->
                                children.add(newChild(child.getFileName().toString(), Files.isDirectory(child))));
            }
            return children;
        }

        @Override
        public long lastModified() {
            return file.lastModified();
        }

        @NonNull
        @Override
        protected Type type() {
            return file.isDirectory() ? Type.DIRECTORY : file.isFile() ? Type.REGULAR_FILE : Type.NONEXISTENT;
        }

        @NonNull
        @Override
        public InputStream content() throws IOException {
            return Files.newInputStream(file.toPath());
        }
    }
}
