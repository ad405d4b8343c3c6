package io.jenkins.plugins.ephemeral.executor;

import java.util.Objects;

/** What a look at a stage means. */
final class Finding {
    /** Where the stage is. */
    enum State {
        /** Its container does not run yet; should it stay so, the outcome is the finding's. */
        STARTING,
        /** Its container will never run: the Job has to be deleted. */
        HOPELESS,
        /** Its container runs. */
        RUNNING,
        /** Its Pod was told to stop, or there is one too many: the Job has to be deleted so that no other Pod comes. */
        STOPPING,
        /** It is over. */
        OVER
    }

    private final State state;
    private final Outcome outcome;
    private final Integer exitCode;
    private final String reason;
    private final String progress;

    private Finding(State state, Outcome outcome, Integer exitCode, String reason, String progress) {
        this.state = Objects.requireNonNull(state);
        this.outcome = outcome;
        this.exitCode = exitCode;
        this.reason = Objects.requireNonNull(reason);
        this.progress = Objects.requireNonNull(progress);
    }

    /**
     * Does not run yet.
     *
     * @param outcome what it comes to if it stays so
     * @param progress what it waits for, a clause
     * @param reason what to say if it stays so: why, and what to do
     */
    static Finding starting(Outcome outcome, String progress, String reason) {
        return new Finding(State.STARTING, outcome, null, reason, progress);
    }

    /** Will never run. */
    static Finding hopeless(Outcome outcome, String progress, String reason) {
        return new Finding(State.HOPELESS, outcome, null, reason, progress);
    }

    /** Runs. */
    static Finding running(String progress) {
        return new Finding(State.RUNNING, null, null, "", progress);
    }

    /** Has to be stopped for good. */
    static Finding stopping(Outcome outcome, String progress, String reason) {
        return new Finding(State.STOPPING, outcome, null, reason, progress);
    }

    /** Is over. */
    static Finding over(Outcome outcome, Integer exitCode, String reason) {
        return new Finding(State.OVER, outcome, exitCode, reason, "");
    }

    /** Where it is. */
    State state() {
        return state;
    }

    /** The outcome that goes with it; null while it runs. */
    Outcome outcome() {
        return outcome;
    }

    /** Exit code of the container, or null. */
    Integer exitCode() {
        return exitCode;
    }

    /** Why, and what to do; may be empty. */
    String reason() {
        return reason;
    }

    /** What is going on, a clause for the console; may be empty. */
    String progress() {
        return progress;
    }

    @Override
    public String toString() {
        return state + " " + outcome + " " + exitCode + " " + reason + progress;
    }
}
