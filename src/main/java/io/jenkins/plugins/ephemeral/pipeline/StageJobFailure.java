package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import io.jenkins.plugins.ephemeral.executor.Outcome;

/** A stage did not end well. Saved with the program, so it holds texts only. */
public final class StageJobFailure extends AbortException {
    private static final long serialVersionUID = 1L;

    private final String type;
    private final String outcome;

    /**
     * @param type type of the stage
     * @param outcome how it ended
     * @param message what the console says
     */
    StageJobFailure(String type, Outcome outcome, String message) {
        super(message);
        this.type = type;
        this.outcome = outcome.name();
    }

    /** Whether the infrastructure took it away, and it is of a type that changes nothing if it is run again. */
    boolean mayBeRepeated() {
        boolean changing = type.equals("apply") || type.equals("destroy");
        return !changing && Outcome.valueOf(outcome).isInfrastructureLoss();
    }
}
