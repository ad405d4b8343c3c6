package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.EnvVars;
import hudson.Extension;
import hudson.init.InitMilestone;
import hudson.init.Initializer;
import hudson.init.Terminator;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import jenkins.model.RunAction2;
import jenkins.util.Timer;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** Steps as a plugin would write them, for tests of the bench. */
public final class TestSteps {
    /** The signals that were given. */
    static final Set<String> SIGNALS = ConcurrentHashMap.newKeySet();

    /** The contexts of all waits, also of earlier lives of the controller. */
    static final Map<String, StepContext> CONTEXTS = new ConcurrentHashMap<>();

    /** Starts and stops of controllers, as initialisers and terminators saw them. */
    static final List<String> LIFE = new CopyOnWriteArrayList<>();

    private TestSteps() {}

    @Initializer(after = InitMilestone.SYSTEM_CONFIG_LOADED)
    public static void started() {
        LIFE.add("started");
    }

    @Terminator
    public static void stopped() {
        LIFE.add("stopped");
    }

    private abstract static class About extends StepDescriptor {
        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(TaskListener.class);
        }
    }

    /** An asynchronous step: ends when somebody gives its signal. */
    public static final class WaitFor extends Step {
        private final String signal;

        @DataBoundConstructor
        public WaitFor(String signal) {
            this.signal = signal;
        }

        @Override
        public StepExecution start(StepContext context) {
            return new Execution(context, signal);
        }

        private static final class Execution extends StepExecution {
            private static final long serialVersionUID = 1L;
            private final String signal;

            Execution(StepContext context, String signal) {
                super(context);
                this.signal = signal;
            }

            @Override
            public boolean start() throws Exception {
                say("waiting for " + signal);
                CONTEXTS.put(signal, getContext());
                look();
                return false;
            }

            @Override
            public void onResume() {
                try {
                    say("waiting again for " + signal);
                    look();
                } catch (IOException | InterruptedException e) {
                    getContext().onFailure(e);
                }
            }

            private void look() {
                if (SIGNALS.contains(signal)) {
                    getContext().onSuccess("got " + signal);
                } else {
                    Timer.get().schedule(this::look, 10, TimeUnit.MILLISECONDS);
                }
            }

            @Override
            public void stop(Throwable cause) throws Exception {
                say("stopped waiting for " + signal);
                super.stop(cause);
            }

            private void say(String text) throws IOException, InterruptedException {
                getContext().get(TaskListener.class).getLogger().println(text);
            }
        }

        @Extension
        public static final class DescriptorImpl extends About {
            @Override
            public String getFunctionName() {
                return "waitFor";
            }
        }
    }

    /** What {@link Within} provides. */
    static final class Place implements Serializable {
        private static final long serialVersionUID = 1L;
        final String name;

        Place(String name) {
            this.name = name;
        }
    }

    /** A block step with a context object, a variable, an action on the build and a tail call. */
    public static final class Within extends Step {
        private final String place;

        @DataBoundConstructor
        public Within(String place) {
            this.place = place;
        }

        @Override
        public StepExecution start(StepContext context) {
            return new Execution(context, place);
        }

        private static final class Execution extends StepExecution {
            private static final long serialVersionUID = 1L;
            private final String place;

            Execution(StepContext context, String place) {
                super(context);
                this.place = place;
            }

            @Override
            public boolean start() throws Exception {
                getContext().get(Run.class).addAction(new PlaceAction(place));
                EnvironmentExpander outer = getContext().get(EnvironmentExpander.class);
                getContext()
                        .newBodyInvoker()
                        .withContexts(
                                new Place(place),
                                EnvironmentExpander.merge(outer, EnvironmentExpander.constant(Map.of("PLACE", place))))
                        .withCallback(new Leaving(place))
                        .start();
                return false;
            }

            @Override
            public void onResume() {
                try {
                    getContext().get(TaskListener.class).getLogger().println("still within " + place);
                } catch (IOException | InterruptedException e) {
                    getContext().onFailure(e);
                }
            }
        }

        private static final class Leaving extends BodyExecutionCallback.TailCall {
            private static final long serialVersionUID = 1L;
            private final String place;

            Leaving(String place) {
                this.place = place;
            }

            @Override
            protected void finished(StepContext context) throws Exception {
                context.get(TaskListener.class).getLogger().println("leaving " + place);
            }
        }

        @Extension
        public static final class DescriptorImpl extends About {
            @Override
            public String getFunctionName() {
                return "within";
            }

            @Override
            public boolean takesImplicitBlockArgument() {
                return true;
            }

            @Override
            public Set<? extends Class<?>> getProvidedContext() {
                return Set.of(Place.class);
            }
        }
    }

    /** Knows its build, also after loading. */
    static final class PlaceAction implements RunAction2 {
        private final String place;
        private transient Run<?, ?> run;

        PlaceAction(String place) {
            this.place = place;
        }

        String where() {
            return place + " of " + run.getNumber();
        }

        @Override
        public void onAttached(Run<?, ?> r) {
            run = r;
        }

        @Override
        public void onLoad(Run<?, ?> r) {
            run = r;
        }

        @Override
        public String getIconFileName() {
            return null;
        }

        @Override
        public String getDisplayName() {
            return place;
        }

        @Override
        public String getUrlName() {
            return null;
        }
    }

    /** Needs what {@link Within} provides. */
    public static final class WhereAmI extends Step {
        @DataBoundConstructor
        public WhereAmI() {}

        @Override
        public StepExecution start(StepContext context) {
            return new StepExecution(context) {
                private static final long serialVersionUID = 1L;

                @Override
                public boolean start() throws Exception {
                    EnvVars env = context.get(EnvVars.class);
                    context.onSuccess(context.get(Place.class).name + "/" + env.get("PLACE"));
                    context.onFailure(new IllegalStateException("too late to count"));
                    return true;
                }
            };
        }

        @Extension
        public static final class DescriptorImpl extends About {
            @Override
            public Set<? extends Class<?>> getRequiredContext() {
                return Set.of(Place.class);
            }

            @Override
            public String getFunctionName() {
                return "whereAmI";
            }
        }
    }

    /** Keeps what cannot be saved. */
    public static final class KeepOptional extends Step {
        @DataBoundConstructor
        public KeepOptional() {}

        @Override
        public StepExecution start(StepContext context) {
            return new Execution(context);
        }

        private static final class Execution extends StepExecution {
            private static final long serialVersionUID = 1L;

            @SuppressWarnings({"unused", "serial", "OptionalUsedAsFieldOrParameterType"})
            private final Optional<String> secret = Optional.of("x");

            Execution(StepContext context) {
                super(context);
            }

            @Override
            public boolean start() {
                return false;
            }
        }

        @Extension
        public static final class DescriptorImpl extends About {
            @Override
            public String getFunctionName() {
                return "keepOptional";
            }
        }
    }

    /** One of several kinds of nested objects. */
    public abstract static class Shape extends AbstractDescribableImpl<Shape> {}

    /** A shape with a symbol. */
    public static final class Circle extends Shape {
        private final int radius;

        @DataBoundConstructor
        public Circle(int radius) {
            this.radius = radius;
        }

        @Override
        public String toString() {
            return "circle of " + radius;
        }

        @Extension
        @Symbol("circle")
        public static final class DescriptorImpl extends Descriptor<Shape> {}
    }

    /** Parameters of all types. */
    public static final class Show extends Step {
        /** An enumeration. */
        public enum Mode {
            FAST,
            SLOW
        }

        private final String text;
        private final StringBuilder seen = new StringBuilder();

        @DataBoundConstructor
        public Show(String text) {
            this.text = text;
        }

        @DataBoundSetter
        public void setCount(int count) {
            seen.append(" count=").append(count);
        }

        @DataBoundSetter
        public void setSize(long size) {
            seen.append(" size=").append(size);
        }

        @DataBoundSetter
        public void setFlag(boolean flag) {
            seen.append(" flag=").append(flag);
        }

        @DataBoundSetter
        public void setNames(List<String> names) {
            for (String name : names) {
                seen.append(" name=").append(name);
            }
        }

        @DataBoundSetter
        public void setLabels(Map<String, ?> labels) {
            labels.forEach((key, value) -> seen.append(" ")
                    .append(key)
                    .append("=")
                    .append(value.getClass().getSimpleName()));
        }

        @DataBoundSetter
        public void setMode(Mode mode) {
            seen.append(" mode=").append(mode.ordinal());
        }

        @DataBoundSetter
        public void setShape(Shape shape) {
            seen.append(" shape=").append(shape);
        }

        @DataBoundSetter
        public void setShapes(List<Shape> shapes) {
            seen.append(" shapes=").append(shapes);
        }

        @Override
        public StepExecution start(StepContext context) {
            return new StepExecution(context) {
                private static final long serialVersionUID = 1L;

                @Override
                public boolean start() throws Exception {
                    context.get(TaskListener.class).getLogger().println("text=" + text + seen);
                    context.onSuccess(null);
                    return true;
                }
            };
        }

        @Extension
        public static final class DescriptorImpl extends About {
            @Override
            public String getFunctionName() {
                return "show";
            }
        }
    }
}
