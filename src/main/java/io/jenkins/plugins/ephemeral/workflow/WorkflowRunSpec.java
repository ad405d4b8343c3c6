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

    /** Name of the agent that the runs target. */
    public String agentName;

    /** Names of workflows; empty: those of {@link #selector}. */
    public List<String> workflows = new ArrayList<>();

    /** Label selector over workflows, such as {@code tier=smoke}; null: none. Both missing: all applied ones. */
    public String selector;

    /** Values for the workflows' config parameters. */
    public Map<String, String> config = new LinkedHashMap<>();

    /** More tags; those of job and build are added. */
    public Map<String, String> tags = new LinkedHashMap<>();

    /** Bound for all runs together. */
    public Duration timeout = Duration.ofHours(1);

    /** Which test report files to fetch and read: a glob over artifact names. */
    public String junit = "**/*.xml";
}
