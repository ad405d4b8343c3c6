/** Ephemeral Environments for Jenkins: each subpackage is one room, see docs/architecture.md. */
package io.jenkins.plugins.ephemeral;
