package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;

/**
 * What the objects of one agent are rendered from.
 *
 * @param environment environment of the agent
 * @param execution environment of its runs; most often the same
 * @param spec what was asked for
 * @param images the chosen images
 * @param credentials what it authenticates with
 * @param restricted whether the namespace of its runs enforces Pod Security's {@code restricted}
 * @param serverPort port of the cluster's API server as Jenkins reaches it
 */
record AgentDesign(
        EnvironmentRecord environment,
        EnvironmentRecord execution,
        AgentSpec spec,
        AgentImages images,
        AgentCredentials credentials,
        boolean restricted,
        int serverPort) {
    /** Namespace of the agent. */
    String namespace() {
        return environment.name;
    }

    /** Namespace of its runs. */
    String executionNamespace() {
        return execution.name;
    }

    boolean isElsewhere() {
        return !execution.name.equals(environment.name);
    }

    boolean isWatching() {
        return spec.triggers || spec.gitops;
    }
}
