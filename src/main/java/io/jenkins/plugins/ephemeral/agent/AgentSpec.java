package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a user asks an agent to be; a plain bean with the step's defaults. */
public final class AgentSpec extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Name of the Testkube control plane; null or empty for the only one. */
    public String controlPlane;

    /** {@code runner}, {@code shared} or {@code standalone}: see {@link AgentMode}. */
    public String mode = AgentMode.RUNNER.word();

    /** Image of the agent, or null for the settings' default. */
    public String image;

    /** Image that the agent starts the containers of a run with, or null for the settings' default. */
    public String initImage;

    /** Image that a run clones, uploads and waits with, or null for the settings' default. */
    public String toolkitImage;

    /** Registry of the images that name none, or null for the settings' default. */
    public String registry;

    /** Names of Secrets of the namespace to pull images with; empty for the settings' default. */
    public List<String> imagePullSecrets = new ArrayList<>();

    /** Whether it takes a floating licence. */
    public boolean floating = true;

    /** Whether it also listens for events in the namespace, which start runs through triggers. */
    public boolean triggers;

    /** Whether it also copies the Testkube resources of the namespace into the control plane. */
    public boolean gitops;

    /** Another environment of the same build, in whose namespace runs are executed; null for the agent's own. */
    public String executionNamespace;

    /** Mode {@code standalone}: namespace of the agent; null for the environment's own. */
    public String agentNamespace;

    /** Mode {@code standalone}: name and port of its Service. */
    public String agentService = "testkube-api-server:8088";

    /** Environments of the blocks around the environment's own, outermost first: they end after it. */
    public List<String> around = new ArrayList<>();

    /** How long it may take until it is connected. */
    public Duration timeout = Duration.ofMinutes(5);
}
