package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.util.Set;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** Base of the steps that every Jenkins has, as far as tests and the demo need them. */
abstract class BuiltinStep extends Step {
    /** A step that is done when it returns. */
    abstract static class Now extends BuiltinStep {
        abstract Object run(StepContext context) throws Exception;

        @Override
        public StepExecution start(StepContext context) {
            return new StepExecution(context) {
                private static final long serialVersionUID = 1L;

                @Override
                public boolean start() throws Exception {
                    context.onSuccess(run(context));
                    return true;
                }
            };
        }
    }

    /** A step that adds something to the context of its body. */
    abstract static class Around extends BuiltinStep {
        /** What hears of the end of the body. */
        BodyExecutionCallback callback() {
            return new PassOn();
        }

        abstract BodyInvoker prepare(StepContext context, BodyInvoker body) throws Exception;

        @Override
        public StepExecution start(StepContext context) throws Exception {
            return new AroundExecution(context, this);
        }
    }

    private static final class AroundExecution extends StepExecution {
        private static final long serialVersionUID = 1L;
        private final transient Around step;

        AroundExecution(StepContext context, Around step) {
            super(context);
            this.step = step;
        }

        @Override
        public boolean start() throws Exception {
            step.prepare(getContext(), getContext().newBodyInvoker().withCallback(step.callback()))
                    .start();
            return false;
        }

        @Override
        public void stop(Throwable cause) {
            // the steps inside are stopped
        }
    }

    /** The outcome of the body is that of the step. */
    static final class PassOn extends BodyExecutionCallback.TailCall {
        private static final long serialVersionUID = 1L;

        @Override
        protected void finished(StepContext context) {
            // nothing to clean up
        }
    }

    /** What there is to say about a built-in step. */
    abstract static class About extends StepDescriptor {
        private final String name;
        private final boolean block;
        private final Set<Class<?>> required;

        About(String name, boolean block, Class<?>... required) {
            this.name = name;
            this.block = block;
            this.required = Set.of(required);
        }

        @Override
        public String getFunctionName() {
            return name;
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return block;
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return required;
        }
    }
}
