/** Testkube resources (load, validate, apply, prune) and workflow runs (start, follow, collect, abort). */
package io.jenkins.plugins.ephemeral.workflow;
