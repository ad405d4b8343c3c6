package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Saves how far the log of a stage is, now and then. */
final class StageKeep {
    /** How often that is. */
    static final Duration EVERY = Duration.ofSeconds(5);

    private final StageJobState state;
    private final StageReport report;
    private final Checkpoint checkpoint;
    private final Clock clock;
    private Instant savedAt;
    private long savedLines;

    StageKeep(StageJobState state, StageReport report, Checkpoint checkpoint, Clock clock) {
        this.state = state;
        this.report = report;
        this.checkpoint = checkpoint;
        this.clock = clock;
        this.savedAt = clock.instant();
        this.savedLines = state.logLines;
    }

    /** Saves it if it has gone on, and was not saved lately. */
    void keep() {
        Instant now = clock.instant();
        if (state.logLines != savedLines && !now.isBefore(savedAt.plus(EVERY))) {
            savedLines = state.logLines;
            savedAt = now;
            checkpoint.save();
            report.logged();
        }
    }
}
