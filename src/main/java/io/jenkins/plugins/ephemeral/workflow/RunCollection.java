package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.Download;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeArtifact;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Fetches what a run leaves, before anything is deleted: artifacts, the test reports among them, and the log. One file
 * at a time; begun anew after a restart. Names are the run's and not trusted. What is too much or cannot be had becomes
 * a notice in the report and never a failure.
 */
final class RunCollection implements AutoCloseable {
    static final int MAX_FILES = 200;
    static final long MAX_FILE_BYTES = 50L * 1024 * 1024;
    static final long MAX_ALL_BYTES = 200L * 1024 * 1024;
    private static final int LOG_BYTES = 256 * 1024;
    /** What a file in a build's folder may be called: no separators at the ends, no parents, no drive, no control. */
    private static final Pattern SAFE = Pattern.compile("[^/\\\\:\\p{Cntrl}][^\\\\:\\p{Cntrl}]{0,500}");

    /** Names that are devices on Windows, and ends that it drops. */
    private static final Pattern RESERVED =
            Pattern.compile("(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?|.*[. ]");

    private static final int MAX_TRIES = 5;

    /** How many files that are not kept are named one by one. */
    private static final int MAX_NAMED = 20;

    private final TestkubeClient client;
    private final TestkubeExecution run;
    private final String workflow;
    private final Path folder;
    private final Pattern reports;
    private final Runnable wake;
    private final List<WorkflowEntry.Artifact> artifacts = new ArrayList<>();
    private final List<WorkflowEntry.Suite> suites = new ArrayList<>();
    private final TestReports tests = new TestReports();
    private final List<String> notices = new ArrayList<>();
    private final Map<String, TestkubeArtifact> names = new HashMap<>();
    private Deque<TestkubeArtifact> left;
    private Download<Path> file;
    private Download<byte[]> log;
    private String logText;
    private long bytes;
    private int tries;
    private int notKept;

    RunCollection(
            TestkubeClient client,
            TestkubeExecution run,
            String workflow,
            Path artifacts,
            String junit,
            Runnable wake) {
        this.client = client;
        this.run = run;
        this.workflow = workflow;
        this.folder = artifacts.resolve(run.id().replaceAll("[^A-Za-z0-9_-]", "_"));
        this.reports = Globs.pattern(junit);
        this.wake = wake;
    }

    /** One look: takes what has arrived and asks for the next. True when all is there and in the report. */
    boolean proceed(ReportStore report) throws InterruptedException {
        try {
            if (left == null) {
                left = new ArrayDeque<>(client.artifacts(run.id()));
            }
            while (file != null || !left.isEmpty()) {
                if (file == null && !begin(left.peek())) {
                    left.poll();
                    continue;
                }
                if (!file.isDone()) {
                    return false;
                }
                Download<Path> arrived = file;
                file = null;
                take(left.peek(), arrived.result());
                left.poll();
                tries = 0;
            }
            if (logText == null) {
                if (log == null) {
                    log = client.streams().logTail(run.id(), LOG_BYTES);
                    log.whenDone(wake);
                }
                if (!log.isDone()) {
                    return false;
                }
                Download<byte[]> arrived = log;
                log = null;
                logText = RunLog.text(arrived.result());
            }
        } catch (QueuedFault queued) {
            // nothing is wrong with the file
            throw queued;
        } catch (TransientFault fault) {
            if (++tries < MAX_TRIES) {
                throw fault;
            }
            giveUp(fault);
            return proceed(report);
        } catch (Fault fault) {
            giveUp(fault);
            return proceed(report);
        }
        write(report);
        return true;
    }

    private void giveUp(Fault fault) {
        notices.add(workflow + ": " + fault.getMessage());
        tries = 0;
        if (left == null) {
            left = new ArrayDeque<>();
        } else if (!left.isEmpty()) {
            drop(left.poll());
        } else {
            logText = "";
        }
    }

    /** What came of a file before it failed: nobody would find it, and it would count nowhere. */
    private void drop(TestkubeArtifact artifact) {
        Path begun = target(artifact.name());
        try {
            if (begun != null) {
                Files.deleteIfExists(begun);
            }
        } catch (IOException e) {
            notices.add(workflow + ": a part of artifact " + printable(artifact.name()) + " cannot be deleted");
        }
    }

    /** Asks for a file, or says why not. */
    private boolean begin(TestkubeArtifact artifact) throws InterruptedException {
        Path target = target(artifact.name());
        Path parent = target == null ? null : target.getParent();
        String refusal = parent == null
                ? "its name leads out of the build's folder, or is none on every system"
                : refusal(artifact);
        if (parent == null || refusal != null) {
            notKept(artifact, refusal);
            return false;
        }
        try {
            Files.createDirectories(parent);
        } catch (IOException e) {
            notKept(artifact, "its folder cannot be made, as a file has that name or the disk is full");
            return false;
        }
        file = client.streams().artifact(run.id(), artifact.name(), target, MAX_FILE_BYTES);
        file.whenDone(wake);
        return true;
    }

    /** A run may leave a hundred thousand files: only some are named. */
    private void notKept(TestkubeArtifact artifact, String because) {
        if (++notKept <= MAX_NAMED) {
            notices.add(workflow + ": artifact " + printable(artifact.name()) + " is not kept: " + because + ".");
        }
    }

    private String refusal(TestkubeArtifact artifact) {
        TestkubeArtifact same = names.putIfAbsent(artifact.name().toLowerCase(Locale.ROOT), artifact);
        // the same one comes again when it could not be fetched at once
        if (same != null && same != artifact) {
            return "another one differs from it in upper and lower case only";
        }
        if (artifact.status().equals("failed")) {
            return "the control plane says that its upload failed";
        }
        if (artifacts.size() >= MAX_FILES) {
            return "more than " + MAX_FILES + " files";
        }
        if (artifact.sizeBytes() > MAX_FILE_BYTES) {
            return artifact.sizeBytes() + " bytes are more than " + MAX_FILE_BYTES;
        }
        return bytes + artifact.sizeBytes() > MAX_ALL_BYTES ? "more than " + MAX_ALL_BYTES + " bytes in all" : null;
    }

    /** Where a file goes, or null if its name does not lead into the folder. */
    private Path target(String name) {
        if (!SAFE.matcher(name).matches() || name.startsWith("/")) {
            return null;
        }
        for (String part : name.split("/")) {
            if (part.isEmpty() || RESERVED.matcher(part).matches()) {
                return null;
            }
        }
        Path target = folder.resolve(name).normalize();
        return target.startsWith(folder) && !target.equals(folder) && !isLinked(target) ? target : null;
    }

    /** Whether a link is on the way: nobody but us should write there, and none of ours is one. */
    private boolean isLinked(Path target) {
        for (Path part = target; part != null && !part.equals(folder); part = part.getParent()) {
            if (Files.isSymbolicLink(part)) {
                return true;
            }
        }
        return false;
    }

    private void take(TestkubeArtifact artifact, Path path) {
        WorkflowEntry.Artifact kept = new WorkflowEntry.Artifact();
        kept.name = artifact.name();
        kept.path = folder.getFileName() + "/" + artifact.name();
        try {
            kept.sizeBytes = Files.size(path);
            bytes += kept.sizeBytes;
            if (reports.matcher(artifact.name()).matches()) {
                try (InputStream in = Files.newInputStream(path)) {
                    suites.addAll(tests.read(in, artifact.name()));
                }
            }
        } catch (IOException e) {
            notices.add(workflow + ": " + e.getMessage());
        }
        artifacts.add(kept);
    }

    private void write(ReportStore report) {
        if (notKept > MAX_NAMED) {
            notices.add(workflow + ": " + (notKept - MAX_NAMED) + " more artifacts are not kept.");
        }
        tests.notes().forEach(note -> notices.add(workflow + ": " + note));
        report.update(written -> {
            WorkflowEntry.Execution entry = Merging.execution(written, workflow, run.id());
            entry.artifacts = artifacts;
            entry.suites = suites;
            entry.log = logText.isEmpty() ? null : logText;
            for (String notice : notices) {
                if (!written.notices.contains(notice)) {
                    written.notices.add(notice);
                }
            }
        });
    }

    /** The test suites that were read. */
    List<WorkflowEntry.Suite> suites() {
        return suites;
    }

    private static String printable(String name) {
        String cut = name.length() > 120 ? name.substring(0, 120) + "…" : name;
        return '"' + cut.replaceAll("\\p{Cntrl}", "?") + '"';
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
        if (log != null) {
            log.close();
        }
    }
}
