package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeChange;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeContext;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeOutput;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeStep;
import io.jenkins.plugins.ephemeral.executor.LogTail;
import io.jenkins.plugins.ephemeral.executor.Outcome;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/** Keeps the stage's entry of the report up to date. */
final class JobReport {
    private static final int TAIL_LINES = 200;
    private static final int TAIL_BYTES = 64 * 1024;
    private static final int MOST_CHANGES = 500;

    private final TerrakubeSpec spec;
    private final TerrakubeState state;
    private final ReportStore store;
    private final Clock clock;
    private final LogTail tail = new LogTail(TAIL_LINES, TAIL_BYTES);

    JobReport(TerrakubeSpec spec, TerrakubeState state, ReportStore store, Clock clock) {
        this.spec = spec;
        this.state = state;
        this.store = store;
        this.clock = clock;
    }

    /** Where the last lines go; after a restart it begins with those that the report has. */
    LogTail tail() {
        if (state.logLines > 0 && tail.text() == null) {
            for (StageEntry entry : store.read().stages) {
                if (entry.name.equals(spec.name) && entry.logTail != null) {
                    entry.logTail.lines().forEach(tail::add);
                }
            }
        }
        return tail;
    }

    /** The job is there, or goes on. */
    void began(TerrakubeClient client) {
        update(entry -> {
            entry.verdict = Verdict.RUNNING;
            entry.createdAt = entry.createdAt == null ? clock.instant() : entry.createdAt;
            entry.terrakube = job(client, entry.terrakube);
        });
    }

    /** One of its steps runs. */
    void started() {
        update(entry -> entry.startedAt = entry.startedAt == null ? clock.instant() : entry.startedAt);
    }

    /** Its log has gone on. */
    void logged() {
        update(entry -> {});
    }

    /** The stage is over. */
    void ended(Outcome outcome, String reason, TerrakubeEntry job) {
        update(entry -> {
            entry.outcome = outcome.name();
            entry.verdict = outcome.verdict();
            entry.reason = reason.isEmpty() ? null : reason;
            entry.finishedAt = clock.instant();
            // it may have run and ended between two looks
            entry.startedAt = entry.startedAt == null && job != null ? entry.createdAt : entry.startedAt;
            entry.terrakube = job == null ? entry.terrakube : job;
        });
    }

    /** The control plane or its configuration said no: nobody knows how the stage would have ended. */
    void refused(Fault fault) {
        update(entry -> {
            entry.verdict = Verdict.ERROR;
            entry.reason = fault.getMessage();
            entry.finishedAt = clock.instant();
        });
    }

    /** What is known of the job at the end of the stage. */
    TerrakubeEntry job(TerrakubeClient client, TerrakubeJob job, TerrakubeContext context) {
        TerrakubeEntry entry = job(client, null);
        entry.status = job.status();
        entry.commitId = job.commitId().isEmpty() ? null : job.commitId();
        entry.logPosition = state.logPosition.isEmpty() ? null : state.logPosition;
        if (job.isWaiting()) {
            entry.waitingStepId = job.next().map(TerrakubeStep::id).orElse(null);
            entry.approvalTeam = job.approvalTeam().isEmpty() ? null : job.approvalTeam();
        }
        List<TerrakubeChange> changes = context.applied().isEmpty() ? context.planned() : context.applied();
        for (TerrakubeChange change : changes) {
            count(entry, change.action());
            if (entry.changes.size() < MOST_CHANGES) {
                TerrakubeEntry.Change line = new TerrakubeEntry.Change();
                line.address = change.address();
                line.action = change.action();
                line.status = change.status().isEmpty() ? null : change.status();
                line.error = change.error().isEmpty() ? null : change.error();
                entry.changes.add(line);
            }
        }
        for (TerrakubeOutput output : context.outputs()) {
            TerrakubeEntry.Output line = new TerrakubeEntry.Output();
            line.name = output.name();
            line.value = output.value();
            line.sensitive = output.sensitive();
            entry.outputs.add(line);
        }
        return entry;
    }

    private static void count(TerrakubeEntry entry, String action) {
        boolean replaced = action.equals("replace");
        entry.created += action.equals("create") || replaced ? 1 : 0;
        entry.updated += action.equals("update") ? 1 : 0;
        entry.deleted += action.equals("delete") || replaced ? 1 : 0;
    }

    private TerrakubeEntry job(TerrakubeClient client, TerrakubeEntry known) {
        TerrakubeEntry entry = known == null ? new TerrakubeEntry() : known;
        entry.controlPlane = state.controlPlane;
        entry.workspace = state.workspace;
        entry.organizationId = state.organizationId;
        entry.workspaceId = state.workspaceId;
        entry.jobId = state.jobId;
        entry.link = client.link(state.organizationId, state.workspaceId, state.jobId);
        return entry;
    }

    private void update(Consumer<StageEntry> change) {
        String text = tail.text();
        store.update(report -> {
            StageEntry entry = Merging.stage(report, spec.name);
            entry.type = spec.type;
            entry.logLines = state.logLines;
            entry.logTail = text == null ? entry.logTail : text;
            change.accept(entry);
        });
    }
}
