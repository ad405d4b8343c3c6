package org.jenkinsci.plugins.workflow.steps;

import java.io.Serializable;
import java.util.concurrent.TimeUnit;

/** Stand-in: one running step. */
public abstract class StepExecution implements Serializable {
    private static final long serialVersionUID = 1L;
    private StepContext context;

    protected StepExecution() {}

    protected StepExecution(StepContext context) {
        this.context = context;
    }

    public StepContext getContext() {
        return context;
    }

    public abstract boolean start() throws Exception;

    public void stop(Throwable cause) throws Exception {
        context.onFailure(cause);
    }

    public void onResume() {}

    public String getStatus() {
        return null;
    }

    public boolean blocksRestart() {
        return false;
    }

    public final String getStatusBounded(long timeout, TimeUnit unit) {
        return getStatus();
    }
}
