/** Testkube agents in environments: what one is made of, its installation, connection and removal on both sides. */
package io.jenkins.plugins.ephemeral.agent;
