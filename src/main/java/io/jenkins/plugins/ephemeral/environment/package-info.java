/** Ephemeral environments: names, the provisioning saga, the registry of records, release and reaping. */
package io.jenkins.plugins.ephemeral.environment;
