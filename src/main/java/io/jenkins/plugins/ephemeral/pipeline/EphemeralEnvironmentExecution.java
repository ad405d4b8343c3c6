package io.jenkins.plugins.ephemeral.pipeline;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.EnvironmentExpander;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * The life of one {@code ephemeralEnvironment} block, in three phases. PROVISIONING and RELEASING are done by the
 * engine and begun anew after a restart; in BODY a restart changes nothing, so that the body runs once. The end of the
 * body only writes the release down: deletion itself is the engine's, off the build's path.
 */
final class EphemeralEnvironmentExecution extends BlockExecution {
    private static final long serialVersionUID = 1L;
    private static final Logger LOGGER = Logger.getLogger(EphemeralEnvironmentExecution.class.getName());
    private static final Duration OUTAGE = Duration.ofMinutes(10);
    private static final Duration RENEWAL = Duration.ofMinutes(5);

    private enum Phase {
        PROVISIONING,
        BODY,
        RELEASING
    }

    private final EnvironmentSpec spec;
    private Phase phase = Phase.PROVISIONING;
    /** What is asked for: decided in the first turn and saved before anything is created; then what was given. */
    private String name;

    private volatile String nodeId = "";

    private BodyExecution body;
    /** How the body ended; null if it did well or has not ended. */
    private Throwable bodyFailure;

    private transient Object bodyResult;
    private transient volatile Drive drive;
    private transient boolean completed;
    /** Whether it was stopped before its body began. */
    private transient volatile boolean stopped;

    EphemeralEnvironmentExecution(StepContext context, EnvironmentSpec spec) {
        super(context);
        this.spec = spec;
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
            case PROVISIONING:
                EphemeralEngine.get().driver().submit("ephemeralEnvironment", this::provision);
                break;
            case BODY:
                // Jenkins may have been down for longer than the time to live
                keepAlive(Duration.ZERO);
                break;
            default:
                EphemeralEngine.get().driver().submit("ephemeralEnvironment", this::release);
        }
    }

    private void provision() {
        try {
            Surroundings around = Surroundings.of(getContext());
            Environments environments = around.engine().environments();
            synchronized (this) {
                if (phase != Phase.PROVISIONING) {
                    return;
                }
                if (name == null) {
                    nodeId = around.nodeId();
                    name = environments.nameFor(spec, around.runRef(), nodeId);
                    around.checkpoint().save();
                }
            }
            EnvironmentJournal journal = new EnvironmentJournal(around, name);
            journal.requested(spec);
            Reconciler<NamespaceRef> provisioning = new UntrustedChange<>(
                    around,
                    spec,
                    permitted -> environments.provision(name, permitted, around.runRef(), nodeId, around.console()));
            Drive begun = EphemeralEngine.get()
                    .driver()
                    .drive("provision " + name, provisioning, OUTAGE, around.console(), new Drive.Listener<>() {
                        @Override
                        public void done(NamespaceRef environment) {
                            journal.ready(environment.environment(), spec.urlsOf(environment));
                            enter(environment);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            leave(failure);
                        }
                    });
            drive = begun;
            begun.whenOver(() -> EphemeralEngine.get()
                    .driver()
                    .submit("ephemeralEnvironment", () -> letGoIfStopped(environments, around)));
            if (stopped) {
                begun.cancel();
            }
        } catch (IOException | RuntimeException e) {
            leave(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The turn that ran while the step was stopped may have written its record after the release had looked for it. */
    private void letGoIfStopped(Environments environments, Surroundings around) {
        if (stopped) {
            environments.release(name, around.runRef(), nodeId, ending(), around.console());
        }
    }

    private synchronized void enter(NamespaceRef environment) {
        if (phase != Phase.PROVISIONING || stopped) {
            return;
        }
        phase = Phase.BODY;
        name = environment.environment();
        try {
            EphemeralContext ephemeral = new EphemeralContext(
                    environment, spec.urlsOf(environment), getContext().get(EphemeralContext.class));
            EnvironmentExpander outer = getContext().get(EnvironmentExpander.class);
            body = getContext()
                    .newBodyInvoker()
                    .withContexts(ephemeral, EnvironmentExpander.merge(outer, new EphemeralContext.Expander(ephemeral)))
                    .withCallback(new Callback(this))
                    .start();
            keepAlive(renewal(spec.ttl));
        } catch (IOException | RuntimeException e) {
            leave(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            leave(e);
        }
    }

    /** While the build holds the environment its time to live is renewed, an overnight {@code input} included. */
    private void keepAlive(Duration delay) {
        EphemeralEngine.get().driver().schedule("renew " + name, delay, () -> {
            if (inBody()) {
                try {
                    EphemeralEngine.get().engine().environments().renew(name);
                } finally {
                    keepAlive(renewal(spec.ttl)); // a disk that is full for a moment does not end it
                }
            }
        });
    }

    /** How often a time to live is renewed: twice before it is over, however short it is. */
    static Duration renewal(Duration ttl) {
        Duration often = ttl.dividedBy(3);
        return often.compareTo(RENEWAL) < 0 ? often : RENEWAL;
    }

    private synchronized boolean inBody() {
        return phase == Phase.BODY;
    }

    /** The body is over, or there never was one. May be called on the program's thread: no I/O here. */
    private void leave(Throwable failure) {
        synchronized (this) {
            if (phase == Phase.RELEASING) {
                return;
            }
            phase = Phase.RELEASING;
            bodyFailure = failure;
        }
        getContext().saveState();
        EphemeralEngine.get().driver().submit("ephemeralEnvironment", this::release);
    }

    /** Writes the release down before anything else: what follows is only telling. */
    private void release() {
        if (name == null) {
            complete();
            return;
        }
        boolean wait = false;
        try {
            Surroundings around = Surroundings.of(getContext());
            Environments environments = around.engine().environments();
            environments.release(name, around.runRef(), nodeId, ending(), around.console());
            EnvironmentRecord record = environments.find(name).orElse(null);
            boolean kept = record != null && record.state == EnvironmentState.READY;
            new EnvironmentJournal(around, name).released(kept ? record : null, bodyFailure);
            if (record != null && !kept) {
                wait = spec.waitForDeletion;
                tellTheEnd(around, wait);
            }
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "The release of environment " + name + " is left to the reaper", e);
        }
        if (!wait) {
            complete();
        }
    }

    /** Follows the deletion for the report, with or without the build waiting for it. */
    private void tellTheEnd(Surroundings around, boolean wait) {
        EnvironmentJournal journal = new EnvironmentJournal(around, name);
        Drive following = EphemeralEngine.get()
                .driver()
                .drive(
                        "deletion of " + name,
                        around.engine().environments().awaitGone(name, around.console()),
                        OUTAGE,
                        around.console(),
                        new Drive.Listener<>() {
                            @Override
                            public void done(EnvironmentRecord record) {
                                journal.ended(record);
                                complete();
                            }

                            @Override
                            public void failed(Throwable failure) {
                                LOGGER.log(Level.INFO, "not following the deletion of " + name, failure);
                                complete();
                            }
                        });
        if (wait) {
            drive = following;
        }
    }

    private Ending ending() {
        if (bodyFailure == null) {
            return Ending.SUCCESS;
        }
        return bodyFailure instanceof FlowInterruptedException ? Ending.ABORTED : Ending.FAILURE;
    }

    private void complete() {
        synchronized (this) {
            if (completed) {
                return;
            }
            completed = true;
        }
        if (bodyFailure == null) {
            getContext().onSuccess(bodyResult);
        } else {
            getContext()
                    .onFailure(
                            bodyFailure instanceof Fault
                                    ? EngineStepExecution.abort((Fault) bodyFailure)
                                    : bodyFailure);
        }
    }

    @Override
    public void stop(Throwable cause) throws Exception {
        BodyExecution running;
        synchronized (this) {
            running = phase == Phase.BODY ? body : null;
            if (phase == Phase.PROVISIONING) {
                stopped = true;
                bodyFailure = cause;
            }
        }
        if (running != null) {
            running.cancel(cause);
            return;
        }
        Drive current = drive;
        if (current != null) {
            current.cancel();
        }
        EphemeralEngine.get()
                .driver()
                .schedule("stop " + name, Duration.ofSeconds(EngineStepExecution.STOP_SECONDS), this::complete);
        if (releasing()) {
            complete(); // waiting for the deletion: it goes on without the build
        } else {
            leave(cause);
        }
    }

    private synchronized Phase currentPhase() {
        return phase;
    }

    private synchronized boolean releasing() {
        return phase == Phase.RELEASING;
    }

    @Override
    public String getStatus() {
        Drive current = drive;
        return currentPhase().name().toLowerCase(java.util.Locale.ROOT)
                + (name == null ? "" : " of " + name)
                + (current == null || current.isOver() ? "" : ": " + current.status());
    }

    @Override
    void bodyEnded(Object result, Throwable failure) {
        bodyResult = result;
        leave(failure);
    }
}
