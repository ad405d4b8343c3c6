package io.jenkins.plugins.ephemeral.bench.testkube;

import java.util.Map;

/** Selectors of labels and tags: {@code key=value} or {@code key}, separated by commas, all of which must hold. */
final class Selectors {
    private Selectors() {}

    static boolean matches(String selector, Map<String, String> labels) {
        for (String term : selector.split(",")) {
            if (term.isBlank()) {
                continue;
            }
            String[] parts = term.trim().split("=", 2);
            String value = labels.get(parts[0]);
            if (value == null || (parts.length == 2 && !value.equals(parts[1]))) {
                return false;
            }
        }
        return true;
    }
}
