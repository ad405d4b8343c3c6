package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A report whose changes are written together, once per turn: each write reads the whole report and forces it to the
 * disk, and many runs may change in one turn. For one thread at a time.
 */
final class TurnReport implements ReportStore {
    private final ReportStore store;
    private final List<Consumer<Report>> changes = new ArrayList<>();

    TurnReport(ReportStore store) {
        this.store = store;
    }

    @Override
    public void update(Consumer<Report> change) {
        changes.add(change);
    }

    @Override
    public Report read() {
        flush();
        return store.read();
    }

    /** Writes what was changed since the last time, in that order; if that fails, the next time. */
    void flush() {
        if (!changes.isEmpty()) {
            store.update(report -> changes.forEach(change -> change.accept(report)));
            changes.clear();
        }
    }
}
