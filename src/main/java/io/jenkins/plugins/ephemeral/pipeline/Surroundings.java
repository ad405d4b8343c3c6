package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.engine.Engine;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.page.RunReports;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.io.IOException;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** What a step finds around it, fetched once per start or resume on an engine thread. */
final class Surroundings {
    private final StepContext context;
    private final Run<?, ?> run;
    private final Console console;

    private Surroundings(StepContext context, Run<?, ?> run, Console console) {
        this.context = context;
        this.run = run;
        this.console = console;
    }

    static Surroundings of(StepContext context) {
        try {
            Run<?, ?> run = context.get(Run.class);
            TaskListener listener = context.get(TaskListener.class);
            return new Surroundings(context, run, text -> listener.getLogger().println(text));
        } catch (IOException e) {
            throw new IllegalStateException("the build is not there: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the step began", e);
        }
    }

    StepContext context() {
        return context;
    }

    Run<?, ?> run() {
        return run;
    }

    RunRef runRef() {
        return EphemeralEngine.get().runRef(run);
    }

    Console console() {
        return console;
    }

    /** Saves the program, and with it the step's state. */
    Checkpoint checkpoint() {
        return context::saveState;
    }

    ReportStore report() {
        return RunReports.of(run).store();
    }

    Engine engine() {
        return EphemeralEngine.get().engine();
    }

    String nodeId() throws IOException, InterruptedException {
        FlowNode node = context.get(FlowNode.class);
        return node == null ? "" : node.getId();
    }

    /** Marks the step's own node, in no other way than its stage's colour; the build's result stays as it is. */
    void warn(Result result, String message) {
        try {
            FlowNode node = context.get(FlowNode.class);
            if (node != null) {
                node.addOrReplaceAction(new WarningAction(result).withMessage(message));
            }
        } catch (IOException e) {
            throw new IllegalStateException("the step's node is not there: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The environment around the step. */
    EphemeralContext ephemeral(String function) throws IOException, InterruptedException {
        EphemeralContext found = context.get(EphemeralContext.class);
        if (found == null) {
            throw new AbortException(
                    function
                            + " needs an environment: put it inside ephemeralEnvironment { } or options { ephemeralEnvironment(...) }");
        }
        return found;
    }
}
