/** Stages that a Terrakube control plane runs: create, follow, decide, cancel; its executors' Pods are looked at only. */
package io.jenkins.plugins.ephemeral.terrakube;
