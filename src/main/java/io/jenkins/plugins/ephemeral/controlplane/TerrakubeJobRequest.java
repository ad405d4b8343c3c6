package io.jenkins.plugins.ephemeral.controlplane;

/**
 * A job to be created.
 *
 * @param workspaceId UUID of the workspace
 * @param templateId UUID of the template, or null if there is a flow
 * @param flow text of a flow (Terrakube's YAML), or null if there is a template
 * @param branch branch or tag instead of the workspace's own, or null
 * @param comments what it is found again by; at most 512 characters
 */
public record TerrakubeJobRequest(String workspaceId, String templateId, String flow, String branch, String comments) {}
