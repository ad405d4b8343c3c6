package io.jenkins.plugins.ephemeral.terrakube;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How far such a stage has come; persisted with the step, a few hundred bytes. */
public final class TerrakubeState implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What the job's comments are, decided before it is created: it is found again by them. */
    public String comments;

    /** Name of the control plane that the job is in. */
    public String controlPlane;

    /** Name of the workspace. */
    public String workspace;

    /** UUID of the organization; null until it is known. */
    public String organizationId;

    /** UUID of the workspace; null until it is known. */
    public String workspaceId;

    /** Number of the job; 0 until it is known. */
    public volatile int jobId;

    /** How often its creation was asked for, the present try included. */
    public int creations;

    /** When its creation was last asked for, milliseconds since the epoch; 0 if never. */
    public long creationAskedMillis;

    /** Absolute end of the stage's time, milliseconds since the epoch; 0 until it is known. */
    public long deadlineMillis;

    /** UUID of the step whose approval this stage decides on, or null. */
    public String decidedStepId;

    /** Whether the decision was sent, or is being sent. */
    public boolean decisionAsked;

    /** Whether the decision is known to have been taken. */
    public boolean decided;

    /** Whether the time was over and the job was cancelled for that. */
    public boolean timedOut;

    /** Id of the last streamed line of the job's log, or empty. */
    public volatile String logPosition = "";

    /** How many lines of the log were printed. */
    public volatile long logLines;

    /** By step: how many lines of its log were printed; -1 once all of them were. */
    public final Map<String, Integer> printed = new ConcurrentHashMap<>();

    /** The last line that was printed while its step ran, at most 200 characters. */
    public volatile String lastLine = "";

    private transient boolean running;
    private transient boolean cancelled;

    /** A turn that drives the stage wants to begin; false if it is being cancelled. */
    synchronized boolean enter() {
        if (cancelled) {
            return false;
        }
        running = true;
        return true;
    }

    /** The turn is over. */
    synchronized void leave() {
        running = false;
    }

    /** A cancel begins; whether no turn is under way, which might just be creating the job. */
    synchronized boolean cancel() {
        cancelled = true;
        return !running;
    }
}
