package io.jenkins.plugins.ephemeral.executor;

import java.util.Locale;

/** What a stage does to the world, which decides how carefully it is treated. */
enum StageType {
    /** Looks and says what it would do: exit code 0 no changes, 2 changes, all else failed. */
    PLAN(false, 120),
    /** Changes things. */
    APPLY(true, 600),
    /** Takes things away. */
    DESTROY(true, 600),
    /** Anything else. */
    CUSTOM(false, 30);

    private final boolean changing;
    private final int terminationGracePeriodSeconds;

    StageType(boolean changing, int terminationGracePeriodSeconds) {
        this.changing = changing;
        this.terminationGracePeriodSeconds = terminationGracePeriodSeconds;
    }

    /** Whether it must not run twice. */
    boolean isChanging() {
        return changing;
    }

    /** Seconds between signal and kill, if the stage does not say. */
    int terminationGracePeriodSeconds() {
        return terminationGracePeriodSeconds;
    }

    /** What users write. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type of that text, or null. */
    static StageType parse(String text) {
        for (StageType type : values()) {
            if (type.text().equals(text)) {
                return type;
            }
        }
        return null;
    }

    /** The type of a valid spec. */
    static StageType of(StageJobSpec spec) {
        StageType type = parse(spec.type);
        if (type == null) {
            throw new IllegalArgumentException("type " + spec.type);
        }
        return type;
    }

    /** Seconds between signal and kill of a valid spec. */
    static int graceSeconds(StageJobSpec spec) {
        return spec.terminationGracePeriodSeconds == null
                ? of(spec).terminationGracePeriodSeconds()
                : spec.terminationGracePeriodSeconds;
    }
}
