package io.jenkins.plugins.ephemeral.environment;

import java.io.Serializable;

/**
 * A Secret that an environment is given: a copy of one in another namespace, or one made of a credential of Jenkins.
 * Only references, never a value.
 */
public final class SecretSpec implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Name of the Secret in the environment; of a copy also its name where it comes from. */
    public String name;

    /** Namespace that it is copied from; null for one made of a credential. */
    public String from;

    /** Id of the credential; null for a copy. */
    public String credentialsId;

    /** What the credential becomes: {@code dockerconfigjson}, {@code opaque} or {@code tls}; null for a copy. */
    public String as;

    /** Registry that a {@code dockerconfigjson} of user and password is for; null for Docker Hub. */
    public String registry;

    /** What stays the same as long as the object can be updated in place. */
    String identity() {
        return "Secret " + name + (as == null ? " of " + from : " as " + as);
    }
}
