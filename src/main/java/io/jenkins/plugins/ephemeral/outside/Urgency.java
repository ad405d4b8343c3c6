package io.jenkins.plugins.ephemeral.outside;

/** Whom a gate of our own lets through first; those of one urgency take turns as ever. */
public enum Urgency {
    /** Something is over, or is to be stopped: this is all that is missing. */
    ENDING,
    /** What is wanted now. */
    USUAL,
    /** A look to make sure, which nobody waits for. */
    LEISURE
}
