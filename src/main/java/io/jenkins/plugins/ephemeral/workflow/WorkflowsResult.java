package io.jenkins.plugins.ephemeral.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of the runs of one step. */
public final class WorkflowsResult {
    /** Names of workflows by verdict; a workflow is in one of them. */
    public final List<String> passed = new ArrayList<>();

    /** See {@link #passed}. */
    public final List<String> failed = new ArrayList<>();

    /** See {@link #passed}. */
    public final List<String> aborted = new ArrayList<>();

    /** Counts of test cases over all runs. */
    public int tests;

    /** See {@link #tests}. */
    public int failedTests;

    /** See {@link #tests}. */
    public int skippedTests;

    /** Ids of the executions. */
    public final List<String> executionIds = new ArrayList<>();

    /** What steps gave out: by name of the workflow, then of the value. */
    public final Map<String, Map<String, String>> outputs = new LinkedHashMap<>();

    /** One sentence per workflow that did not pass. */
    public final List<String> reasons = new ArrayList<>();
}
