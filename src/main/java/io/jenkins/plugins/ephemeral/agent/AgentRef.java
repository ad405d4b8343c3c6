package io.jenkins.plugins.ephemeral.agent;

import java.io.Serializable;
import java.util.Objects;

/** Identity of one connected agent. Persisted: a plain class. */
public final class AgentRef implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String controlPlane;
    private final String id;
    private final String name;
    private final String mode;
    private final String service;

    /** One in mode {@code runner}: see the other constructor. */
    public AgentRef(String controlPlane, String id, String name) {
        this(AgentMode.RUNNER, controlPlane, id, name, "");
    }

    /**
     * @param mode how the environment comes to it
     * @param controlPlane name of the control plane; empty for one that has none
     * @param id id there, {@code tkcagent_...}; empty if it has none
     * @param name its name, by which runs target it; empty if they cannot
     * @param service {@code namespace/service:port} of a standalone agent's API; empty for others
     */
    public AgentRef(AgentMode mode, String controlPlane, String id, String name, String service) {
        this.mode = mode.word();
        this.controlPlane = Objects.requireNonNull(controlPlane);
        this.id = Objects.requireNonNull(id);
        this.name = Objects.requireNonNull(name);
        this.service = Objects.requireNonNull(service);
    }

    /** How the environment comes to it. */
    public AgentMode mode() {
        return mode == null ? AgentMode.RUNNER : AgentMode.of(mode);
    }

    /** Name of the control plane; empty for a standalone agent, which has none. */
    public String controlPlane() {
        return controlPlane;
    }

    /** Its id; empty if it has none. */
    public String id() {
        return id;
    }

    /** Its name, by which runs target it; empty if they cannot: then they go to whatever agent there is. */
    public String name() {
        return name;
    }

    /** {@code namespace/service:port} of a standalone agent's API, for the API server's service proxy; else empty. */
    public String service() {
        return service == null ? "" : service;
    }
}
