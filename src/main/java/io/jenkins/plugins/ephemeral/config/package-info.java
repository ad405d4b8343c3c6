/** Global configuration, and the one engine of this Jenkins that follows it. */
package io.jenkins.plugins.ephemeral.config;
