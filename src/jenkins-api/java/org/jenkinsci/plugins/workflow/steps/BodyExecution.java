package org.jenkinsci.plugins.workflow.steps;

import java.io.Serializable;
import java.util.Collection;
import java.util.concurrent.Future;
import jenkins.model.CauseOfInterruption;

/** Stand-in: a running body of a block step. */
public abstract class BodyExecution implements Future<Object>, Serializable {
    private static final long serialVersionUID = 1L;

    public abstract Collection<StepExecution> getCurrentExecutions();

    public boolean cancel(CauseOfInterruption... causes) {
        return cancel(new FlowInterruptedException(hudson.model.Result.ABORTED, causes));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return mayInterruptIfRunning && cancel(new CauseOfInterruption[0]);
    }

    public boolean cancel(Throwable t) {
        throw new UnsupportedOperationException("cancel");
    }
}
