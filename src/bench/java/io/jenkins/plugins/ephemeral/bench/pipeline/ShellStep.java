package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.AbortException;
import hudson.EnvVars;
import hudson.Extension;
import hudson.FilePath;
import hudson.model.TaskListener;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import jenkins.util.Timer;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code sh}: a local process that goes on when the controller is killed, and is followed by its files. */
public final class ShellStep extends BuiltinStep {
    private final String script;
    private boolean returnStatus;
    private boolean returnStdout;
    private String label;

    @DataBoundConstructor
    public ShellStep(String script) {
        this.script = script;
    }

    @DataBoundSetter
    public void setReturnStatus(boolean returnStatus) {
        this.returnStatus = returnStatus;
    }

    @DataBoundSetter
    public void setReturnStdout(boolean returnStdout) {
        this.returnStdout = returnStdout;
    }

    @DataBoundSetter
    public void setLabel(String label) {
        this.label = label;
    }

    @Override
    public StepExecution start(StepContext context) {
        if (returnStatus && returnStdout) {
            throw new IllegalArgumentException("both returnStatus and returnStdout are set");
        }
        return new Execution(context, script, returnStatus, returnStdout);
    }

    private static final class Execution extends StepExecution {
        private static final long serialVersionUID = 1L;
        private final transient String script;
        private final boolean returnStatus;
        private final boolean returnStdout;
        private FilePath control;
        private long pid;
        private transient volatile ScheduledFuture<?> poll;

        Execution(StepContext context, String script, boolean returnStatus, boolean returnStdout) {
            super(context);
            this.script = script;
            this.returnStatus = returnStatus;
            this.returnStdout = returnStdout;
        }

        @Override
        public boolean start() throws Exception {
            FilePath workspace = getContext().get(FilePath.class);
            control = new FilePath(Files.createTempDirectory(
                            Files.createDirectories(Path.of(workspace.getRemote() + "@tmp")), "durable-")
                    .toFile());
            control.child("script.sh").write(script.startsWith("#!") ? script : "#!/bin/sh -xe\n" + script, "UTF-8");
            String run = "interpreter=$(sed -n '1s/^#! *//p' script.sh)\n" + "cd '" + workspace.getRemote() + "'\n"
                    + "$interpreter '" + control.child("script.sh") + "' "
                    + (returnStdout
                            ? ">'" + control + "/output' 2>'" + control + "/log'"
                            : ">'" + control + "/log' 2>&1")
                    + "\necho $? >'" + control + "/result.tmp'; mv '" + control + "/result.tmp' '" + control
                    + "/result'\n";
            ProcessBuilder process = new ProcessBuilder("setsid", "sh", "-c", run)
                    .directory(new File(control.getRemote()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectInput(new File("/dev/null"));
            process.environment().clear();
            process.environment().putAll(getContext().get(EnvVars.class));
            pid = process.start().pid();
            onResume();
            return false;
        }

        @Override
        public synchronized void onResume() {
            poll = Timer.get().scheduleWithFixedDelay(this::look, 10, 20, TimeUnit.MILLISECONDS);
        }

        private synchronized void look() {
            try {
                boolean ended = control.child("result").exists();
                show();
                if (ended) {
                    poll.cancel(false);
                    end(Integer.parseInt(control.child("result").readToString().trim()));
                } else if (ProcessHandle.of(pid).isEmpty()
                        && !control.child("result").exists()) {
                    poll.cancel(false);
                    getContext().onFailure(new AbortException("script returned exit code -1"));
                }
            } catch (Exception e) {
                poll.cancel(false);
                getContext().onFailure(e);
            }
        }

        private void show() throws IOException, InterruptedException {
            Path log = Path.of(control.getRemote(), "log");
            FilePath position = control.child("shown");
            int shown = position.exists() ? Integer.parseInt(position.readToString()) : 0;
            byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
            if (all.length > shown) {
                position.write(Integer.toString(all.length), "UTF-8");
                getContext().get(TaskListener.class).getLogger().write(all, shown, all.length - shown);
            }
        }

        private void end(int status) throws IOException, InterruptedException {
            String output = returnStdout ? control.child("output").readToString() : null;
            control.deleteRecursive();
            if (returnStatus) {
                getContext().onSuccess(status);
            } else if (status == 0) {
                getContext().onSuccess(output);
            } else {
                getContext().onFailure(new AbortException("script returned exit code " + status));
            }
        }

        @Override
        public void stop(Throwable cause) throws Exception {
            poll.cancel(false);
            getContext().get(TaskListener.class).getLogger().println("Sending interrupt signal to process");
            // the process leads a group of its own
            new ProcessBuilder("kill", "-TERM", "--", "-" + pid).start().waitFor();
            super.stop(cause);
        }
    }

    @Extension
    public static final About ABOUT = new About("sh", false, FilePath.class, TaskListener.class) {};
}
