package io.jenkins.plugins.ephemeral.environment;

/**
 * The ClusterRoles that {@code deploy/} installs once per cluster. We bind them by name and never make roles ourselves:
 * the API server refuses to grant what the grantor does not hold, and a right to escalate would be worth every other.
 */
public final class FixedRoles {
    /** What Jenkins holds in the whole cluster: namespaces, role bindings, and to bind the others. */
    public static final String CONTROLLER = "ephemeral-environments-controller";

    /** What Jenkins holds inside an environment, through the binding that is the environment's first part. */
    public static final String NAMESPACE = "ephemeral-environments-namespace";

    /** What a Testkube agent holds inside its environment. */
    public static final String TESTKUBE_AGENT = "ephemeral-environments-testkube-agent";

    /** What a Testkube workflow's Pods hold inside their environment. */
    public static final String TESTKUBE_EXECUTION = "ephemeral-environments-testkube-execution";

    /** What a Testkube agent that listens for events or syncs resources sees inside its environment. */
    public static final String TESTKUBE_LISTENER = "ephemeral-environments-testkube-listener";

    /** What the service account of an environment holds inside it, if a kubeconfig for it is asked for. */
    public static final String USER = "ephemeral-environments-user";

    private FixedRoles() {}
}
