package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;

/**
 * How such a stage ended.
 *
 * @param outcome how it ended
 * @param reason a sentence: why, and what to do; empty when there is nothing to say
 * @param job what is in the report of its job
 */
public record TerrakubeResult(Outcome outcome, String reason, TerrakubeEntry job) {}
