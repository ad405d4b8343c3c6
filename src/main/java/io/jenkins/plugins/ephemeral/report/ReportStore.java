package io.jenkins.plugins.ephemeral.report;

import java.util.function.Consumer;

/** The report of one build while it is being written. Thread-safe; writes are atomic, one after the other. */
public interface ReportStore {
    /**
     * Changes the report: reads it, lets {@code change} work on it, recomputes merged values and writes it.
     *
     * @param change works on the report in place, quickly and without I/O
     */
    void update(Consumer<Report> change);

    /** A copy of the report as it is now; an empty one if nothing was written yet. */
    Report read();
}
