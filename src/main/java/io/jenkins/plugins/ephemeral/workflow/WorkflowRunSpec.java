package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which workflows are to be run and how; a plain bean with the step's defaults. */
public final class WorkflowRunSpec extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Name of the control plane. */
    public String controlPlane;

    /** {@code namespace/service:port} of a standalone agent's own API, instead of {@link #controlPlane}; else null. */
    public String agentService;

    /** Name of the agent that the runs target; null for one that has none. */
    public String agentName;

    /**
     * Namespace in which runs are started by {@code TestWorkflowExecution} resources: the agent's; null: they are started
     * by its API.
     */
    public String executionNamespace;

    /** Names of workflows; empty: those of {@link #selector}. */
    public List<String> workflows = new ArrayList<>();

    /** Label selector over workflows, such as {@code tier=smoke}; null: none. Both missing: all applied ones. */
    public String selector;

    /** Values for the workflows' config parameters. */
    public Map<String, String> config = new LinkedHashMap<>();

    /** More tags; those of job and build are added. */
    public Map<String, String> tags = new LinkedHashMap<>();

    /** Names of workflows whose runs are not started but waited for: triggers start them. */
    public List<String> awaitTriggered = new ArrayList<>();

    /** Labels of the agents that may take the runs, instead of {@link #agentName}; values separated by commas. */
    public Map<String, String> target = new LinkedHashMap<>();

    /** Refuse a run that no agent would take now, instead of queueing it. */
    public boolean onlyWhenMatches = true;

    /** How many runs at once; 0: all. */
    public int maxConcurrent;

    /** Whether the others are aborted when one does not pass. */
    public boolean failFast;

    /** How often a run is repeated that the control plane aborted for reasons of its own. */
    public int retries;

    /** Tags that lead back to branch, pull request and commit. */
    public Map<String, String> buildTags = new LinkedHashMap<>();

    /** Bound for all runs together. */
    public Duration timeout = Duration.ofHours(1);

    /** Which test report files to fetch and read: a glob over artifact names. */
    public String junit = "**/*.xml";
}
