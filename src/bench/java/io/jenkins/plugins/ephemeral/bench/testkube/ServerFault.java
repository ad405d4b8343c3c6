package io.jenkins.plugins.ephemeral.bench.testkube;

import java.time.Duration;

/** What can go wrong with one request; see {@link EmbeddedControlPlane#failNext}. */
public final class ServerFault {
    enum Kind {
        STATUS,
        DROPPED_BEFORE,
        ANSWER_LOST,
        NO_ANSWER
    }

    private final Kind kind;
    private final int status;
    private final Duration retryAfter;

    private ServerFault(Kind kind, int status, Duration retryAfter) {
        this.kind = kind;
        this.status = status;
        this.retryAfter = retryAfter;
    }

    /** The operation is not carried out; the answer is this status with a problem document. */
    public static ServerFault status(int status) {
        return new ServerFault(Kind.STATUS, status, null);
    }

    /** As {@link #status(int)}, with a {@code Retry-After} header in seconds. */
    public static ServerFault status(int status, Duration retryAfter) {
        return new ServerFault(Kind.STATUS, status, retryAfter);
    }

    /** The connection breaks before the operation is carried out. */
    public static ServerFault droppedBefore() {
        return new ServerFault(Kind.DROPPED_BEFORE, 0, null);
    }

    /** The operation is carried out, and the connection breaks before the answer. */
    public static ServerFault answerLost() {
        return new ServerFault(Kind.ANSWER_LOST, 0, null);
    }

    /** The operation is carried out; the answer does not come until the server closes. */
    public static ServerFault noAnswer() {
        return new ServerFault(Kind.NO_ANSWER, 0, null);
    }

    Kind kind() {
        return kind;
    }

    int status() {
        return status;
    }

    /** How long to wait, or null. */
    Duration retryAfter() {
        return retryAfter;
    }
}
