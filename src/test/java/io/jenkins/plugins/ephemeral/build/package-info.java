/** Holds what the build makes, and how the rooms are built, against what the project promises about both. */
package io.jenkins.plugins.ephemeral.build;
