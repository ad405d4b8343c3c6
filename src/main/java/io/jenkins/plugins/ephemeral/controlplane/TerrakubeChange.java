package io.jenkins.plugins.ephemeral.controlplane;

/**
 * What a plan would do, or an apply did, to one resource.
 *
 * @param address {@code module.net.aws_vpc.main}
 * @param action {@code create}, {@code update}, {@code delete}, {@code replace}, {@code read}, {@code import}
 * @param status how far an apply has come with it, or empty
 * @param error summary of its first error, or empty
 */
public record TerrakubeChange(String address, String action, String status, String error) {}
