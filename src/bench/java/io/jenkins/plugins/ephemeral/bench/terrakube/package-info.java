/**
 * A Terrakube control plane in the process, written from {@code terrakube-io/terrakube} c073ede0 (job life cycle, JSON:API
 * documents, logs, context). Shares no class with the plugin's client. Its executors run nothing: each workspace says
 * what they log and find.
 */
package io.jenkins.plugins.ephemeral.bench.terrakube;
