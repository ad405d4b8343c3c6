package io.jenkins.plugins.ephemeral.controlplane;

import java.util.Map;

/**
 * What marks a workflow, template or trigger of the control plane.
 *
 * @param labels its labels
 * @param annotations its annotations
 */
public record TestkubeResource(Map<String, String> labels, Map<String, String> annotations) {}
