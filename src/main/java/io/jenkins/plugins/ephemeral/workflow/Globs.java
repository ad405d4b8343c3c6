package io.jenkins.plugins.ephemeral.workflow;

import java.util.regex.Pattern;

/** Ant's patterns over paths with slashes, several separated by commas. */
final class Globs {
    private Globs() {}

    /** {@code **} stands for any number of folders, {@code *} for what has no slash, {@code ?} for one character. */
    static Pattern pattern(String globs) {
        StringBuilder regex = new StringBuilder();
        for (String glob : globs.split(",")) {
            if (!glob.isBlank()) {
                regex.append(regex.length() == 0 ? "" : "|").append(one(glob.trim()));
            }
        }
        return Pattern.compile(regex.toString());
    }

    private static String one(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                regex.append("(?:[^/]+/)*");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }
}
