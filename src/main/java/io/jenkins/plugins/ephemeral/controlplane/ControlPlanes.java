package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;

/** The control planes of this controller. */
public interface ControlPlanes {
    /**
     * The Testkube control plane of that name.
     *
     * @param name a name, or null or empty for the only one there is
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if there is none; the message lists the names that exist
     */
    TestkubeConnection testkube(String name);

    /** Their names. */
    List<String> testkubeNames();
}
