package io.jenkins.plugins.ephemeral.controlplane;

import java.util.Map;

/**
 * How a workflow is to be run (schema {@code TestWorkflowExecutionRequest}). The target is always one agent by name
 * with {@code OnlyWhenMatches}, which refuses a run that nobody would take instead of queueing it.
 *
 * @param agentName name of the agent, or null for whichever takes it
 * @param config values of its parameters
 * @param tags tags; the only reliable way to find the run again
 */
public record ExecutionRequest(String agentName, Map<String, String> config, Map<String, String> tags) {}
