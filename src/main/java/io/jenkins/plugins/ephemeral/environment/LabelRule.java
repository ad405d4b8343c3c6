package io.jenkins.plugins.ephemeral.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rule on labels, as Kubernetes writes selectors of equality: {@code zone=eu,tier!=slow,gpu,!spot}. */
final class LabelRule {
    private static final Pattern TERM =
            Pattern.compile("(!?)\\s*([A-Za-z0-9][-A-Za-z0-9_./]*)\\s*(?:(!=|==|=)\\s*([A-Za-z0-9]?[-A-Za-z0-9_.]*))?");

    private final List<Matcher> terms = new ArrayList<>();

    /**
     * @param text the rule; null or empty for one that all labels satisfy
     * @throws IllegalArgumentException naming the term that is not one
     */
    LabelRule(String text) {
        if (text == null || text.isBlank()) {
            return;
        }
        for (String term : text.split(",", -1)) {
            Matcher matcher = TERM.matcher(term.strip());
            if (!matcher.matches() || !matcher.group(1).isEmpty() && matcher.group(3) != null) {
                throw new IllegalArgumentException(
                        "'" + term.strip() + "' is not a rule such as zone=eu, tier!=slow," + " gpu or !spot");
            }
            terms.add(matcher);
        }
    }

    boolean matches(Map<String, String> labels) {
        return terms.stream().allMatch(term -> matches(term, labels));
    }

    private static boolean matches(Matcher term, Map<String, String> labels) {
        String value = labels.get(term.group(2));
        if (term.group(3) == null) {
            return term.group(1).isEmpty() == (value != null);
        }
        return term.group(3).equals("!=") != term.group(4).equals(value);
    }
}
