/**
 * An embedded stand-in for Testkube's control plane, built from its published OpenAPI files and from the Go client's
 * models, for tests and the demo. It knows no class of the plugin: JSON is read and written as trees only, so that a
 * misunderstanding cannot live on both sides of the wire.
 */
package io.jenkins.plugins.ephemeral.bench.testkube;
