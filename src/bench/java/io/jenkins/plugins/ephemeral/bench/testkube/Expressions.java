package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Template expressions: accessors such as {@code {{ config.x }}} and string constants, in every text of a tree. The
 * rest of Testkube's expression language (operators, functions) is refused, not ignored.
 */
final class Expressions {
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern ACCESSOR = Pattern.compile("[A-Za-z_][\\w-]*(\\.[\\w-]+)+");
    private static final Pattern CONSTANT = Pattern.compile("\"([^\"\\\\]*)\"");

    private Expressions() {}

    /**
     * Replaces the accessors below a prefix; those below other prefixes stay for a later round.
     *
     * @param prefix such as {@code config.}
     * @param values by the name behind the prefix
     * @throws SpecificationError with this header for an accessor without a value
     */
    static JsonNode resolve(JsonNode tree, String prefix, Map<String, String> values, String header) {
        if (tree.isTextual()) {
            return TextNode.valueOf(resolve(tree.asText(), prefix, values, header));
        }
        if (tree.isArray()) {
            ArrayNode items = Json.array();
            tree.forEach(item -> items.add(resolve(item, prefix, values, header)));
            return items;
        }
        if (tree.isObject()) {
            ObjectNode object = Json.object();
            tree.fields()
                    .forEachRemaining(
                            field -> object.set(field.getKey(), resolve(field.getValue(), prefix, values, header)));
            return object;
        }
        return tree;
    }

    static String resolve(String text, String prefix, Map<String, String> values, String header) {
        return TEMPLATE.matcher(text).replaceAll(match -> {
            String expression = match.group(1).trim();
            if (ACCESSOR.matcher(expression).matches()) {
                if (!expression.startsWith(prefix)) {
                    return Matcher.quoteReplacement(match.group());
                }
                String value = values.get(expression.substring(prefix.length()));
                if (value == null) {
                    throw new SpecificationError(
                            header,
                            "{{" + expression + "}}: error while accessing " + expression + ": unknown variable");
                }
                return Matcher.quoteReplacement(value);
            }
            if (CONSTANT.matcher(expression).matches()) {
                return Matcher.quoteReplacement(match.group());
            }
            throw new SpecificationError(
                    header, "{{" + expression + "}}: the embedded control plane knows accessors and constants only");
        });
    }

    /** Replaces string constants, which is how a literal {@code {{} is written; the last round. */
    static String unquote(String text) {
        return TEMPLATE.matcher(text).replaceAll(match -> {
            Matcher constant = CONSTANT.matcher(match.group(1).trim());
            return Matcher.quoteReplacement(constant.matches() ? constant.group(1) : match.group());
        });
    }
}
