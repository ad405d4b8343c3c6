package io.jenkins.plugins.ephemeral.controlplane;

import java.util.Map;

/**
 * What an agent is to be (request of {@code POST /organizations/{id}/agents}): one that runs workflows of the
 * connection's Environment, and only those that name it.
 *
 * @param name at most 40 characters of {@code [a-z0-9-.]}
 * @param labels labels to find it by
 * @param floating whether it takes a floating licence, only while connected
 */
public record AgentRequest(String name, Map<String, String> labels, boolean floating) {}
