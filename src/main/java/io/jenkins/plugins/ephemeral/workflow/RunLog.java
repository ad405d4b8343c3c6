package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Testkube's log format ({@code cmd/testworkflow-init/instructions/emit.go}): each line begins with an RFC 3339
 * timestamp; lines of control characters tell which step begins and what it gave out, and are not for people.
 */
final class RunLog {
    private static final Pattern TIMESTAMP =
            Pattern.compile("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:\\d\\d) ?");

    /** A longer line is cut, so that one line cannot fill the memory or the console. */
    private static final int MAX_LINE = 64 * 1024;

    private RunLog() {}

    /** A line for people, or null for a control line. */
    static String line(String raw) {
        String text = TIMESTAMP.matcher(raw).replaceFirst("");
        if (!text.isEmpty() && (text.charAt(0) == '\u0001' || text.charAt(0) == '\u0006')) {
            return null;
        }
        if (text.length() > MAX_LINE) {
            text = text.substring(0, MAX_LINE) + "… (cut)";
        }
        // a program must not be able to forge what Jenkins' console renders as its own notes
        return SecretMask.mask(text.replace("\u001B[8m", "").replace("\r", ""));
    }

    /** The log of a run for people. */
    static String text(byte[] raw) {
        StringBuilder text = new StringBuilder();
        for (String each : new String(raw, StandardCharsets.UTF_8).split("\n", -1)) {
            String line = line(each);
            if (line != null) {
                text.append(line).append('\n');
            }
        }
        while (text.length() > 0 && text.charAt(text.length() - 1) == '\n') {
            text.setLength(text.length() - 1);
        }
        return text.length() == 0 ? "" : text.append('\n').toString();
    }
}
