/** The Pipeline steps: thin, asynchronous, resumable. What they do is in the engine's rooms. */
package io.jenkins.plugins.ephemeral.pipeline;
