package io.jenkins.plugins.ephemeral.pipeline;

import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.Lifetime;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/** Writes what happens to an environment into the build's report. */
final class EnvironmentJournal {
    private final Surroundings around;
    private String name;

    EnvironmentJournal(Surroundings around, String name) {
        this.around = around;
        this.name = name;
    }

    void requested(EnvironmentSpec spec) {
        write(entry -> {
            if (entry.requestedAt == null) {
                entry.requestedAt = Instant.now();
            }
            entry.namespace = name;
            entry.cluster = spec.cluster;
            entry.state = "PROVISIONING";
        });
    }

    /** @param given the name that it got, which may have the number of a generation */
    void ready(String given, Map<String, String> urls) {
        rename(given);
        EnvironmentRecord record = record();
        write(entry -> {
            entry.readyAt = Instant.now();
            entry.state = "READY";
            entry.urls = urls;
            if (record != null) {
                entry.cluster = record.cluster;
                entry.expiresAt = record.expiresAt;
            }
            EnvironmentEntry.Phase phase = new EnvironmentEntry.Phase();
            phase.name = "Provisioned";
            phase.startedAt = entry.requestedAt;
            phase.durationMillis =
                    Duration.between(entry.requestedAt, entry.readyAt).toMillis();
            entry.phases.add(phase);
        });
    }

    private void rename(String given) {
        if (given.equals(name)) {
            return;
        }
        around.report().update(report -> {
            EnvironmentEntry entry = Merging.environment(report, name);
            if (entry.readyAt == null) {
                entry.name = given;
                entry.namespace = given;
            } else { // of another block that asked for the same name
                EnvironmentEntry own = Merging.environment(report, given);
                own.namespace = given;
                own.requestedAt = Instant.now();
            }
        });
        name = given;
    }

    /** @param kept the record, if it lives on; else null */
    void released(EnvironmentRecord kept, Throwable failure) {
        write(entry -> {
            entry.releasedAt = Instant.now();
            entry.state = kept != null ? "READY" : "RELEASING";
            entry.reason = kept != null
                    ? kept.spec.lifetime == Lifetime.BRANCH
                            ? "Left for the next build of the branch."
                            : "Kept after the failure until it expires."
                    : entry.readyAt == null && failure != null ? failure.getMessage() : null;
        });
    }

    /** What became of it after the build let it go. */
    void ended(EnvironmentRecord record) {
        write(entry -> {
            entry.state = record.state.name();
            entry.reason = record.reason;
        });
    }

    private EnvironmentRecord record() {
        return around.engine().environments().find(name).orElse(null);
    }

    private void write(Consumer<EnvironmentEntry> change) {
        around.report().update(report -> change.accept(Merging.environment(report, name)));
    }
}
