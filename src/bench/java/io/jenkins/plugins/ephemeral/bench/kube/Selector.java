package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Label and field selectors in the text form of list and watch requests, and label selectors in their object form. */
final class Selector {
    private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s+\\(([^)]*)\\)");
    private static final Pattern EQUALITY = Pattern.compile("([^=!\\s]+)\\s*(==|=|!=)\\s*(\\S*)");

    private Selector() {}

    static Predicate<JsonNode> labels(String text) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : requirements(text)) {
            Predicate<JsonNode> one = label(requirement);
            all = all.and(object -> one.test(object.at("/metadata/labels")));
        }
        return all;
    }

    private static List<String> requirements(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",(?![^(]*\\))")) {
            if (!part.isBlank()) {
                parts.add(part.trim());
            }
        }
        return parts;
    }

    private static Predicate<JsonNode> label(String requirement) {
        Matcher set = SET.matcher(requirement);
        if (set.matches()) {
            List<String> values = List.of(set.group(3).trim().split("\\s*,\\s*"));
            boolean in = set.group(2).equals("in");
            return labels -> in == values.contains(labels.path(set.group(1)).asText(""));
        }
        Matcher equality = EQUALITY.matcher(requirement);
        if (equality.matches()) {
            boolean wanted = !equality.group(2).equals("!=");
            return labels -> wanted
                    == equality.group(3).equals(labels.path(equality.group(1)).asText(null));
        }
        if (requirement.startsWith("!")) {
            return labels -> !labels.has(requirement.substring(1));
        }
        if (requirement.matches("[A-Za-z0-9._/-]+")) {
            return labels -> labels.has(requirement);
        }
        throw ApiError.badRequest("unable to parse requirement: " + requirement);
    }

    /** Field selectors: {@code metadata.name=x,status.phase!=Running}. Absent fields count as "". */
    static Predicate<JsonNode> fields(String text) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : requirements(text)) {
            Matcher equality = EQUALITY.matcher(requirement);
            if (!equality.matches()) {
                throw ApiError.badRequest(
                        "invalid selector: '" + requirement + "'; can't understand '" + requirement + "'");
            }
            String pointer = "/" + equality.group(1).replace('.', '/');
            boolean wanted = !equality.group(2).equals("!=");
            all = all.and(object -> wanted == equality.group(3).equals(Json.text(object, pointer)));
        }
        return all;
    }

    /** Whether labels match a {@code LabelSelector} object; one that is absent matches nothing. */
    static boolean matches(JsonNode selector, JsonNode labels) {
        if (!selector.isObject()) {
            return false;
        }
        for (Map.Entry<String, JsonNode> wanted : selector.path("matchLabels").properties()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return false;
            }
        }
        for (JsonNode expression : selector.path("matchExpressions")) {
            JsonNode value = labels.path(Json.text(expression, "/key"));
            boolean contained = Json.textList(expression.path("values")).contains(value.asText(""));
            boolean holds =
                    switch (Json.text(expression, "/operator")) {
                        case "In" -> contained;
                        case "NotIn" -> !contained;
                        case "Exists" -> !value.isMissingNode();
                        default -> value.isMissingNode();
                    };
            if (!holds) {
                return false;
            }
        }
        return true;
    }
}
