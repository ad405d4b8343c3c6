package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.outside.SavedParameters;
import java.util.concurrent.ConcurrentHashMap;

/** How far a stage Job has come; persisted with the step, a few hundred bytes. */
public final class StageJobState extends SavedParameters {
    private static final long serialVersionUID = 1L;

    /** Name of the Job, decided before it is created. */
    public String jobName;

    /** When the Job of a stage that changes things was first asked for, milliseconds since the epoch; 0 until then. */
    public long askedMillis;

    /** UID of the Job; null until it is known. */
    public String jobUid;

    /** Absolute end of the startup time, milliseconds since the epoch; 0 until the Job was created. */
    public long startupDeadlineMillis;

    /** Absolute end of the run time, milliseconds since the epoch; 0 until the container ran. */
    public long runDeadlineMillis;

    /** UID of the stage's Secret, if it has one; null until it is known. */
    public String secretUid;

    /** UID of the Job's Pod, the first one that was seen; null until then. */
    public String podUid;

    /** Name of the Job's Pod, the first one that was seen; null until then. */
    public String podName;

    /** Digest of the image that ran, {@code sha256:...}; null if the node did not say. */
    public String imageDigest;

    /** SHA-256 of the packed outputs that are kept for the stages after it; or null. */
    public String outputsSha256;

    /** When the container began to run, milliseconds since the epoch; 0 until then. */
    public long startedMillis;

    /**
     * Where the log of each container was left: {@code pod/container} to the text form of a {@link LogPosition}. One
     * value per log, so that a save in the middle of printing finds it whole.
     */
    public final ConcurrentHashMap<String, String> logPositions = new ConcurrentHashMap<>();

    /** How many log lines were printed. */
    public volatile long logLines;

    /** Name of the {@link Outcome} that was decided on while the Job was still there and had to be stopped; or null. */
    public String decidedOutcome;

    /** The sentence that belongs to {@link #decidedOutcome}. */
    public String decidedReason;

    /** Exit code of the container, if it was over when {@link #decidedOutcome} was decided on; or null. */
    public Integer decidedExitCode;

    /** Exit code of the container that was seen after {@link #decidedOutcome}; null if none was. */
    public Integer exitCodeAfterDecision;

    /** Until when the Pod is given to be gone after {@link #decidedOutcome}, milliseconds since the epoch; or 0. */
    public long goneDeadlineMillis;
}
