package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.Extension;
import hudson.model.Result;
import hudson.model.TaskListener;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import jenkins.model.CauseOfInterruption;
import jenkins.util.Timer;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** The steps that wait for a time or for a person. What they wait for is kept over restarts. */
final class WaitingSteps {
    private WaitingSteps() {}

    /** Something that happens at a time, in whichever process that is. */
    private abstract static class At extends StepExecution {
        private static final long serialVersionUID = 1L;
        private final long whenMillis;
        private transient volatile ScheduledFuture<?> alarm;

        At(StepContext context, long delayMillis) {
            super(context);
            this.whenMillis = System.currentTimeMillis() + delayMillis;
        }

        abstract void reached();

        void arm() {
            long left = Math.max(0, whenMillis - System.currentTimeMillis());
            alarm = Timer.get().schedule(this::reached, left, TimeUnit.MILLISECONDS);
        }

        void disarm() {
            if (alarm != null) {
                alarm.cancel(false);
            }
        }

        @Override
        public void onResume() {
            arm();
        }
    }

    /** {@code sleep}. */
    public static final class Sleep extends BuiltinStep {
        private final int time;
        private TimeUnit unit = TimeUnit.SECONDS;

        @DataBoundConstructor
        public Sleep(int time) {
            this.time = time;
        }

        @DataBoundSetter
        public void setUnit(TimeUnit unit) {
            this.unit = unit;
        }

        @Override
        public StepExecution start(StepContext context) {
            return new Sleeping(
                    context, unit.toMillis(time), time + " " + unit.name().toLowerCase(java.util.Locale.ROOT));
        }

        private static final class Sleeping extends At {
            private static final long serialVersionUID = 1L;
            private final String text;

            Sleeping(StepContext context, long delayMillis, String text) {
                super(context, delayMillis);
                this.text = text;
            }

            @Override
            public boolean start() throws Exception {
                getContext().get(TaskListener.class).getLogger().println("Sleeping for " + text);
                arm();
                return false;
            }

            @Override
            void reached() {
                getContext().onSuccess(null);
            }

            @Override
            public void stop(Throwable cause) throws Exception {
                disarm();
                super.stop(cause);
            }
        }

        @Extension
        public static final About ABOUT = new About("sleep", false, TaskListener.class) {};
    }

    /** {@code timeout}. */
    public static final class Timeout extends BuiltinStep {
        private final int time;
        private TimeUnit unit = TimeUnit.MINUTES;

        @DataBoundConstructor
        public Timeout(int time) {
            this.time = time;
        }

        @DataBoundSetter
        public void setUnit(TimeUnit unit) {
            this.unit = unit;
        }

        @Override
        public StepExecution start(StepContext context) {
            return new Limiting(
                    context, unit.toMillis(time), time + " " + unit.name().toLowerCase(java.util.Locale.ROOT));
        }

        private static final class Limiting extends At {
            private static final long serialVersionUID = 1L;
            private final String text;
            private BodyExecution body;

            Limiting(StepContext context, long delayMillis, String text) {
                super(context, delayMillis);
                this.text = text;
            }

            @Override
            public boolean start() throws Exception {
                getContext().get(TaskListener.class).getLogger().println("Timeout set to expire in " + text);
                body = getContext()
                        .newBodyInvoker()
                        .withCallback(new Done(this))
                        .start();
                arm();
                return false;
            }

            @Override
            void reached() {
                try {
                    getContext().get(TaskListener.class).getLogger().println("Cancelling nested steps due to timeout");
                    body.cancel(new FlowInterruptedException(Result.ABORTED, new ExceededTimeout()));
                } catch (Exception e) {
                    getContext().onFailure(e);
                }
            }
        }

        private static final class Done extends org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback.TailCall {
            private static final long serialVersionUID = 1L;
            private final Limiting step;

            Done(Limiting step) {
                this.step = step;
            }

            @Override
            protected void finished(StepContext context) {
                step.disarm();
            }
        }

        @Extension
        public static final About ABOUT = new About("timeout", true, TaskListener.class) {};
    }

    private static final class ExceededTimeout extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;

        @Override
        public String getShortDescription() {
            return "Timeout has been exceeded";
        }
    }

    /** {@code input}, answered as {@link BenchJenkins#setInputAnswer} says. */
    public static final class Input extends BuiltinStep {
        private final String message;
        private String id;
        private String ok = "Proceed";
        private String submitter;

        @DataBoundConstructor
        public Input(String message) {
            this.message = message;
        }

        @DataBoundSetter
        public void setId(String id) {
            this.id = id;
        }

        @DataBoundSetter
        public void setOk(String ok) {
            this.ok = ok;
        }

        @DataBoundSetter
        public void setSubmitter(String submitter) {
            this.submitter = submitter;
        }

        @Override
        public StepExecution start(StepContext context) {
            return new Asking(context, message, ok);
        }

        private static final class Asking extends StepExecution {
            private static final long serialVersionUID = 1L;
            private final String message;
            private final String ok;
            private transient volatile ScheduledFuture<?> poll;

            Asking(StepContext context, String message, String ok) {
                super(context);
                this.message = message;
                this.ok = ok;
            }

            @Override
            public boolean start() throws Exception {
                getContext().get(TaskListener.class).getLogger().println(message + "\n" + ok + " or Abort");
                onResume();
                return false;
            }

            @Override
            public synchronized void onResume() {
                poll = Timer.get().scheduleWithFixedDelay(this::look, 0, 20, TimeUnit.MILLISECONDS);
            }

            private synchronized void look() {
                Boolean answer = BenchJenkins.get().inputAnswer();
                if (answer == null) {
                    return;
                }
                poll.cancel(false);
                try {
                    if (answer) {
                        getContext().get(TaskListener.class).getLogger().println("Approved by admin");
                        getContext().onSuccess(null);
                    } else {
                        getContext().onFailure(new FlowInterruptedException(Result.ABORTED, new Rejection()));
                    }
                } catch (Exception e) {
                    getContext().onFailure(e);
                }
            }

            @Override
            public void stop(Throwable cause) throws Exception {
                poll.cancel(false);
                super.stop(cause);
            }
        }

        private static final class Rejection extends CauseOfInterruption {
            private static final long serialVersionUID = 1L;

            @Override
            public String getShortDescription() {
                return "Rejected by admin";
            }
        }

        @Extension
        public static final About ABOUT = new About("input", false, TaskListener.class) {};
    }
}
