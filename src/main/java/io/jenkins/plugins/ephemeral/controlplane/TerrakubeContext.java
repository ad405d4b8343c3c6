package io.jenkins.plugins.ephemeral.controlplane;

import java.util.List;

/**
 * What the steps of a job told about what they found and did. Executors write it on the way; older ones (before
 * Terrakube 2.33) do not: then all lists are empty.
 *
 * @param planned changes of its plans
 * @param applied changes of its applies
 * @param errors what Terraform said, errors only, one sentence each
 * @param outputs outputs of the applied configuration
 */
public record TerrakubeContext(
        List<TerrakubeChange> planned,
        List<TerrakubeChange> applied,
        List<String> errors,
        List<TerrakubeOutput> outputs) {}
