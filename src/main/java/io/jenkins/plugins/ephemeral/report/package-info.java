/** What a build learned: the result model, JUnit reading and writing, merging by workflow name, storage as JSON. */
package io.jenkins.plugins.ephemeral.report;
