package io.jenkins.plugins.ephemeral.executor;

import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** A stage's two clocks: one until its container runs, one while it does. Both end at times that are saved. */
final class StageClocks {
    private final Stage stage;
    private final Clock clock;

    StageClocks(Stage stage, Clock clock) {
        this.stage = stage;
        this.clock = clock;
    }

    /** What it comes to if the clock that goes now has run out, else null. */
    Finding late(Finding finding) {
        StageJobState state = stage.state();
        if (state.startedMillis > 0) {
            return clock.millis() < state.runDeadlineMillis
                    ? null
                    : Finding.stopping(
                            Outcome.TIMED_OUT,
                            "",
                            "It ran longer than its timeout of " + text(stage.spec().timeout) + ".");
        }
        if (clock.millis() < state.startupDeadlineMillis) {
            return null;
        }
        return Finding.stopping(
                finding.outcome() == null ? Outcome.LOST : finding.outcome(),
                "",
                "It did not start within " + text(stage.spec().startupTimeout) + ". " + finding.reason());
    }

    /** Whether the time to start is over of one whose Job was refused; the first refusal begins it. */
    boolean isStartupOver() {
        StageJobState state = stage.state();
        if (state.startupDeadlineMillis == 0) {
            state.startupDeadlineMillis =
                    clock.millis() + stage.spec().startupTimeout.toMillis();
        }
        return clock.millis() >= state.startupDeadlineMillis;
    }

    /** How long the clock that goes now has left; at least a millisecond. */
    Duration left() {
        StageJobState state = stage.state();
        long deadline = state.startedMillis == 0 ? state.startupDeadlineMillis : state.runDeadlineMillis;
        return Duration.ofMillis(Math.max(1, deadline - clock.millis()));
    }

    private static String text(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }
}
