package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.Extension;
import hudson.model.TaskListener;
import java.util.List;
import org.jenkinsci.plugins.workflow.flow.ErrorCondition;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code retry}, with conditions. */
public final class RetryStep extends BuiltinStep.Around {
    private final int count;
    private List<ErrorCondition> conditions;

    @DataBoundConstructor
    public RetryStep(int count) {
        this.count = count;
    }

    @DataBoundSetter
    public void setConditions(List<ErrorCondition> conditions) {
        this.conditions = conditions;
    }

    @Override
    BodyInvoker prepare(StepContext context, BodyInvoker body) {
        return body;
    }

    @Override
    BodyExecutionCallback callback() {
        return new Again(count, conditions);
    }

    private static final class Again extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;
        private final List<ErrorCondition> conditions;
        private int left;

        Again(int left, List<ErrorCondition> conditions) {
            this.left = left;
            this.conditions = conditions;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            context.onSuccess(result);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            try {
                left--;
                if (left <= 0 || !matches(context, t)) {
                    context.onFailure(t);
                    return;
                }
                TaskListener listener = context.get(TaskListener.class);
                listener.error(t.getMessage());
                listener.getLogger().println("Retrying");
                context.newBodyInvoker().withCallback(this).start();
            } catch (Throwable failure) {
                context.onFailure(failure);
            }
        }

        private boolean matches(StepContext context, Throwable t) throws Exception {
            if (conditions == null) {
                return !(t instanceof FlowInterruptedException);
            }
            for (ErrorCondition condition : conditions) {
                if (condition.test(t, context)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Extension
    public static final About ABOUT = new About("retry", true, TaskListener.class) {};
}
