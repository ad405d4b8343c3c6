package io.jenkins.plugins.ephemeral.agent;

/**
 * What an agent authenticates with.
 *
 * @param id its id in the control plane, {@code tkcagent_...}; empty for an Environment's own token, which needs none
 * @param key {@code tkckey_...}, or {@code tkcagnt_...} for an Environment's own token; null if the namespace's Secret
 *     holds it already
 * @param organizationId {@code tkcorg_...}
 * @param environmentId {@code tkcenv_...}
 * @param address where it connects to, {@code agent.testkube.io:443}
 */
record AgentCredentials(String id, String key, String organizationId, String environmentId, String address) {
    /** Whether it is the token of an Environment instead of an agent of its own. */
    boolean isEnvironmentToken() {
        return id.isEmpty();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return id;
    }
}
