package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** How manifests are applied; a plain bean with the step's defaults. */
public final class ApplySpec extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Values for {@code ${name}} in the texts; an undefined one is refused. */
    public Map<String, String> parameters = new LinkedHashMap<>();

    /** Whether to take away what an earlier call of this environment applied and this one does not name. */
    public boolean prune = true;

    /** Whether to wait until what runs Pods among the resources is available. */
    public boolean waitForAvailable;

    /** When waiting ends, milliseconds since the epoch; absolute, so that a restart does not prolong it. */
    public long deadlineMillis = Long.MAX_VALUE;

    /** Name of the Testkube control plane that takes definitions too, or null for none. */
    public String controlPlane;

    /** Name of the environment's agent there; null without {@link #controlPlane}. */
    public String agentName;

    /**
     * Whether a definition that differs from the control plane's, which all builds share, is written under a name of
     * this environment instead of over it.
     */
    public boolean variants;

    /** Full name of the job that what is shared in the control plane will belong to; null: to no job. */
    public String job;

    /**
     * Full name of the project whose main branch the build is of: it takes over what other branches wrote. Null for
     * another branch.
     */
    public String mainOf;

    /** {@code namespace/service:port} of a standalone agent's own API, where the environment has one; else null. */
    public String agentService;
}
