package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.AbortException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How step parameters are written: durations as {@code 90s}, {@code 15m}, {@code 2h}, {@code 1d} or ISO-8601, maps in
 * Groovy and one {@code key=value} per line on a form. Refusals name the parameter.
 */
public final class StepValues {
    private static final Pattern SHORT = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    private StepValues() {}

    /**
     * Reads a duration.
     *
     * @param parameter its name, for the message
     * @param text {@code 90s}, {@code PT15M}...
     * @throws IllegalArgumentException if it is none, is zero or negative, or is a bare number
     */
    public static Duration duration(String parameter, String text) {
        Matcher matcher = SHORT.matcher(text.trim());
        Duration duration;
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            duration = amountOf(amount, matcher.group(2));
        } else {
            try {
                duration = Duration.parse(text.trim());
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        parameter + ": \"" + text + "\" is not a duration; write 90s, 15m, 2h, 1d or ISO-8601 (PT15M)"
                                + (text.trim().matches("[0-9]+") ? ", a number needs its unit" : ""),
                        e);
            }
        }
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(parameter + ": must be longer than nothing, is \"" + text + '"');
        }
        return duration;
    }

    /**
     * Reads what was given to a step. A wrong value is the user's to mend: the console gets the sentence that says so,
     * not a stack trace.
     */
    static <T> T read(Supplier<T> parameters) throws AbortException {
        try {
            return parameters.get();
        } catch (IllegalArgumentException e) {
            throw new AbortException(e.getMessage());
        }
    }

    /**
     * Reads one of several words.
     *
     * @param parameter its name, for the message
     * @throws IllegalArgumentException if it is none of them
     */
    static <T> T choice(String parameter, String text, Map<String, T> choices) {
        T chosen = choices.get(text.trim());
        if (chosen == null) {
            throw new IllegalArgumentException(
                    parameter + ": \"" + text + "\" is none of " + String.join(", ", new TreeSet<>(choices.keySet())));
        }
        return chosen;
    }

    private static Duration amountOf(long amount, String unit) {
        switch (unit) {
            case "ms":
                return Duration.ofMillis(amount);
            case "s":
                return Duration.ofSeconds(amount);
            case "m":
                return Duration.ofMinutes(amount);
            case "h":
                return Duration.ofHours(amount);
            default:
                return Duration.ofDays(amount);
        }
    }

    /** Copies a map as a program gives it (GString, Integer...) to one of Strings; null becomes empty. */
    static Map<String, String> strings(String parameter, @CheckForNull Map<?, ?> map) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (map != null) {
            map.forEach((key, value) -> {
                if (value == null || value instanceof Map || value instanceof Iterable) {
                    throw new IllegalArgumentException(
                            parameter + ": the value of " + key + " must be a text, a number or a boolean");
                }
                strings.put(String.valueOf(key), String.valueOf(value));
            });
        }
        return strings;
    }

    /** Copies a list as a program gives it to one of Strings; null becomes empty. */
    static List<String> strings(String parameter, @CheckForNull List<?> list) {
        List<String> strings = new ArrayList<>();
        if (list != null) {
            for (Object value : list) {
                if (value == null || value instanceof Map || value instanceof Iterable) {
                    throw new IllegalArgumentException(parameter + ": a list of texts is wanted, found " + value);
                }
                strings.add(String.valueOf(value));
            }
        }
        return strings;
    }

    /** Reads the {@code key=value} lines of a form. */
    static Map<String, String> parseLines(String parameter, String text) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String line : text.split("\\R")) {
            if (line.isBlank()) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(parameter + ": \"" + line.trim() + "\" is not key=value");
            }
            map.put(line.substring(0, equals).trim(), line.substring(equals + 1).trim());
        }
        return map;
    }

    /** Writes the {@code key=value} lines of a form. */
    static String toLines(@CheckForNull Map<String, ?> map) {
        StringBuilder text = new StringBuilder();
        if (map != null) {
            map.forEach(
                    (key, value) -> text.append(key).append('=').append(value).append('\n'));
        }
        return text.toString();
    }

    /** Reads one item per line. */
    static List<String> parseItems(String text) {
        List<String> items = new ArrayList<>();
        for (String line : text.split("\\R")) {
            if (!line.isBlank()) {
                items.add(line.strip());
            }
        }
        return items;
    }

    /** Copies a list of maps as a program gives it to one of Strings; null becomes empty. */
    static List<Map<String, String>> maps(String parameter, @CheckForNull List<?> list) {
        List<Map<String, String>> maps = new ArrayList<>();
        if (list != null) {
            for (Object value : list) {
                if (!(value instanceof Map)) {
                    throw new IllegalArgumentException(parameter + ": a list of maps is wanted, found " + value);
                }
                maps.add(strings(parameter, (Map<?, ?>) value));
            }
        }
        return maps;
    }

    /** Reads the lines of a form with a map each: {@code key=value, key=value}. */
    static List<Map<String, ?>> parseMaps(String parameter, String text) {
        List<Map<String, ?>> maps = new ArrayList<>();
        for (String line : parseItems(text)) {
            maps.add(parseLines(parameter, line.replaceAll("\\s*,\\s*", "\n")));
        }
        return maps;
    }

    /** Writes the lines of a form with a map each. */
    static String mapsToLines(@CheckForNull List<? extends Map<String, ?>> maps) {
        StringBuilder text = new StringBuilder();
        if (maps != null) {
            maps.forEach(
                    map -> text.append(toLines(map).strip().replace("\n", ", ")).append('\n'));
        }
        return text.toString();
    }

    /** Null for an empty text: a form sends an empty one for what was left out. */
    @CheckForNull
    static String fixEmpty(@CheckForNull String text) {
        return text == null || text.isBlank() ? null : text.trim();
    }
}
