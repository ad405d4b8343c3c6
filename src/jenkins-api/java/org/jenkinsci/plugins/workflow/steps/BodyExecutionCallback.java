package org.jenkinsci.plugins.workflow.steps;

import com.google.common.util.concurrent.FutureCallback;
import java.io.Serializable;

/** Stand-in: told how a body went. */
public abstract class BodyExecutionCallback implements Serializable {
    private static final long serialVersionUID = 1L;

    public void onStart(StepContext context) {}

    public abstract void onSuccess(StepContext context, Object result);

    public abstract void onFailure(StepContext context, Throwable t);

    /** Passes the outcome on to {@code c}, which must be serialisable. */
    public static BodyExecutionCallback wrap(FutureCallback<Object> c) {
        return new Wrapper(c);
    }

    private static final class Wrapper extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial")
        private final FutureCallback<Object> callback;

        Wrapper(FutureCallback<Object> callback) {
            this.callback = callback;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            callback.onSuccess(result);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            callback.onFailure(t);
        }
    }

    /** Hands the outcome of the body to the step after {@link #finished} ran. */
    public abstract static class TailCall extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;

        protected abstract void finished(StepContext context) throws Exception;

        @Override
        public final void onSuccess(StepContext context, Object result) {
            try {
                finished(context);
            } catch (Exception e) {
                context.onFailure(e);
                return;
            }
            context.onSuccess(result);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            try {
                finished(context);
            } catch (Exception e) {
                t.addSuppressed(e);
            }
            context.onFailure(t);
        }
    }
}
