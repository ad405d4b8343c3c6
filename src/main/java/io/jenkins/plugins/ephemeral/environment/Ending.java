package io.jenkins.plugins.ephemeral.environment;

/** Why an environment ends. */
public enum Ending {
    /** The block ended and its body succeeded. */
    SUCCESS,
    /** The block ended and its body failed. */
    FAILURE,
    /** The build was aborted. */
    ABORTED,
    /** Its time to live is over. */
    EXPIRED,
    /** The build that held it is gone. */
    RUN_LOST,
    /** A person asked for it. */
    PERSON
}
