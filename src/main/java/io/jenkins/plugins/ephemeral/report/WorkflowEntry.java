package io.jenkins.plugins.ephemeral.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** All runs of one workflow in a build, over all its environments. Workflows are told apart by name alone. */
public final class WorkflowEntry {
    /** Name of the workflow: the key of this entry. */
    public String name;

    /** Worst verdict of its runs, computed by {@link Merging}. */
    public Verdict verdict;

    /** Its runs, oldest first. */
    public List<Execution> executions = new ArrayList<>();

    /** What became of it in earlier builds of the job, oldest first; written when the report is published. */
    public List<Past> history = new ArrayList<>();

    /** Why it is called flaky, a sentence; null if it is not. */
    public String flaky;

    /** One earlier build. */
    public static final class Past {
        /** Number of the build. */
        public int build;

        /** Its verdict there. */
        public Verdict verdict;

        /** The commit that was built, or null if it is not known. */
        public String commit;
    }

    /** One run: one Testkube execution. */
    public static final class Execution {
        /** The execution's id: the key of this entry. */
        public String id;

        /** The execution's name, such as {@code api-junit-12}. */
        public String name;

        /** Name of the environment it ran in. */
        public String environment;

        /** Verdict. */
        public Verdict verdict;

        /** The control plane's own status word. */
        public String status;

        /** Why it did not pass, a sentence, or null. */
        public String reason;

        /** Link to the control plane's page, http(s), or null. */
        public String link;

        /** Whether a trigger started it. */
        public boolean triggered;

        /** The workflow's name in the control plane where it is a variant of the environment's own; else null. */
        public String variant;

        /** Whether another run took its place: its verdict does not count. */
        public boolean superseded;

        /** When it was queued. */
        public Instant queuedAt;

        /** When it ran; null if never. */
        public Instant startedAt;

        /** When it was over; null while it runs. */
        public Instant finishedAt;

        /** Its steps in order. */
        public List<Step> steps = new ArrayList<>();

        /** Its test suites, read from JUnit files. */
        public List<Suite> suites = new ArrayList<>();

        /** Its artifacts. */
        public List<Artifact> artifacts = new ArrayList<>();

        /** Its log without control lines, the last 256 KiB at most. */
        public String log;

        /** Output variables: name to value. */
        public java.util.Map<String, String> outputs = new java.util.LinkedHashMap<>();
    }

    /** One step of a run. */
    public static final class Step {
        /** Ref of this run, not stable between runs. */
        public String ref;

        /** Name for people. */
        public String name;

        /** Verdict. */
        public Verdict verdict;

        /** The control plane's own status word. */
        public String status;

        /** Exit code; null if unknown. */
        public Integer exitCode;

        /** Its error message, or null. */
        public String reason;

        /** Begin; null if it never ran. */
        public Instant startedAt;

        /** End; null while it runs. */
        public Instant finishedAt;
    }

    /** One test suite. */
    public static final class Suite {
        /** Name. */
        public String name;

        /** The file it was read from. */
        public String file;

        /** Counts: all, failed (errors included) and skipped. */
        public int tests;

        /** See {@link #tests}. */
        public int failed;

        /** See {@link #tests}. */
        public int skipped;

        /** Duration in milliseconds. */
        public long durationMillis;

        /** Its cases; capped, see {@link #omittedCases}. */
        public List<Case> cases = new ArrayList<>();

        /** How many passed cases were left out here because there were too many; counts stay right. */
        public int omittedCases;
    }

    /** One test case. */
    public static final class Case {
        /** Class name, may be empty. */
        public String className;

        /** Name. */
        public String name;

        /** PASSED, FAILED, ERROR or SKIPPED. */
        public Verdict verdict;

        /** Duration in milliseconds. */
        public long durationMillis;

        /** Message of the failure or of the skip; null if there is none. */
        public String message;

        /** Stack trace or details; null if there are none. */
        public String details;

        /** Standard output and error, capped; null if there is none. */
        public String output;
    }

    /** One artifact. */
    public static final class Artifact {
        /** Path in the run. */
        public String name;

        /** Size in bytes. */
        public long sizeBytes;

        /** Path below the build's archive, or null if it was not kept. */
        public String path;
    }
}
