package io.jenkins.plugins.ephemeral.terrakube;

import java.io.Serializable;
import java.time.Duration;

/** A stage for a Terrakube control plane. Persisted: a plain class. */
public final class TerrakubeSpec implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Name of the stage, unique in the build. */
    public String name;

    /** {@code plan}, {@code apply}, {@code destroy} or {@code custom}; see {@code ephemeralJob}. */
    public String type = "custom";

    /** Name of the control plane, or null for the only one. */
    public String controlPlane;

    /** Name of the workspace. */
    public String workspace;

    /** Name of the template, or null if there is a flow. */
    public String template;

    /** Text of a flow in Terrakube's YAML, or null if there is a template. */
    public String flow;

    /** Branch or tag instead of the workspace's own, or null. */
    public String branch;

    /** How long the job may take until this stage is over. */
    public Duration timeout = Duration.ofHours(1);

    /** Name of the stage whose job is decided on, or that this one comes after; or null. */
    public String after;

    /** {@code approve} or {@code reject}; null to create a job. */
    public String decision;

    /** Whether the stage goes on with the job of another one. */
    public boolean isDecision() {
        return decision != null;
    }

    /** Whether it rejects that job. */
    public boolean isRejection() {
        return "reject".equals(decision);
    }
}
