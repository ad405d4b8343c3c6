package io.jenkins.plugins.ephemeral.controlplane;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An agent as the control plane describes it (schema {@code Agent} of its OpenAPI file). Times are the control plane's
 * own; compare them with each other only.
 *
 * @param id {@code tkcagent_...}
 * @param name unique among the organization's living agents
 * @param labels labels it was made with
 * @param environmentIds Environments it belongs to
 * @param createdAt when it was made; null if not said
 * @param accessedAt when it last connected; null if never
 * @param deletedAt when it was deleted; null if it lives
 * @param disabled whether a person switched it off
 * @param version version of the agent that connected; empty if none did
 * @param namespace namespace of the agent that connected; empty if none did
 * @param secretKey {@code tkckey_...}; only in the answer to its creation, else null
 */
public record TestkubeAgent(
        String id,
        String name,
        Map<String, String> labels,
        List<String> environmentIds,
        Instant createdAt,
        Instant accessedAt,
        Instant deletedAt,
        boolean disabled,
        String version,
        String namespace,
        String secretKey) {

    /** Whether an agent has connected under this identity since it was made. */
    public boolean hasConnected() {
        return accessedAt != null && createdAt != null && accessedAt.isAfter(createdAt);
    }

    /** Without the secret key. */
    @Override
    public String toString() {
        return name + " (" + id + ')';
    }
}
