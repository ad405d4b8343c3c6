package io.jenkins.plugins.ephemeral.controlplane;

/**
 * One frame of a run's notification stream.
 *
 * @param seqNo its number in the stream, from 1; 0 for frames that are not numbered
 * @param eventType {@code result}, {@code output}, {@code log}, {@code heartbeat}, {@code ready},
 *     {@code resume_unavailable}; empty if not said
 * @param ref ref of the step, may be empty
 * @param log text as it was logged, control lines included; null if this is no log
 */
public record Notification(long seqNo, String eventType, String ref, String log) {
    /** The server cannot resume where we were: from here on the stream is another one. */
    public boolean isResumeUnavailable() {
        return eventType.equals("resume_unavailable");
    }
}
