package io.jenkins.plugins.ephemeral.controlplane;

/** Endpoint, identity and Environment of one Testkube control plane. */
public interface TestkubeConnection {
    /** The name users know it by. */
    String name();

    /** Base URL of its REST API, such as {@code https://api.testkube.io}. */
    String apiUrl();

    /** Address that agents connect to: {@code agent.testkube.io:443}. */
    String agentAddress();

    /** Base URL of its dashboard for links, or empty. */
    String dashboardUrl();

    /** Id of the organization, {@code tkcorg_...}. */
    String organizationId();

    /** Id of the Environment, {@code tkcenv_...}. */
    String environmentId();

    /**
     * The API token, {@code tkcapi_...}; asked for before each call.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if its credentials are missing
     */
    String apiToken();

    /**
     * The identity of the one agent that environments share, as it was pasted: Testkube's generated command, or ids and
     * key in any other order. Empty if none is configured.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if its credentials are missing
     */
    default String sharedAgent() {
        return "";
    }

    /** Name of the cluster that keeps the queue for the shared agent; empty for the environment's own cluster. */
    default String queueCluster() {
        return "";
    }

    /** Namespace that keeps the queue for the shared agent. */
    default String queueNamespace() {
        return "jenkins";
    }
}
