package io.jenkins.plugins.ephemeral.controlplane;

/**
 * An output of the applied configuration.
 *
 * @param name its name
 * @param value as text, JSON for what is no text; null if it is sensitive: then Terrakube itself does not tell
 * @param sensitive whether it is
 */
public record TerrakubeOutput(String name, String value, boolean sensitive) {}
