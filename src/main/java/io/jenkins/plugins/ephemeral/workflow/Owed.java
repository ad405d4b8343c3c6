package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;

/** Keeps what has to be deleted from a control plane when an environment ends. */
public interface Owed {
    /** Label of what is written to a control plane: id of the controller that it belongs to. */
    String CONTROLLER_LABEL = "jenkins.io/controller";

    /** Writes down that a resource of that name will be the environment's own; before it is made. Idempotent. */
    void owe(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name);

    /** Whether that is written down. */
    boolean isOwed(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name);

    /** Takes it off again, after it was deleted. */
    void settle(NamespaceRef environment, String controlPlane, TestkubeResourceKind kind, String name);
}
