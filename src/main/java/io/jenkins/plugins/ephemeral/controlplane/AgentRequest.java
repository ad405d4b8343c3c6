package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;
import java.util.Map;

/**
 * What an agent is to be (request of {@code POST /organizations/{id}/agents}): one of the connection's Environment that
 * takes only runs that name it.
 *
 * @param name at most 40 characters of {@code [a-z0-9-.]}
 * @param labels labels to find it by
 * @param floating whether it takes a floating licence, only while connected
 * @param capabilities what it does: {@code runner}, {@code listener}, {@code gitops}
 */
public record AgentRequest(String name, Map<String, String> labels, boolean floating, List<String> capabilities) {
    /** One that runs workflows and does nothing else. */
    public AgentRequest(String name, Map<String, String> labels, boolean floating) {
        this(name, labels, floating, List.of("runner"));
    }
}
