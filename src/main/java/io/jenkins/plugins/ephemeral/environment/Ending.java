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
    /** Its branch or pull request is gone. */
    BRANCH_GONE,
    /** Its job or folder was deleted. */
    JOB_DELETED,
    /** Somebody else took its namespace away. */
    LOST,
    /** Something else was asked for that it could not become. */
    CHANGED,
    /** A person asked for it. */
    PERSON
}
