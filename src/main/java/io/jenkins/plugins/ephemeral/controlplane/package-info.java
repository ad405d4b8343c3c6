/** Clients of control planes: Testkube REST, webhooks, and the outbox that delivers reports. */
package io.jenkins.plugins.ephemeral.controlplane;
