package io.jenkins.plugins.ephemeral.controlplane;

/**
 * A file that a run uploaded (schema {@code Artifact}).
 *
 * @param name path as the run gave it: not to be trusted
 * @param sizeBytes size
 * @param status {@code ready}, {@code processing} or {@code failed}; {@code ready} if not said
 */
public record TestkubeArtifact(String name, long sizeBytes, String status) {}
