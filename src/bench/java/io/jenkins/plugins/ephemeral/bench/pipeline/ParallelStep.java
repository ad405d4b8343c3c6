package io.jenkins.plugins.ephemeral.bench.pipeline;

import groovy.lang.Closure;
import hudson.Extension;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** {@code parallel}: named closures and {@code failFast}. */
public final class ParallelStep extends BuiltinStep {
    private final Map<String, Closure<?>> branches = new LinkedHashMap<>();
    private final boolean failFast;

    ParallelStep(Map<String, ?> arguments) {
        this.failFast = Boolean.TRUE.equals(arguments.get("failFast"));
        arguments.forEach((name, value) -> {
            if (value instanceof Closure<?> closure) {
                branches.put(name, closure);
            } else if (!name.equals("failFast")) {
                throw new IllegalArgumentException("Expected a closure or failFast, but found " + name + "=" + value);
            }
        });
    }

    @Override
    public StepExecution start(StepContext context) {
        return new Execution((StepHandle) context, branches, failFast);
    }

    private static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;
        private final transient Map<String, Closure<?>> branches;
        private final boolean failFast;
        private final LinkedHashMap<String, BodyExecution> running = new LinkedHashMap<>();
        private final LinkedHashSet<String> open = new LinkedHashSet<>();
        private final LinkedHashMap<String, Object> results = new LinkedHashMap<>();
        private Throwable failure;

        Execution(StepHandle context, Map<String, Closure<?>> branches, boolean failFast) {
            super(context);
            this.branches = branches;
            this.failFast = failFast;
        }

        @Override
        public boolean start() {
            if (branches.isEmpty()) {
                getContext().onSuccess(results);
                return true;
            }
            open.addAll(branches.keySet());
            branches.forEach((name, closure) -> running.put(
                    name,
                    ((StepHandle) getContext())
                            .newBodyInvoker(closure)
                            .withDisplayName("Branch: " + name)
                            .withCallback(new Branch(this, name))
                            .start()));
            return false;
        }

        @Override
        public void stop(Throwable cause) {
            running.values().forEach(b -> b.cancel(cause));
        }

        void ended(String name, Object result, Throwable t) throws java.io.IOException, InterruptedException {
            open.remove(name);
            results.put(name, result);
            if (t != null) {
                getContext().get(hudson.model.TaskListener.class).getLogger().println("Failed in branch " + name);
                boolean worse = failure instanceof FlowInterruptedException && !(t instanceof FlowInterruptedException);
                boolean first = failure == null;
                if (first || worse) {
                    failure = t;
                }
                if (failFast && first) {
                    FlowInterruptedException stop =
                            new FlowInterruptedException(hudson.model.Result.ABORTED, new FailFast(name));
                    open.forEach(other -> running.get(other).cancel(stop));
                }
            }
            if (open.isEmpty()) {
                if (failure == null) {
                    getContext().onSuccess(results);
                } else {
                    getContext().onFailure(failure);
                }
            }
        }
    }

    private static final class FailFast extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;
        private final String branch;

        FailFast(String branch) {
            this.branch = branch;
        }

        @Override
        public String getShortDescription() {
            return "Failed in branch " + branch;
        }
    }

    private static final class Branch extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;
        private final Execution step;
        private final String name;

        Branch(Execution step, String name) {
            this.step = step;
            this.name = name;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            end(context, result, null);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            end(context, null, t);
        }

        private void end(StepContext context, Object result, Throwable t) {
            try {
                step.ended(name, result, t);
            } catch (java.io.IOException | InterruptedException e) {
                context.onFailure(e);
            }
        }
    }

    @Extension
    public static final About ABOUT = new About("parallel", false) {};
}
