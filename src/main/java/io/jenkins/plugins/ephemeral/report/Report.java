package io.jenkins.plugins.ephemeral.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything one build learned. The JSON form of this bean is what the page reads, what webhooks receive and what is
 * kept with the build; field names are stable within a {@link #formatVersion}. Times are RFC 3339 in UTC, durations
 * milliseconds; absent values are null.
 */
public final class Report {
    /** Version of this format. */
    public int formatVersion = 1;

    /** Full name of the job. */
    public String jobFullName;

    /** Number of the build. */
    public int buildNumber;

    /** URL of the build, or null. */
    public String runUrl;

    /** The commit that was built, or null if it is not known. */
    public String commit;

    /** When the first entry was written. */
    public Instant startedAt;

    /** When the build was over; null while it runs. */
    public Instant finishedAt;

    /** Tags of {@code ephemeralPublish}, {@code key=value}. */
    public List<String> tags = new ArrayList<>();

    /** The build's environments. */
    public List<EnvironmentEntry> environments = new ArrayList<>();

    /** The build's stage Jobs. */
    public List<StageEntry> stages = new ArrayList<>();

    /** Workflow runs, merged by workflow name. */
    public List<WorkflowEntry> workflows = new ArrayList<>();

    /** What could not be done or is left open, sentences for people. */
    public List<String> notices = new ArrayList<>();

    /** The worst of all verdicts, computed by {@link Merging}. */
    public Verdict verdict;
}
