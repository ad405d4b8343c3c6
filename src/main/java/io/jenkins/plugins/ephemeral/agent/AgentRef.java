package io.jenkins.plugins.ephemeral.agent;

import java.io.Serializable;
import java.util.Objects;

/** Identity of one connected agent. Persisted: a plain class. */
public final class AgentRef implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String controlPlane;
    private final String id;
    private final String name;

    /**
     * @param controlPlane name of the control plane
     * @param id id there, {@code tkcagent_...}
     * @param name its name, by which runs target it
     */
    public AgentRef(String controlPlane, String id, String name) {
        this.controlPlane = Objects.requireNonNull(controlPlane);
        this.id = Objects.requireNonNull(id);
        this.name = Objects.requireNonNull(name);
    }

    /** Name of the control plane. */
    public String controlPlane() {
        return controlPlane;
    }

    /** Its id. */
    public String id() {
        return id;
    }

    /** Its name. */
    public String name() {
        return name;
    }
}
