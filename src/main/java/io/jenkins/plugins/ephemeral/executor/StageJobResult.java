package io.jenkins.plugins.ephemeral.executor;

import java.util.Objects;

/** How a stage Job ended. */
public final class StageJobResult {
    private final Outcome outcome;
    private final Integer exitCode;
    private final String reason;

    /**
     * @param outcome how it ended
     * @param exitCode exit code of the container, or null if there is none
     * @param reason a sentence: why, and what to do; empty when there is nothing to say
     */
    public StageJobResult(Outcome outcome, Integer exitCode, String reason) {
        this.outcome = Objects.requireNonNull(outcome);
        this.exitCode = exitCode;
        this.reason = Objects.requireNonNull(reason);
    }

    /** How it ended. */
    public Outcome outcome() {
        return outcome;
    }

    /** Exit code of the container, or null. */
    public Integer exitCode() {
        return exitCode;
    }

    /** Why, and what to do. */
    public String reason() {
        return reason;
    }
}
