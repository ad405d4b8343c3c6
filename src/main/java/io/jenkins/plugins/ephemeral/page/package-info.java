/** The build page: the action that carries a build's report, and its views. */
package io.jenkins.plugins.ephemeral.page;
