package io.jenkins.plugins.ephemeral.bench.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** The bench's body execution. */
final class BlockBody extends BodyExecution {
    private static final long serialVersionUID = 1L;
    private transient Program program;
    private final StepHandle step;
    private final ArrayList<BodyExecutionCallback> callbacks;
    private boolean launched;
    private Throwable stopped;
    private Outcome outcome;

    private BlockBody(Program program, StepHandle step, ArrayList<BodyExecutionCallback> callbacks) {
        this.program = program;
        this.step = step;
        this.callbacks = callbacks;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        program = Program.current();
    }

    void launched() {
        callbacks.forEach(c -> c.onStart(step));
        synchronized (this) {
            launched = true;
        }
    }

    synchronized Throwable stopped() {
        return stopped;
    }

    void finished(Outcome o) {
        program.run.console().println("[Pipeline] }");
        synchronized (this) {
            outcome = o;
            notifyAll();
        }
        for (BodyExecutionCallback c : callbacks) {
            try {
                if (o.isSuccess()) {
                    c.onSuccess(step, o.getNormal());
                } else {
                    c.onFailure(step, o.getAbnormal());
                }
            } catch (RuntimeException | Error e) {
                step.onFailure(e);
            }
        }
    }

    @Override
    public Collection<StepExecution> getCurrentExecutions() {
        return program.stepsInside(this);
    }

    @Override
    public boolean cancel(Throwable t) {
        synchronized (this) {
            if (outcome != null) {
                return false;
            }
            stopped = t;
            if (!launched) {
                return true;
            }
        }
        program.schedule(() -> program.stopInside(this, t));
        return true;
    }

    @Override
    public synchronized boolean isCancelled() {
        return stopped != null && outcome != null;
    }

    @Override
    public synchronized boolean isDone() {
        return outcome != null;
    }

    @Override
    public Object get() throws InterruptedException, ExecutionException {
        try {
            return get(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized Object get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        long start = System.nanoTime();
        while (outcome == null) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(unit.toNanos(timeout) - (System.nanoTime() - start));
            if (leftMillis <= 0) {
                throw new TimeoutException();
            }
            wait(leftMillis);
        }
        if (outcome.isFailure()) {
            throw new ExecutionException(outcome.getAbnormal());
        }
        return outcome.getNormal();
    }

    /** The bench's body invoker. */
    static final class Starter extends BodyInvoker {
        private final StepHandle step;
        private final Closure<?> closure;
        private final List<Object> objects = new ArrayList<>();
        private final ArrayList<BodyExecutionCallback> callbacks = new ArrayList<>();
        private String name;

        Starter(StepHandle step, Closure<?> closure) {
            this.step = step;
            this.closure = closure;
        }

        @Override
        public BodyInvoker withContext(Object override) {
            if (override != null) {
                objects.add(override);
            }
            return this;
        }

        @Override
        public BodyInvoker withDisplayName(String displayName) {
            name = displayName;
            return this;
        }

        @Override
        public BodyInvoker withCallback(BodyExecutionCallback callback) {
            callbacks.add(callback);
            return this;
        }

        @Override
        public BodyExecution start() {
            BlockBody body = new BlockBody(step.program(), step, callbacks);
            step.launch(body, closure, objects, name);
            return body;
        }
    }
}
