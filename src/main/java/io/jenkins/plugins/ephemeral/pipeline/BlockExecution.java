package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/** A step with a body, that hears once how the body ended. */
abstract class BlockExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    BlockExecution(@NonNull StepContext context) {
        super(context);
    }

    /**
     * The body is over. Called on the program's thread: no I/O there.
     *
     * @param result what the body came to, if it did well
     * @param failure how it failed; null if it did well
     */
    abstract void bodyEnded(@CheckForNull Object result, @CheckForNull Throwable failure);

    /** Hears the end of the body. */
    static final class Callback extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        private final BlockExecution execution;

        Callback(BlockExecution execution) {
            this.execution = execution;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            execution.bodyEnded(result, null);
        }

        @Override
        public void onFailure(StepContext context, Throwable failure) {
            execution.bodyEnded(null, failure);
        }
    }
}
