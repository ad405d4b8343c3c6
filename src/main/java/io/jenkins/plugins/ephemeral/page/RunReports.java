package io.jenkins.plugins.ephemeral.page;

import hudson.model.Run;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.History;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The report of one build: kept in the build's folder, shown by {@link EphemeralReportAction}, sent to webhooks. */
public final class RunReports {
    private static final Logger LOGGER = Logger.getLogger(RunReports.class.getName());

    private final Run<?, ?> run;
    private final ReportFile file;

    private RunReports(Run<?, ?> run, ReportFile file) {
        this.run = run;
        this.file = file;
    }

    /** The report of a build, begun if there is none. Does I/O: not for CPS or request threads. */
    public static RunReports of(Run<?, ?> run) {
        RunReports reports = new RunReports(run, ReportFile.in(folder(run)));
        reports.attach();
        return reports;
    }

    /** The folder of a build's report, whether there is one or not. */
    static Path folder(Run<?, ?> run) {
        return run.getRootDir().toPath().resolve("ephemeral-environments");
    }

    private void attach() {
        synchronized (run) {
            if (run.getAction(EphemeralReportAction.class) != null) {
                return;
            }
            run.addAction(new EphemeralReportAction());
        }
        RunRef ref = EphemeralEngine.get().runRef(run);
        file.update(report -> {
            report.jobFullName = ref.jobFullName();
            report.buildNumber = ref.buildNumber();
            report.runUrl = ref.url().isEmpty() ? null : ref.url();
            if (report.startedAt == null) {
                report.startedAt = Instant.now();
            }
        });
        try {
            run.save();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "The report of " + run + " is there, but the build could not be saved", e);
        }
    }

    /**
     * Brings what the report of a build that is over says of its environments up to what they are now: who followed
     * them may have gone with Jenkins' last restart, and one that is kept or left for a branch ends later anyway.
     * Reads the report, and writes it if something has changed.
     */
    public static void settle(Run<?, ?> run) {
        ReportFile file = ReportFile.in(folder(run));
        if (run.isBuilding() || !Files.isRegularFile(file.path())) {
            return;
        }
        Environments environments = EphemeralEngine.get().engine().environments();
        if (file.read().environments.stream().anyMatch(entry -> settle(entry, environments))) {
            file.update(report -> report.environments.forEach(entry -> settle(entry, environments)));
        }
    }

    /** Whether that changed the entry. */
    private static boolean settle(EnvironmentEntry entry, Environments environments) {
        boolean over = entry.plan != null || EnvironmentState.GONE.name().equals(entry.state);
        if (over) {
            return false;
        }
        EnvironmentRecord record = environments.find(entry.name).orElse(null);
        if (record == null && environments.knows(entry.name)) {
            return false; // its record cannot be read
        }
        String state = (record == null ? EnvironmentState.GONE : record.state).name();
        boolean changed = !state.equals(entry.state);
        if (changed) {
            entry.state = state;
            entry.reason = record == null ? entry.readyAt == null ? entry.reason : null : record.reason;
        }
        return changed;
    }

    /** Where the report is written. */
    public ReportStore store() {
        return file;
    }

    /** The folder that artifacts of workflow runs are kept in. */
    public Path artifacts() {
        return folder(run).resolve("artifacts");
    }

    /** Writes the JUnit form and sends the report to the webhooks; the report as it was sent. */
    public Report publish(Console console) {
        file.update(report -> History.add(report, earlier()));
        Report report = file.read();
        file.writeJUnit(report);
        EphemeralEngine.get().engine().deliver(report, console);
        return report;
    }

    /** Reports of earlier builds of the job, newest first. */
    private List<Report> earlier() {
        List<Report> earlier = new ArrayList<>();
        Run<?, ?> build = run.getPreviousBuild();
        for (int i = 0; i < History.BUILDS && build != null; i++) {
            ReportFile other = ReportFile.in(folder(build));
            try {
                if (Files.exists(other.path())) {
                    earlier.add(other.read());
                }
            } catch (UncheckedIOException e) {
                LOGGER.log(Level.FINE, e, () -> "an earlier report cannot be read, and is left out");
            }
            build = build.getPreviousBuild();
        }
        return earlier;
    }
}
