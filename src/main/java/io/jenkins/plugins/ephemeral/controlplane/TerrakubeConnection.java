package io.jenkins.plugins.ephemeral.controlplane;

/** Endpoint, identity and organization of one Terrakube control plane. */
public interface TerrakubeConnection {
    /** The name users know it by. */
    String name();

    /** Base URL of its API, such as {@code https://terrakube-api.example.com}. */
    String apiUrl();

    /** Base URL of its user interface for links, or empty. */
    String uiUrl();

    /** Name of the organization. */
    String organization();

    /** Name of the cluster in which its ephemeral executors run, or empty if they cannot be looked at. */
    String cluster();

    /** Namespace of its ephemeral executors ({@code ExecutorEphemeralNamespace}). */
    String namespace();

    /**
     * A personal or team token; asked for before each call.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if its credentials are missing
     */
    String apiToken();
}
