package org.jenkinsci.plugins.workflow.graph;

import hudson.model.Actionable;
import hudson.model.Saveable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;

/** Stand-in: a point in the graph that a run draws. */
public abstract class FlowNode extends Actionable implements Saveable {
    private final transient FlowExecution exec;
    private final String id;
    private final ArrayList<String> parentIds = new ArrayList<>();

    protected FlowNode(FlowExecution exec, String id, List<FlowNode> parents) {
        this.exec = exec;
        this.id = id;
        parents.forEach(p -> parentIds.add(p.getId()));
    }

    protected FlowNode(FlowExecution exec, String id, FlowNode... parents) {
        this(exec, id, List.of(parents));
    }

    public FlowExecution getExecution() {
        return exec;
    }

    public List<String> getParentIds() {
        return List.copyOf(parentIds);
    }

    /** Ids of the blocks around it, from the inside out. */
    public List<String> getAllEnclosingIds() {
        return List.of();
    }

    /** Unique in the run, decimal. */
    public String getId() {
        return id;
    }

    @Override
    public String getDisplayName() {
        return getTypeDisplayName();
    }

    public String getDisplayFunctionName() {
        return getTypeFunctionName();
    }

    protected abstract String getTypeDisplayName();

    protected String getTypeFunctionName() {
        return getTypeDisplayName();
    }

    public String getUrl() throws IOException {
        return exec.getUrl() + "node/" + id + "/";
    }

    @Override
    public void save() throws IOException {}

    @Override
    public boolean equals(Object obj) {
        return obj instanceof FlowNode other && id.equals(other.id) && exec == other.exec;
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[id=" + id + "]";
    }
}
