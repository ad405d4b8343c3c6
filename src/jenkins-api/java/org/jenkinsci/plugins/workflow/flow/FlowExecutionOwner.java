package org.jenkinsci.plugins.workflow.flow;

import hudson.model.Queue;
import hudson.model.TaskListener;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;

/** Stand-in: finds a running program again, also after a restart. */
public abstract class FlowExecutionOwner implements Serializable {
    private static final long serialVersionUID = 1L;

    public abstract FlowExecution get() throws IOException;

    public FlowExecution getOrNull() {
        try {
            return get();
        } catch (IOException e) {
            return null;
        }
    }

    public abstract File getRootDir() throws IOException;

    public abstract Queue.Executable getExecutable() throws IOException;

    public abstract String getUrl() throws IOException;

    public String getUrlOfExecution() throws IOException {
        return getUrl() + "execution/";
    }

    @Override
    public abstract boolean equals(Object o);

    @Override
    public abstract int hashCode();

    public TaskListener getListener() throws IOException {
        return TaskListener.NULL;
    }

    /** What a run offers that is driven by a program. */
    public interface Executable extends Queue.Executable {
        FlowExecutionOwner asFlowExecutionOwner();
    }
}
