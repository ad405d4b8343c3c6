package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Consumer;

/** Keeps a stage's entry of the report up to date. */
final class StageReport {
    /** How many of the last lines of the log are kept. */
    static final int TAIL_LINES = 200;

    private static final int TAIL_BYTES = 64 * 1024;

    private final Stage stage;
    private final ReportStore store;
    private final Clock clock;
    private LogTail tail;

    StageReport(Stage stage, ReportStore store, Clock clock) {
        this.stage = stage;
        this.store = store;
        this.clock = clock;
    }

    /** An empty tail of the size that the report keeps. */
    static LogTail newTail() {
        return new LogTail(TAIL_LINES, TAIL_BYTES);
    }

    /** Where the last lines go; after a restart it begins with those that the report has. */
    synchronized LogTail tail() {
        if (tail == null) {
            tail = newTail();
            if (stage.state().logLines > 0) {
                for (StageEntry entry : store.read().stages) {
                    if (entry.name.equals(stage.spec().name) && entry.logTail != null) {
                        entry.logTail.lines().forEach(tail::add);
                    }
                }
            }
        }
        return tail;
    }

    /** The Job is there. */
    void launched() {
        update(entry -> {
            entry.verdict = Verdict.RUNNING;
            entry.createdAt = entry.createdAt == null ? clock.instant() : entry.createdAt;
        });
    }

    /** Its container runs. */
    void started() {
        update(entry -> entry.startedAt = Instant.ofEpochMilli(stage.state().startedMillis));
    }

    /** Its log has gone on. */
    void logged() {
        update(entry -> {});
    }

    /** It is over. */
    void finished(StageJobResult result) {
        update(entry -> {
            entry.outcome = result.outcome().name();
            entry.verdict = result.outcome().verdict();
            entry.exitCode = result.exitCode();
            entry.reason = result.reason().isEmpty() ? null : result.reason();
            entry.finishedAt = clock.instant();
        });
    }

    private void update(Consumer<StageEntry> change) {
        StageJobState state = stage.state();
        String text = tail().text();
        store.update(report -> {
            StageEntry entry = Merging.stage(report, stage.spec().name);
            entry.type = stage.spec().type;
            entry.environment = stage.environment().environment();
            entry.cluster = stage.environment().cluster();
            entry.namespace = stage.namespace();
            if (entry.jobName != null && !entry.jobName.equals(state.jobName)) {
                forget(entry); // a retry of the stage has a Job of its own
            }
            entry.jobName = state.jobName;
            entry.image = stage.spec().image;
            entry.imageDigest = state.imageDigest;
            entry.commit = stage.spec().commit;
            entry.outputs = stage.spec().outputs;
            entry.outputsSha256 = state.outputsSha256;
            entry.handover = state.outputsSha256 == null ? null : StageHandover.place(stage.spec(), state);
            entry.logLines = state.logLines;
            entry.logTail = text == null ? entry.logTail : text;
            change.accept(entry);
        });
    }

    private static void forget(StageEntry entry) {
        entry.outcome = null;
        entry.reason = null;
        entry.exitCode = null;
        entry.createdAt = null;
        entry.startedAt = null;
        entry.finishedAt = null;
        entry.logTail = null;
    }
}
