package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jenkinsci.plugins.workflow.graph.FlowNode;

/**
 * The name of a stage belongs to one step of a build: its outcome, its outputs and its entry in the report are found by
 * it. A second step may have it only as a repetition of the same stage: in another round of a {@code retry} or {@code
 * waitUntil} around both, or after one that did not end well, which is not in another branch of a {@code parallel}.
 */
final class StageName {
    private static final Set<String> ROUNDS = Set.of("retry", "waitUntil");

    private final String name;
    private final String type;
    private final FlowNode node;

    private StageName(String name, String type, FlowNode node) {
        this.name = name;
        this.type = type;
        this.node = node;
    }

    /**
     * Takes a name for a step, also against another step that does so at the same moment.
     *
     * @param type type of the stage; a repetition is of the same one
     * @throws AbortException if it belongs to another step
     */
    static void take(Surroundings around, String name, String type) throws IOException, InterruptedException {
        FlowNode node = around.context().get(FlowNode.class);
        if (node == null) {
            return;
        }
        StageName taken = new StageName(name, type, node);
        String[] refused = {null};
        around.report().update(report -> {
            for (StageEntry entry : report.stages) {
                refused[0] = refused[0] == null ? taken.objection(entry) : refused[0];
            }
            if (refused[0] == null) {
                taken.write(Merging.stage(report, name));
            }
        });
        if (refused[0] != null) {
            throw new AbortException(refused[0]);
        }
    }

    /** The step ends without an outcome: the name is free for a repetition. */
    static void giveBack(Surroundings around, String name, Throwable failure) throws IOException, InterruptedException {
        FlowNode node = around.context().get(FlowNode.class);
        if (node == null) {
            return;
        }
        around.report().update(report -> {
            for (StageEntry entry : report.stages) {
                if (entry.name.equals(name) && node.getId().equals(entry.flowNode) && entry.outcome == null) {
                    entry.verdict = Verdict.ERROR;
                    entry.reason = String.valueOf(failure.getMessage());
                }
            }
        });
    }

    /** How a stage's outcome is seen by later steps. */
    static String variable(String name) {
        return "EPHEMERAL_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_") + "_OUTCOME";
    }

    private void write(StageEntry entry) {
        if (!node.getId().equals(entry.flowNode)) {
            entry.flowNode = node.getId();
            entry.type = type;
            entry.verdict = Verdict.RUNNING;
            entry.outcome = null;
            entry.reason = null;
            entry.exitCode = null;
        }
    }

    /** Why an entry keeps the name from this step, or null if it does not. */
    private String objection(StageEntry entry) {
        boolean same = entry.name.equals(name);
        if (!variable(entry.name).equals(variable(name)) || same && node.getId().equals(entry.flowNode)) {
            return null;
        }
        if (!same) {
            return "Stage '" + name + "': there is a stage '" + entry.name
                    + "' in this build, and the outcome of both would be in " + variable(name)
                    + ". Give one of them another name.";
        }
        String around = entry.flowNode == null ? "retry" : innermostAroundBoth(entry.flowNode);
        boolean over = entry.verdict != null && entry.verdict != Verdict.RUNNING;
        if (!over) {
            return taken("is under way");
        }
        boolean bad =
                entry.verdict == Verdict.FAILED || entry.verdict == Verdict.ERROR || entry.verdict == Verdict.ABORTED;
        boolean again = ROUNDS.contains(around) || bad && !around.equals("parallel");
        return again && type.equals(entry.type)
                ? null
                : taken("ended as " + (entry.outcome == null ? entry.verdict : entry.outcome));
    }

    private String taken(String state) {
        return "Stage '" + name + "': there is a stage of this name in this build already, which " + state
                + ". Its outcome, outputs and report would be overwritten: give each stage a name of its own. The same stage may be repeated by retry, or after it did not end well.";
    }

    /** Function of the innermost block that is around this step and that one; empty if there is none. */
    private String innermostAroundBoth(String otherId) {
        try {
            FlowNode other = node.getExecution().getNode(otherId);
            List<String> others = other == null ? List.of() : other.getAllEnclosingIds();
            for (String id : node.getAllEnclosingIds()) {
                if (others.contains(id)) {
                    FlowNode block = node.getExecution().getNode(id);
                    return block == null ? "" : block.getDisplayFunctionName();
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("the graph of the build cannot be read: " + e.getMessage(), e);
        }
    }
}
