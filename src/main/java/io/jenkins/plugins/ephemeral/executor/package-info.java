/** Stage Jobs: one Kubernetes Job with one Pod per stage; launch, follow, logs, outcome. */
package io.jenkins.plugins.ephemeral.executor;
