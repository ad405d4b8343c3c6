package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.XmlFile;
import hudson.model.Action;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.workflow.graph.FlowNode;

/** A point in the graph: one call of a step, or the begin of a body; kept in a file of its own in the build's directory. */
final class BenchNode extends FlowNode {
    private final transient BenchRun run;
    private String function;
    private String displayName;
    private ArrayList<String> enclosing = new ArrayList<>();

    BenchNode(BenchRun run, Program program, String id, String function, String displayName) {
        super(program, id, List.of());
        this.run = run;
        this.function = function;
        this.displayName = displayName;
    }

    /** Puts it inside of a block: a step inside of a body, a body inside of its step. */
    BenchNode inside(BenchNode block) {
        if (block != null) {
            enclosing.add(block.getId());
            enclosing.addAll(block.enclosing);
        }
        return this;
    }

    @Override
    public List<String> getAllEnclosingIds() {
        return List.copyOf(enclosing);
    }

    private XmlFile file() {
        return new XmlFile(new File(new File(run.getRootDir(), "workflow"), getId() + ".xml"));
    }

    /** Reads back what {@link #save} wrote. */
    BenchNode load() throws IOException {
        file().unmarshal(this);
        return this;
    }

    @Override
    public void save() {
        try {
            file().write(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void addAction(Action a) {
        super.addAction(a);
        save();
    }

    @Override
    public String getDisplayName() {
        return displayName == null ? super.getDisplayName() : displayName;
    }

    @Override
    protected String getTypeDisplayName() {
        return function;
    }

    @Override
    protected String getTypeFunctionName() {
        return function;
    }
}
