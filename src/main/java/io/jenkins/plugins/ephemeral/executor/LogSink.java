package io.jenkins.plugins.ephemeral.executor;

/** Takes the lines of a log; called by one thread at a time. */
interface LogSink {
    /** A line of the container. */
    void line(String text);

    /** Something the user should know about the log itself. */
    void notice(String text);

    /** The lines so far were taken; reading goes on from here after a break. */
    void position(String position);
}
