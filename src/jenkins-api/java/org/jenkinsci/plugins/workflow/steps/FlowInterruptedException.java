package org.jenkinsci.plugins.workflow.steps;

import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.CauseOfInterruption;

/** Stand-in: the program was told to stop, with the result that this means. */
public final class FlowInterruptedException extends InterruptedException {
    private static final long serialVersionUID = 1L;
    private final Result result;
    private final ArrayList<CauseOfInterruption> causes;
    private Boolean actualInterruption;

    public FlowInterruptedException(Result result, CauseOfInterruption... causes) {
        this(result, true, causes);
    }

    public FlowInterruptedException(Result result, boolean actualInterruption, CauseOfInterruption... causes) {
        this.result = result;
        this.actualInterruption = actualInterruption;
        this.causes = new ArrayList<>(List.of(causes));
    }

    public Result getResult() {
        return result;
    }

    public List<CauseOfInterruption> getCauses() {
        return causes;
    }

    public boolean isActualInterruption() {
        return actualInterruption == null || actualInterruption;
    }

    public void setActualInterruption(boolean actualInterruption) {
        this.actualInterruption = actualInterruption;
    }

    @Override
    public String getMessage() {
        return causes.isEmpty()
                ? super.getMessage()
                : String.join(
                        ", ",
                        causes.stream()
                                .map(CauseOfInterruption::getShortDescription)
                                .toList());
    }

    /** Prints why, once per cause. */
    public void handle(Run<?, ?> run, TaskListener listener) {
        causes.forEach(c -> c.print(listener));
    }
}
