package io.jenkins.plugins.ephemeral.report;

/** What came of something, from best to worst. */
public enum Verdict {
    /** Was not run, on purpose. */
    SKIPPED,
    /** Good. */
    PASSED,
    /** The program or a test said no. */
    FAILED,
    /** Somebody or something stopped it. */
    ABORTED,
    /** It could not be run, or nobody knows: infrastructure, not the program. */
    ERROR,
    /** Still going on. */
    RUNNING
}
