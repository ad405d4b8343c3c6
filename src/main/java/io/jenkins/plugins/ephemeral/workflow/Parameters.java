package io.jenkins.plugins.ephemeral.workflow;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts values in for <code>${name}</code>. It works on scalars that were parsed already, so a value can hold anything
 * (quotes, colons, line ends) and never changes the structure of the document. <code>$${</code> stands for a literal
 * <code>${</code>; shell forms such as <code>${NAME:-default}</code> are no parameters and stay as they are.
 */
final class Parameters {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_.-]*)}");

    private final Map<String, String> values;

    Parameters(Map<String, String> values) {
        this.values = values;
    }

    /** The text with all parameters put in; {@code place} is the file and line for the message. */
    String resolve(String text, String place) {
        if (!text.contains("${")) {
            return text;
        }
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            String value = name == null ? "${" : values.get(name);
            if (value == null) {
                throw undefined(name, place);
            }
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(resolved).toString();
    }

    private UserFault undefined(String name, String place) {
        String known = values.isEmpty()
                ? "none are defined"
                : "defined are " + String.join(", ", new TreeSet<>(values.keySet()));
        return new UserFault(
                "reading manifests",
                place,
                "parameter '" + name + "' is not defined; " + known,
                "Pass it in 'parameters', or write $${" + name + "} for a literal ${" + name + "}.");
    }
}
