package io.jenkins.plugins.ephemeral.page;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.listeners.RunListener;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.report.Merging;
import java.time.Instant;

/** Closes and sends the report when a build that has one is over. */
@Extension
public final class RunEnd extends RunListener<Run<?, ?>> {
    @Override
    public void onCompleted(Run<?, ?> run, @NonNull TaskListener listener) {
        if (run.getAction(EphemeralReportAction.class) == null) {
            return;
        }
        EphemeralEngine.get().driver().submit("report of " + run, () -> {
            RunReports reports = RunReports.of(run);
            reports.store().update(report -> {
                report.finishedAt = Instant.now();
                Merging.noteOpenEnds(report);
            });
            reports.publish(Console.NONE);
        });
    }
}
