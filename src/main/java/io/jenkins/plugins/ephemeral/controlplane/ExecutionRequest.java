package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;
import java.util.Map;

/**
 * How a workflow is to be run (schema {@code TestWorkflowExecutionRequest}).
 *
 * @param agentName name of the agent that takes it, or null for whichever does
 * @param config values of its parameters
 * @param tags tags; the only reliable way to find the run again
 * @param target labels of agents that may take it, instead of {@code agentName}; values separated by commas
 * @param onlyWhenMatches whether a run that nobody would take is refused instead of queued
 */
public record ExecutionRequest(
        String agentName,
        Map<String, String> config,
        Map<String, String> tags,
        Map<String, String> target,
        boolean onlyWhenMatches) {
    /** One for an agent by name, refused if that is not there. */
    public ExecutionRequest(String agentName, Map<String, String> config, Map<String, String> tags) {
        this(agentName, config, tags, Map.of(), true);
    }

    /** Labels and their values that an agent must have; empty for any agent. */
    Map<String, List<String>> match() {
        if (target.isEmpty()) {
            return agentName == null ? Map.of() : Map.of("name", List.of(agentName));
        }
        Map<String, List<String>> match = new java.util.LinkedHashMap<>();
        target.forEach((label, values) -> match.put(label, List.of(values.trim().split("\\s*,\\s*"))));
        return match;
    }
}
