package io.jenkins.plugins.ephemeral.agent;

import java.io.Serializable;
import java.time.Duration;

/** What a user asks an agent to be; a plain bean with the step's defaults. */
public final class AgentSpec implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Name of the Testkube control plane; null or empty for the only one. */
    public String controlPlane;

    /** {@code runner}: an agent of its own, made in the control plane and deleted again. */
    public String mode = "runner";

    /** Image of the agent, or null for the settings' default. */
    public String image;

    /** Whether it takes a floating licence. */
    public boolean floating = true;

    /** How long it may take until it is connected. */
    public Duration timeout = Duration.ofMinutes(5);
}
