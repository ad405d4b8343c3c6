package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * A step whose work the engine does. Between {@code start()} and completion it holds no thread, and {@code start()} and
 * {@code onResume()} are the same: the engine finds out by looking how far things are. All that touches the outside
 * (context objects included, some of which are fetched remotely) happens on the engine's threads, never on the
 * program's.
 *
 * <p>{@link #stop} takes what was begun outside back with {@link #retreat} and completes within
 * {@link #STOP_SECONDS} though nothing answers; that it was stopped is saved, so that a restart in between does not
 * bring the step back to life.
 *
 * @param <T> what the engine's reconciler comes to
 */
abstract class EngineStepExecution<T> extends StepExecution {
    private static final long serialVersionUID = 1L;
    private static final Logger LOGGER = Logger.getLogger(EngineStepExecution.class.getName());

    /** How long the retreat of a stopped step may hold the build. */
    static final int STOP_SECONDS = 15;

    /** How long the outside may be out of reach before a step gives up. */
    private static final Duration OUTAGE = Duration.ofMinutes(10);

    /** Why the step was stopped, set when it was; survives a restart. */
    private Throwable stopCause;

    private transient volatile Drive drive;
    private transient boolean completed;

    EngineStepExecution(@NonNull StepContext context) {
        super(context);
    }

    /** Makes the reconciler that does the work; called once per start or resume, on an engine thread. */
    abstract Reconciler<T> undertake(Surroundings surroundings) throws Exception;

    /** What the step returns to the program; may throw to fail it. Called on an engine thread. */
    abstract Object result(T result, Surroundings surroundings) throws Exception;

    /** What takes back a half-done undertaking, or null if nothing has to be. Called on an engine thread. */
    @CheckForNull
    Reconciler<?> retreat(Surroundings surroundings) throws Exception {
        return null;
    }

    /** The work failed, and nobody goes on with it: gives up what it holds inside Jenkins. Called on an engine thread. */
    void gaveUp(Throwable failure, Surroundings surroundings) throws Exception {
        // most steps hold nothing
    }

    @Override
    public boolean start() {
        begin();
        return false;
    }

    @Override
    public void onResume() {
        super.onResume();
        begin();
    }

    private void begin() {
        if (stopCause == null) {
            drive(this::undertake, new Drive.Listener<T>() {
                @Override
                public void done(T result) {
                    try {
                        succeed(result(result, Surroundings.of(getContext())));
                    } catch (Exception e) {
                        if (!isStopped()) {
                            fail(e);
                        }
                    }
                }

                @Override
                public void failed(Throwable failure) {
                    if (isStopped()) {
                        return; // the retreat says how it ends
                    }
                    giveUp(failure);
                    fail(failure);
                }
            });
        } else {
            turnBack();
        }
    }

    @Override
    public void stop(@NonNull Throwable cause) throws Exception {
        synchronized (this) {
            if (stopCause != null || completed) {
                return; // the retreat is on its way and bounded
            }
            stopCause = cause;
        }
        getContext().saveState();
        turnBack();
    }

    /** The turn that runs just now may still make something: what takes it back begins when that is over. */
    private void turnBack() {
        boundRetreat();
        Drive current = drive;
        if (current == null) {
            retreatNow();
        } else {
            current.cancel();
            current.whenOver(this::retreatNow);
        }
    }

    private void boundRetreat() {
        EphemeralEngine.get().driver().schedule(name() + ": stop", Duration.ofSeconds(STOP_SECONDS), () -> {
            if (!isCompleted()) {
                say("Not everything could be taken back within " + STOP_SECONDS
                        + " s; it goes on in the background, at the latest when the environment ends.");
                fail(stopCause);
            }
        });
    }

    private void retreatNow() {
        drive(this::retreat, new Drive.Listener<Object>() {
            @Override
            public void done(Object ignored) {
                fail(stopCause);
            }

            @Override
            public void failed(Throwable failure) {
                say("Could not be taken back now: " + failure.getMessage());
                giveUp(failure);
                fail(stopCause);
            }
        });
    }

    private void giveUp(Throwable failure) {
        try {
            gaveUp(reasonOf(failure), Surroundings.of(getContext()));
        } catch (Exception e) {
            LOGGER.log(Level.WARNING, "a step that failed could not give up what it held", e);
        }
    }

    @Override
    public String getStatus() {
        Drive current = drive;
        return current == null ? "waiting to begin" : current.status();
    }

    private String name() {
        return getClass().getSimpleName();
    }

    /** Makes a reconciler on an engine thread. */
    private interface Maker<R> {
        Reconciler<? extends R> make(Surroundings surroundings) throws Exception;
    }

    private <R> void drive(Maker<R> maker, Drive.Listener<? super R> listener) {
        Lazily<R> lazily = new Lazily<>(maker, getContext());
        drive = EphemeralEngine.get().driver().drive(name(), lazily, OUTAGE, text -> lazily.say(text), listener);
    }

    private synchronized boolean isStopped() {
        return stopCause != null;
    }

    private synchronized boolean isCompleted() {
        return completed;
    }

    private synchronized boolean complete() {
        boolean first = !completed;
        completed = true;
        return first;
    }

    /** Not if it was stopped: then what it made is taken back. */
    private void succeed(Object value) {
        synchronized (this) {
            if (stopCause != null || completed) {
                return;
            }
            completed = true;
        }
        getContext().onSuccess(value);
    }

    /** Faults speak for themselves: their stack trace would only bury the sentence. */
    private void fail(Throwable failure) {
        if (complete()) {
            Throwable reason = reasonOf(failure);
            getContext().onFailure(reason instanceof Fault ? abort((Fault) reason) : reason);
        }
    }

    private static Throwable reasonOf(Throwable failure) {
        return failure instanceof NotBegun ? failure.getCause() : failure;
    }

    /**
     * What the program and its console get. The fault with its causes goes to Jenkins' log only: carried along they
     * would be saved with the build, and what cannot be saved makes Jenkins replace the whole exception by a proxy with
     * a stack trace.
     */
    static AbortException abort(Fault fault) {
        LOGGER.log(Level.FINE, "a step ends by a fault", fault);
        return new AbortException(fault.getMessage());
    }

    private void say(String text) {
        try {
            Surroundings.of(getContext()).console().line(text);
        } catch (Exception e) {
            LOGGER.log(Level.FINE, "no console for: " + text, e);
        }
    }

    /** Carries a checked exception of the beginning through the driver. */
    private static final class NotBegun extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotBegun(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Makes the real reconciler in its first turn, on an engine thread. */
    private static final class Lazily<R> implements Reconciler<R> {
        private final Maker<R> maker;
        private final StepContext context;
        private Surroundings surroundings;
        private volatile Reconciler<? extends R> reconciler;

        Lazily(Maker<R> maker, StepContext context) {
            this.maker = maker;
            this.context = context;
        }

        @Override
        public Progress<R> reconcile() throws InterruptedException {
            if (reconciler == null) {
                try {
                    surroundings = Surroundings.of(context);
                    reconciler = maker.make(surroundings);
                } catch (RuntimeException | InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    throw new NotBegun(e);
                }
                if (reconciler == null) {
                    return Progress.done(null);
                }
            }
            Turn.onBehalfOf(surroundings.runRef());
            Progress<? extends R> progress = reconciler.reconcile();
            return progress.isDone() ? Progress.done(progress.result()) : Progress.again(progress.delay());
        }

        void say(String text) {
            Surroundings known = surroundings;
            if (known != null) {
                known.console().line(text);
            }
        }

        @Override
        public String status() {
            Reconciler<? extends R> known = reconciler;
            return known == null ? "beginning" : known.status();
        }
    }
}
