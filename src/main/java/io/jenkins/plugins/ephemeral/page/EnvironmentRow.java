package io.jenkins.plugins.ephemeral.page;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** One environment on {@link EnvironmentsLink}'s page, as it was when the page was asked for. Holds data only. */
public final class EnvironmentRow {
    private static final Set<EnvironmentState> IN_USE =
            Set.of(EnvironmentState.REQUESTED, EnvironmentState.PROVISIONING, EnvironmentState.READY);
    private static final Set<EnvironmentState> IN_TROUBLE =
            Set.of(EnvironmentState.STUCK, EnvironmentState.UNREACHABLE);

    private final EnvironmentRecord record;
    private final String doing;
    private final Instant now;

    EnvironmentRow(EnvironmentRecord record, String doing, Instant now) {
        this.record = record;
        this.doing = doing;
        this.now = now;
    }

    public String getName() {
        return record.name;
    }

    /** The name as a part of a URL. */
    public String getEncodedName() {
        return Util.rawEncode(record.name);
    }

    public String getCluster() {
        return record.cluster;
    }

    public String getState() {
        return record.state.name();
    }

    /** How its state is to be shown: {@code good}, {@code going} or {@code bad}. */
    public String getMood() {
        return IN_TROUBLE.contains(record.state) ? "bad" : IN_USE.contains(record.state) ? "good" : "going";
    }

    /** Why it is in that state, else what is being done about it; may be empty. */
    public String getReason() {
        return record.reason == null ? doing : record.reason;
    }

    /** How long ago it was asked for. */
    public String getAge() {
        return record.requestedAt == null ? "" : span(Duration.between(record.requestedAt, now));
    }

    /** When it was asked for, exact to the second. */
    public String getRequestedAt() {
        return exact(record.requestedAt);
    }

    /** How long it may live on, {@code overdue}, or empty if it is on its way out. */
    public String getExpiry() {
        if (record.expiresAt == null || !isReleasable()) {
            return "";
        }
        Duration left = Duration.between(now, record.expiresAt);
        return left.isNegative() ? "overdue" : "in " + span(left);
    }

    /** When it expires, exact to the second. */
    public String getExpiresAt() {
        return exact(record.expiresAt);
    }

    /** The build it was made for. */
    public String getOwner() {
        return record.jobFullName + " #" + record.buildNumber;
    }

    /** Address of that build; null if none is known that a browser should follow. */
    @CheckForNull
    public String getOwnerUrl() {
        String url = record.runUrl == null ? "" : record.runUrl;
        return url.startsWith("http://") || url.startsWith("https://") ? url : null;
    }

    /** Whether it can be told to end. */
    public boolean isReleasable() {
        return IN_USE.contains(record.state);
    }

    /** Whether its deletion is under way and can be asked for again. */
    public boolean isRetriable() {
        return !IN_USE.contains(record.state) && record.state != EnvironmentState.GONE;
    }

    /** Whether a person may give it up. */
    public boolean isForgettable() {
        return IN_TROUBLE.contains(record.state);
    }

    private static String exact(Instant instant) {
        return instant == null ? "" : instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String span(Duration duration) {
        return Util.getTimeSpanString(Math.max(0, duration.toMillis()));
    }
}
