package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import hudson.AbortException;
import hudson.model.Result;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionOwner;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * One Jenkinsfile being run: a CPS-transformed program, advanced by one thread, saved whenever that thread has nothing
 * to do. A body of a block step runs in a program thread of its own, while the thread that called the step waits.
 */
final class Program extends FlowExecution {
    private static final ThreadLocal<Program> CURRENT = new ThreadLocal<>();
    private static final List<Class> CATEGORIES = new ArrayList<>(Continuable.categories);

    static {
        CATEGORIES.add(SerializableIterators.class);
    }

    /** Everything that is saved. */
    static final class State implements Serializable {
        private static final long serialVersionUID = 1L;
        BenchScript script;
        final TreeMap<Integer, ProgramThread> threads = new TreeMap<>();
        int nextThread = 1;
        int nextNode = 2;
    }

    final BenchRun run;
    private final ExecutorService vm;
    private State state = new State();
    private ProgramThread active;
    private volatile boolean dead;
    private ClassLoader loader;
    private volatile Throwable failure;

    Program(BenchRun run) {
        this.run = run;
        this.vm = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r, "CPS VM of " + run);
            t.setDaemon(true);
            return t;
        });
    }

    /** The program that this thread is running or reading back; null in other threads. */
    static Program current() {
        return CURRENT.get();
    }

    ProgramThread activeThread() {
        return active;
    }

    @Override
    public void start() {
        schedule(() -> {
            run.console().println("[Pipeline] Start of Pipeline");
            Jenkinsfile compiled = new Jenkinsfile(run.getParent().getJenkinsfile());
            loader = compiled.loader;
            state.script = compiled.newScript();
            newNode("Start of Pipeline", null, null);
            ProgramThread main =
                    newThread(new Continuable(state.script), null, null, new ContextObjects(null, List.of()));
            main.pending = new Outcome(null, null);
        });
    }

    /** Goes on from what was saved. */
    void resume() {
        schedule(() -> {
            run.console().println("Resuming build at " + new java.util.Date() + " after Jenkins restart");
            loader = new Jenkinsfile(run.getParent().getJenkinsfile()).loader;
            state = SavedState.read(savedFile(), loader, State.class);
            for (ProgramThread t : List.copyOf(state.threads.values())) {
                active = t;
                if (t.waiting != null && t.waiting.outcome() != null) {
                    t.pending = t.waiting.outcome();
                } else if (t.step != null) {
                    try {
                        t.step.onResume();
                    } catch (RuntimeException | Error e) {
                        t.waiting.onFailure(e);
                    }
                }
            }
        });
    }

    /** Runs {@code task} on the thread of this program, then everything that can go on. */
    void schedule(SavedState.Task task) {
        try {
            vm.execute(() -> {
                if (dead) {
                    return;
                }
                CURRENT.set(this);
                try {
                    task.run();
                    advance();
                } catch (Throwable t) {
                    end(new Outcome(null, t));
                }
            });
        } catch (RejectedExecutionException e) {
            // ended, or the process is gone: nobody is left who could hear it
        }
    }

    private void advance() throws Exception {
        while (!dead) {
            ProgramThread ready = state.threads.values().stream()
                    .filter(t -> t.pending != null)
                    .findFirst()
                    .orElse(null);
            if (ready == null) {
                save();
                return;
            }
            runChunk(ready);
        }
    }

    private void runChunk(ProgramThread t) throws Exception {
        Outcome in = t.pending;
        active = t;
        t.pending = null;
        if (t.waiting != null) {
            t.waiting.left();
            t.waiting = null;
            t.step = null;
        }
        Outcome out = t.program.run0(in, CATEGORIES);
        if (t.program.isResumable()) {
            t.waiting = (StepHandle) out.getNormal();
            t.waiting.becomeAsynchronous();
        } else {
            state.threads.remove(t.id);
            if (t.body == null) {
                end(out);
            } else {
                t.body.finished(out);
            }
        }
    }

    ProgramThread newThread(Continuable program, ProgramThread parent, BlockBody body, ContextObjects context) {
        ProgramThread t = new ProgramThread(state.nextThread++, program, parent, body, context);
        state.threads.put(t.id, t);
        return t;
    }

    /** Starts a body: its closure is called in a thread of its own. */
    void launch(
            BlockBody body,
            BenchNode step,
            Closure<?> closure,
            ProgramThread parent,
            ContextObjects context,
            String name) {
        run.console().println("[Pipeline] {" + (name == null ? "" : " (" + name + ")"));
        BenchNode node = newNode("{", name, step);
        Continuable program = new Continuable(new ClosureCall(closure));
        ProgramThread t = newThread(program, parent, body, context.with(node));
        body.launched();
        t.pending = new Outcome(null, body.stopped());
    }

    BenchNode newNode(String function, String displayName, BenchNode block) {
        BenchNode node =
                new BenchNode(run, this, Integer.toString(state.nextNode++), function, displayName).inside(block);
        run.addNode(node);
        return node;
    }

    private File savedFile() {
        return new File(run.getRootDir(), "program.dat");
    }

    /** Writes program and build down, as at a step boundary in Jenkins. */
    void save() throws IOException {
        if (!dead && !isComplete()) {
            SavedState.write(savedFile(), state, loader);
            run.save();
        }
    }

    /** How many bytes each running step adds to the saved program, by function name. */
    TreeMap<String, Integer> savedBytes() throws Exception {
        return vm.submit(() -> {
                    TreeMap<String, Integer> sizes = new TreeMap<>();
                    for (ProgramThread t : state.threads.values()) {
                        if (t.step != null) {
                            sizes.merge(t.waiting.functionName(), SavedState.ownSize(t.step, loader), Math::max);
                        }
                    }
                    return sizes;
                })
                .get(30, TimeUnit.SECONDS);
    }

    /**
     * The process ends at the next step boundary: whatever still calls is not heard. Only an orderly end saves what
     * changed since that boundary was saved.
     */
    void die(boolean orderly) throws InterruptedException {
        if (orderly) {
            schedule(() -> {});
        }
        try {
            vm.execute(() -> dead = true);
        } catch (RejectedExecutionException e) {
            dead = true;
        }
        vm.shutdown();
        if (!vm.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a step blocks the thread of " + run);
        }
    }

    boolean isDead() {
        return dead;
    }

    private void end(Outcome outcome) {
        if (isComplete() || dead) {
            return;
        }
        Throwable t = outcome.getAbnormal();
        failure = t;
        run.console().println("[Pipeline] End of Pipeline");
        Result r =
                t == null ? Result.SUCCESS : t instanceof FlowInterruptedException f ? f.getResult() : Result.FAILURE;
        state.threads.clear();
        run.finish(r, () -> {
            if (t instanceof AbortException) {
                run.listener().error(t.getMessage());
            } else if (t instanceof FlowInterruptedException f) {
                f.handle(run, run.listener());
            } else if (t != null) {
                t.printStackTrace(run.console());
            }
        });
        vm.shutdown();
    }

    /** What the program ended with, or null. */
    Throwable failure() {
        return failure;
    }

    @Override
    public void interrupt(Result r, CauseOfInterruption... causes) {
        FlowInterruptedException cause = new FlowInterruptedException(r, causes);
        schedule(() -> stopInside(null, cause));
    }

    /** Stops the innermost steps, newest first; inside {@code body} where one is given. */
    void stopInside(BlockBody body, Throwable cause) {
        for (ProgramThread t : List.copyOf(state.threads.descendingMap().values())) {
            boolean innermost = state.threads.values().stream().noneMatch(other -> other.parent == t);
            if (innermost && t.waiting != null && t.isInside(body)) {
                try {
                    t.step.stop(cause);
                } catch (Throwable e) {
                    t.waiting.onFailure(e);
                }
            }
        }
    }

    List<StepExecution> stepsInside(BlockBody body) {
        return state.threads.values().stream()
                .filter(t -> t.step != null && t.isInside(body))
                .map(t -> t.step)
                .toList();
    }

    @Override
    public FlowExecutionOwner getOwner() {
        return run.asFlowExecutionOwner();
    }

    @Override
    public List<FlowNode> getCurrentHeads() {
        return state.threads.values().stream()
                .map(t -> t.context.get(FlowNode.class))
                .toList();
    }

    @Override
    public FlowNode getNode(String id) {
        return run.nodes().get(id);
    }

    @Override
    public boolean isComplete() {
        return !run.isBuilding();
    }
}
