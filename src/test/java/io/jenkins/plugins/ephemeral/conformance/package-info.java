/**
 * What the plugin relies on of a Kubernetes API server, written as tests that run unchanged against the embedded server and a
 * real cluster. What is not in here must not be relied on.
 */
package io.jenkins.plugins.ephemeral.conformance;
