package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import groovy.lang.Closure;
import hudson.EnvVars;
import hudson.console.ConsoleLogFilter;
import hudson.model.Job;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.StreamTaskListener;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** The bench's step context. One made before a restart is deaf after it, as if its process were gone. */
final class StepHandle extends StepContext {
    private static final long serialVersionUID = 1L;
    private transient Program program;
    private final ProgramThread thread;
    private final BenchNode node;
    private final Closure<?> body;
    private boolean asynchronous;
    private boolean hadBody;
    private Outcome outcome;
    private transient List<SavedState.Task> launches = new ArrayList<>();

    StepHandle(Program program, ProgramThread thread, BenchNode node, Closure<?> body) {
        this.program = program;
        this.thread = thread;
        this.node = node;
        this.body = body;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        program = Program.current();
        launches = new ArrayList<>();
    }

    @Override
    public <T> T get(Class<T> key) throws IOException, InterruptedException {
        if (program.isDead()) {
            throw new IOException("the controller that ran " + program.run + " is gone");
        }
        T provided = thread.context.get(key);
        if (key == EnvVars.class) {
            return key.cast(EnvironmentExpander.getEffectiveEnvironment(
                    program.run.getEnvironment(program.run.listener()),
                    (EnvVars) provided,
                    thread.context.get(EnvironmentExpander.class)));
        }
        if (key == FlowNode.class) {
            return key.cast(node);
        }
        if (provided != null) {
            return provided;
        }
        Object known = key == TaskListener.class
                ? listener()
                : key == FlowExecution.class
                        ? program
                        : Run.class.isAssignableFrom(key)
                                ? program.run
                                : Job.class.isAssignableFrom(key) ? program.run.getParent() : null;
        return key.isInstance(known) ? key.cast(known) : null;
    }

    /** The console, through what the blocks around the step put before it. */
    private TaskListener listener() throws IOException, InterruptedException {
        ConsoleLogFilter filter = thread.context.get(ConsoleLogFilter.class);
        TaskListener console = program.run.listener();
        return filter == null
                ? console
                : new StreamTaskListener(
                        filter.decorateLogger(program.run, console.getLogger()), StandardCharsets.UTF_8);
    }

    @Override
    public void onSuccess(Object result) {
        complete(new Outcome(result, null));
    }

    @Override
    public void onFailure(Throwable t) {
        complete(new Outcome(null, t));
    }

    /** The first outcome counts. */
    private void complete(Outcome o) {
        synchronized (this) {
            if (outcome != null) {
                return;
            }
            outcome = o;
            if (!asynchronous) {
                return;
            }
        }
        program.schedule(() -> {
            if (thread.waiting == this) {
                thread.pending = o;
            }
        });
    }

    Program program() {
        return program;
    }

    synchronized Outcome outcome() {
        return outcome;
    }

    /** The step returned without an outcome: what it started in the meantime is launched now. */
    synchronized void becomeAsynchronous() throws Exception {
        for (SavedState.Task launch : launches) {
            launch.run();
        }
        launches.clear();
        asynchronous = true;
        thread.pending = outcome;
    }

    /** The program goes on behind this step. */
    void left() {
        if (hadBody) {
            program.run.console().println("[Pipeline] // " + node.getDisplayFunctionName());
        }
    }

    String functionName() {
        return node.getDisplayFunctionName();
    }

    @Override
    public boolean isReady() {
        return !program.isDead();
    }

    @Override
    public ListenableFuture<Void> saveState() {
        SettableFuture<Void> saved = SettableFuture.create();
        // the program is saved whenever its thread has nothing left to do
        program.schedule(() -> saved.set(null));
        return saved;
    }

    @Override
    public void setResult(Result r) {
        program.run.setResult(r);
    }

    @Override
    public boolean hasBody() {
        return body != null;
    }

    @Override
    public BodyInvoker newBodyInvoker() {
        if (body == null) {
            throw new IllegalStateException("There's no body to invoke");
        }
        return newBodyInvoker(body);
    }

    BodyInvoker newBodyInvoker(Closure<?> closure) {
        hadBody = true;
        return new BlockBody.Starter(this, closure);
    }

    /** Starts a body: at once from another thread, after {@code start()} where that is running. */
    synchronized void launch(BlockBody blockBody, Closure<?> closure, List<Object> objects, String name) {
        SavedState.Task launch = () ->
                program.launch(blockBody, node, closure, thread, new ContextObjects(thread.context, objects), name);
        if (asynchronous) {
            program.schedule(launch);
        } else {
            launches.add(launch);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof StepHandle other && program == other.program && node.equals(other.node);
    }

    @Override
    public int hashCode() {
        return node.hashCode();
    }
}
