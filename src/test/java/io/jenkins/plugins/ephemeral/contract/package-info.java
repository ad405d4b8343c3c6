/** Both sides of the wire to Testkube's control plane, held against its published OpenAPI files. */
package io.jenkins.plugins.ephemeral.contract;
