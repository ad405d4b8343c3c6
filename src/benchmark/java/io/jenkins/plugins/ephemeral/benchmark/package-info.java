/** What is measured by hand, on a real API server; {@code docs/benchmarks.md} says how, and what came out. */
package io.jenkins.plugins.ephemeral.benchmark;
