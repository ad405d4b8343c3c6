package io.jenkins.plugins.ephemeral.environment;

/** What an environment lives as long as. */
public enum Lifetime {
    /** The block of one build. */
    BUILD,
    /** The branch or pull request: its builds hold it one after the other. */
    BRANCH
}
