package io.jenkins.plugins.ephemeral.agent;

/**
 * Images of Testkube's parts; all three have to be reachable from the cluster.
 *
 * @param agent the agent itself ({@code testkube-api-server})
 * @param init what the agent starts the containers of a run with ({@code testkube-tw-init})
 * @param toolkit what a run clones, uploads and waits with ({@code testkube-tw-toolkit})
 */
public record AgentImages(String agent, String init, String toolkit) {}
