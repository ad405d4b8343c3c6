package org.jenkinsci.plugins.workflow.flow;

import hudson.model.Result;
import java.io.IOException;
import java.util.List;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.graph.FlowNode;

/** Stand-in: a running program. */
public abstract class FlowExecution {
    public abstract void start() throws IOException;

    public abstract FlowExecutionOwner getOwner();

    public abstract List<FlowNode> getCurrentHeads();

    public abstract void interrupt(Result r, CauseOfInterruption... causes) throws IOException, InterruptedException;

    public abstract FlowNode getNode(String id) throws IOException;

    public String getUrl() throws IOException {
        return getOwner().getUrlOfExecution();
    }

    public boolean isComplete() {
        return false;
    }
}
