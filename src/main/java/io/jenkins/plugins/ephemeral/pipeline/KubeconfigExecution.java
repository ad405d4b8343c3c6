package io.jenkins.plugins.ephemeral.pipeline;

import hudson.EnvVars;
import hudson.FilePath;
import hudson.console.ConsoleLogFilter;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * The life of one {@code withEphemeralKubeconfig} block: the file is written, the body runs, the file is removed. While
 * the body runs the token is replaced before it ends. The token is never saved: neither here nor in the program.
 */
final class KubeconfigExecution extends BlockExecution {
    private static final long serialVersionUID = 1L;
    private static final Logger LOGGER = Logger.getLogger(KubeconfigExecution.class.getName());
    private static final Duration OUTAGE = Duration.ofMinutes(5);
    private static final Duration RETRY = Duration.ofMinutes(1);
    static final String STEP = "withEphemeralKubeconfig";

    private enum Phase {
        WRITING,
        BODY,
        REMOVING
    }

    private final long lifetimeSeconds;
    private Phase phase = Phase.WRITING;
    /** Of the directory that holds the file; decided before it is made. */
    private String directory;

    private volatile BodyExecution body;
    private Throwable failure;
    private transient Object result;
    private transient volatile Drive drive;
    private transient boolean completed;

    KubeconfigExecution(StepContext context, Duration lifetime) {
        super(context);
        this.lifetimeSeconds = lifetime.getSeconds();
    }

    @Override
    public boolean start() {
        proceed();
        return false;
    }

    @Override
    public void onResume() {
        super.onResume();
        proceed();
    }

    private void proceed() {
        switch (currentPhase()) {
            case WRITING:
                write(this::enter, this::leave);
                break;
            case BODY:
                replaceIn(Duration.ZERO); // how much is left of the last one nobody knows
                break;
            default:
                EphemeralEngine.get().driver().submit(STEP, this::remove);
        }
    }

    private synchronized Phase currentPhase() {
        return phase;
    }

    /** Writes a file with a fresh token, on an engine thread. */
    private void write(Consumer<Instant> done, Consumer<Throwable> failed) {
        drive = EphemeralEngine.get()
                .driver()
                .drive(
                        STEP,
                        new KubeconfigWriting(this, getContext(), lifetimeSeconds),
                        OUTAGE,
                        this::say,
                        new Drive.Listener<>() {
                            @Override
                            public void done(Instant expiresAt) {
                                done.accept(expiresAt);
                            }

                            @Override
                            public void failed(Throwable thrown) {
                                failed.accept(thrown);
                            }
                        });
    }

    /** Where the file is going to be; whether it is still wanted. */
    synchronized boolean prepare(String in) {
        directory = in;
        return phase != Phase.REMOVING;
    }

    /** Under the lock: who stops it finds it before its body, or the body. */
    private synchronized void enter(Instant expiresAt) {
        if (phase != Phase.WRITING) {
            return; // stopped in the meantime
        }
        phase = Phase.BODY;
        try {
            StepContext context = getContext();
            body = context.newBodyInvoker()
                    .withContexts(
                            EnvironmentExpander.merge(
                                    context.get(EnvironmentExpander.class), new Variable(directory + "/config")),
                            BodyInvoker.mergeConsoleLogFilters(context.get(ConsoleLogFilter.class), new TokenMask()))
                    .withCallback(new Callback(this))
                    .start();
            replaceBefore(expiresAt);
        } catch (IOException | RuntimeException e) {
            leave(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            leave(e);
        }
    }

    /** Half of the time that is left, so that what has just been started may use the old one for as long. */
    private void replaceBefore(Instant expiresAt) {
        replaceIn(Duration.between(Instant.now(), expiresAt).dividedBy(2));
    }

    private void replaceIn(Duration delay) {
        EphemeralEngine.get().driver().schedule(STEP, delay.isNegative() ? RETRY : delay, () -> {
            if (currentPhase() == Phase.BODY) {
                write(this::replaceBefore, thrown -> {
                    say("The token of the kubeconfig could not be replaced: " + thrown.getMessage());
                    replaceIn(RETRY);
                });
            }
        });
    }

    /** The body is over, or there never was one. May be called on the program's thread: no I/O here. */
    private void leave(Throwable thrown) {
        synchronized (this) {
            if (phase == Phase.REMOVING) {
                return;
            }
            phase = Phase.REMOVING;
            failure = thrown;
        }
        getContext().saveState();
        Drive current = drive;
        if (current == null) {
            removeSoon();
        } else {
            current.cancel();
            // a turn that is writing ends first: else the file is there again after it was removed
            current.whenOver(this::removeSoon);
            EphemeralEngine.get()
                    .driver()
                    .schedule(STEP, Duration.ofSeconds(EngineStepExecution.STOP_SECONDS), this::complete);
        }
    }

    private void removeSoon() {
        EphemeralEngine.get().driver().submit(STEP, this::remove);
    }

    private void remove() {
        try {
            FilePath workspace = getContext().get(FilePath.class);
            if (directory != null && workspace != null) {
                workspace.child(directory).deleteRecursive();
            }
        } catch (IOException | RuntimeException e) {
            // the node may be gone; the token ends by itself, at the latest with the namespace
            LOGGER.log(Level.INFO, e, () -> "The kubeconfig in " + directory + " could not be removed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        complete();
    }

    private void complete() {
        synchronized (this) {
            if (completed) {
                return;
            }
            completed = true;
        }
        if (failure == null) {
            getContext().onSuccess(result);
        } else {
            getContext().onFailure(cause(failure));
        }
    }

    private static Throwable cause(Throwable failure) {
        if (failure instanceof Fault) {
            return EngineStepExecution.abort((Fault) failure);
        }
        boolean wrapped = failure instanceof IllegalStateException && failure.getCause() instanceof IOException;
        return wrapped ? failure.getCause() : failure;
    }

    @Override
    public void stop(Throwable cause) throws Exception {
        BodyExecution running;
        synchronized (this) {
            running = phase == Phase.BODY ? body : null;
        }
        if (running != null) {
            running.cancel(cause);
            return;
        }
        leave(cause);
    }

    private void say(String text) {
        try {
            Surroundings.of(getContext()).console().line(text);
        } catch (RuntimeException e) {
            LOGGER.log(Level.FINE, "no console for: " + text, e);
        }
    }

    /** {@code KUBECONFIG} of the body. */
    private static final class Variable extends EnvironmentExpander {
        private static final long serialVersionUID = 1L;

        private final String file;

        Variable(String file) {
            this.file = file;
        }

        @Override
        public void expand(EnvVars env) {
            env.overrideAll(Map.of("KUBECONFIG", file));
        }
    }

    @Override
    void bodyEnded(Object result, Throwable failure) {
        this.result = result;
        leave(failure);
    }
}
