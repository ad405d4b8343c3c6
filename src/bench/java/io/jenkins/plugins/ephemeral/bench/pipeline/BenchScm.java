package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.Extension;
import hudson.model.Item;
import hudson.scm.SCM;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import jenkins.scm.api.SCMFile;
import jenkins.scm.api.SCMFileSystem;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMSource;

/** A directory that stands for the one revision of a repository. */
public final class BenchScm extends SCM {
    private final File directory;

    public BenchScm(File directory) {
        this.directory = directory;
    }

    /** Reads its files without a workspace. */
    @Extension
    public static final class FileSystems extends SCMFileSystem.Builder {
        @Override
        public boolean supports(SCM source) {
            return source instanceof BenchScm;
        }

        @Override
        public boolean supports(SCMSource source) {
            return false;
        }

        @Override
        public SCMFileSystem build(Item owner, SCM scm, SCMRevision rev) {
            return new FileSystem(((BenchScm) scm).directory, rev);
        }
    }

    private static final class FileSystem extends SCMFileSystem {
        private final File root;

        FileSystem(File root, SCMRevision rev) {
            super(rev);
            this.root = root;
        }

        @Override
        public long lastModified() {
            return root.lastModified();
        }

        @Override
        public SCMFile getRoot() {
            return new LocalFile(root);
        }
    }

    private static final class LocalFile extends SCMFile {
        private final File file;

        LocalFile(File root) {
            this.file = root;
        }

        private LocalFile(LocalFile parent, String name) {
            super(parent, name);
            this.file = new File(parent.file, name);
        }

        @Override
        protected SCMFile newChild(String name, boolean assumeIsDirectory) {
            return new LocalFile(this, name);
        }

        @Override
        public Iterable<SCMFile> children() {
            List<SCMFile> all = new ArrayList<>();
            String[] names = file.list();
            for (String name : names == null ? new String[0] : names) {
                all.add(new LocalFile(this, name));
            }
            return all;
        }

        @Override
        public long lastModified() {
            return file.lastModified();
        }

        @Override
        protected Type type() {
            return file.isDirectory() ? Type.DIRECTORY : file.isFile() ? Type.REGULAR_FILE : Type.NONEXISTENT;
        }

        @Override
        public InputStream content() throws IOException {
            return Files.newInputStream(file.toPath());
        }
    }
}
