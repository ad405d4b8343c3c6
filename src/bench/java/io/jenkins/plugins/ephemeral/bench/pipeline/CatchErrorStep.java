package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.AbortException;
import hudson.Extension;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.io.IOException;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code catchError}. */
public final class CatchErrorStep extends BuiltinStep.Around {
    private String message;
    private String buildResult = "FAILURE";
    private String stageResult = "SUCCESS";
    private boolean catchInterruptions = true;

    @DataBoundConstructor
    public CatchErrorStep() {}

    @DataBoundSetter
    public void setMessage(String message) {
        this.message = message;
    }

    @DataBoundSetter
    public void setBuildResult(String buildResult) {
        this.buildResult = buildResult == null ? "SUCCESS" : buildResult;
    }

    @DataBoundSetter
    public void setStageResult(String stageResult) {
        this.stageResult = stageResult == null ? "SUCCESS" : stageResult;
    }

    @DataBoundSetter
    public void setCatchInterruptions(boolean catchInterruptions) {
        this.catchInterruptions = catchInterruptions;
    }

    @Override
    BodyInvoker prepare(StepContext context, BodyInvoker body) {
        return body;
    }

    @Override
    BodyExecutionCallback callback() {
        return new Caught(message, buildResult, stageResult, catchInterruptions);
    }

    private static final class Caught extends BodyExecutionCallback {
        private static final long serialVersionUID = 1L;
        private final String message;
        private final Result buildResult;
        private final Result stageResult;
        private final boolean catchInterruptions;

        Caught(String message, String buildResult, String stageResult, boolean catchInterruptions) {
            this.message = message;
            this.buildResult = Result.fromString(buildResult);
            this.stageResult = Result.fromString(stageResult);
            this.catchInterruptions = catchInterruptions;
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            context.onSuccess(null);
        }

        @Override
        public void onFailure(StepContext context, Throwable t) {
            if (!catchInterruptions && t instanceof FlowInterruptedException) {
                context.onFailure(t);
                return;
            }
            try {
                TaskListener listener = context.get(TaskListener.class);
                if (message != null) {
                    listener.error(message);
                }
                if (t instanceof FlowInterruptedException f) {
                    f.handle(context.get(Run.class), listener);
                } else if (t instanceof AbortException) {
                    listener.error(t.getMessage());
                } else {
                    t.printStackTrace(listener.getLogger());
                }
                if (buildResult.isWorseThan(Result.SUCCESS)) {
                    context.get(Run.class).setResult(buildResult);
                }
                if (stageResult.isWorseThan(Result.SUCCESS)) {
                    context.get(FlowNode.class)
                            .addAction(new WarningAction(stageResult)
                                    .withMessage(message == null ? t.getMessage() : message));
                }
                context.onSuccess(null);
            } catch (IOException | InterruptedException e) {
                context.onFailure(e);
            }
        }
    }

    @Extension
    public static final About ABOUT = new About("catchError", true, FlowNode.class, Run.class, TaskListener.class) {};
}
