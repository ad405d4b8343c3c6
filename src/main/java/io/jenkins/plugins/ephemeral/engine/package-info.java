/** Puts the rooms together for one controller; configured through one Settings interface. Knows no Jenkins. */
package io.jenkins.plugins.ephemeral.engine;
