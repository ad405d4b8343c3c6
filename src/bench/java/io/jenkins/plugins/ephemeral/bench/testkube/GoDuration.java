package io.jenkins.plugins.ephemeral.bench.testkube;

import java.math.BigDecimal;

/** Durations as Go prints them, such as {@code 1m31.58s}. */
final class GoDuration {
    private GoDuration() {}

    static String text(long millis) {
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        long hours = millis / 3_600_000;
        long minutes = millis / 60_000 % 60;
        BigDecimal seconds = BigDecimal.valueOf(millis % 60_000, 3).stripTrailingZeros();
        String text = seconds.toPlainString() + "s";
        if (hours > 0) {
            return hours + "h" + minutes + "m" + text;
        }
        return minutes > 0 ? minutes + "m" + text : text;
    }
}
