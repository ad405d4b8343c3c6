package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import hudson.FilePath;
import hudson.model.Item;
import hudson.model.Run;
import hudson.scm.SCM;
import io.jenkins.plugins.ephemeral.workflow.ManifestSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import jenkins.scm.api.SCMFile;
import jenkins.scm.api.SCMFileSystem;
import jenkins.scm.api.SCMHead;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMRevisionAction;
import jenkins.scm.api.SCMSource;
import jenkins.triggers.SCMTriggerItem;
import org.apache.tools.ant.types.selectors.SelectorUtils;

/**
 * Where {@code files:} comes from: the workspace if the step has one, else the revision that the build's own
 * Jenkinsfile came from. In a multibranch project an untrusted change request is read at its trusted revision.
 */
final class FileSource {
    private static final int MAX_FILES = 1000;
    private static final int MAX_BYTES = 2 * 1024 * 1024;

    private FileSource() {}

    static List<ManifestSource> read(Surroundings around, String patterns) throws IOException, InterruptedException {
        FilePath workspace = around.context().get(FilePath.class);
        List<ManifestSource> sources =
                workspace != null ? fromWorkspace(workspace, patterns) : fromScm(around, patterns.split("\\s*,\\s*"));
        if (sources.isEmpty()) {
            throw new AbortException("files: nothing matches \"" + patterns + "\" in "
                    + (workspace != null
                            ? "the workspace " + workspace.getRemote()
                            : "the build's SCM revision (there is no workspace here)")
                    + ". The pattern is Ant's: a/**/*.yaml, several are separated by commas.");
        }
        return sources;
    }

    private static List<ManifestSource> fromWorkspace(FilePath workspace, String patterns)
            throws IOException, InterruptedException {
        List<ManifestSource> sources = new ArrayList<>();
        if (!workspace.exists()) {
            return sources; // nothing has been checked out or written yet
        }
        FilePath[] found = workspace.list(patterns);
        limit(found.length);
        String root = workspace.getRemote();
        for (FilePath file : found) {
            String path = file.getRemote();
            String name = path.startsWith(root) ? path.substring(root.length() + 1) : file.getName();
            try (InputStream in = file.read()) {
                sources.add(new ManifestSource(name.replace('\\', '/'), text(name, in)));
            }
        }
        return sources;
    }

    private static List<ManifestSource> fromScm(Surroundings around, String[] patterns)
            throws IOException, InterruptedException {
        List<ManifestSource> sources = new ArrayList<>();
        try (SCMFileSystem files = open(around)) {
            collect(files.getRoot(), patterns, sources);
        }
        return sources;
    }

    private static SCMFileSystem open(Surroundings around) throws IOException, InterruptedException {
        Run<?, ?> run = around.run();
        Item job = run.getParent();
        SCMSource source = SCMSource.SourceByItem.findSource(job);
        SCMHead head = SCMHead.HeadByItem.findHead(job);
        SCMFileSystem files = null;
        if (source != null && head != null) {
            SCMRevision revision = SCMRevisionAction.getRevision(source, run);
            if (revision != null) {
                SCMRevision trusted =
                        source.getTrustedRevision(revision, around.context().get(hudson.model.TaskListener.class));
                if (!trusted.equals(revision)) {
                    around.console()
                            .line("files are read at the trusted revision " + trusted + ", not at the untrusted "
                                    + revision);
                }
                files = SCMFileSystem.of(source, trusted.getHead(), trusted);
            } else {
                files = SCMFileSystem.of(source, head);
            }
        } else {
            SCMTriggerItem item = SCMTriggerItem.SCMTriggerItems.asSCMTriggerItem(job);
            Iterator<? extends SCM> scms = item == null ? null : item.getSCMs().iterator();
            if (scms != null && scms.hasNext()) {
                files = SCMFileSystem.of(job, scms.next());
            }
        }
        if (files == null) {
            throw new AbortException("files: there is no workspace here, and this job's Jenkinsfile does not come from"
                    + " an SCM that can be read without one. Put the step inside node { }, or use manifests:.");
        }
        return files;
    }

    private static void collect(SCMFile folder, String[] patterns, List<ManifestSource> sources)
            throws IOException, InterruptedException {
        for (SCMFile child : folder.children()) {
            String path = child.getPath();
            if (child.isDirectory()) {
                if (mayContain(path, patterns)) {
                    collect(child, patterns, sources);
                }
            } else if (child.isFile() && matches(path, patterns)) {
                limit(sources.size() + 1);
                try (InputStream in = child.content()) {
                    sources.add(new ManifestSource(path, text(path, in)));
                }
            }
        }
    }

    private static boolean mayContain(String folder, String[] patterns) {
        for (String pattern : patterns) {
            if (SelectorUtils.matchPatternStart(pattern, folder)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String path, String[] patterns) {
        for (String pattern : patterns) {
            if (SelectorUtils.matchPath(pattern, path)) {
                return true;
            }
        }
        return false;
    }

    private static void limit(int files) throws AbortException {
        if (files > MAX_FILES) {
            throw new AbortException("files: more than " + MAX_FILES + " files match; name them more closely");
        }
    }

    private static String text(String name, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new AbortException("files: " + name + " is larger than " + MAX_BYTES / 1024 / 1024 + " MiB");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
