package io.jenkins.plugins.ephemeral.workflow;

import java.math.BigInteger;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * What a plain YAML scalar means, as {@code kubectl} reads it: YAML 1.1 without timestamps and base-60 numbers, which
 * JSON does not have, so that {@code 2026-01-01} and {@code 12:30} stay strings.
 */
final class JsonTypes extends Resolver {
    private static final Pattern INTEGER = Pattern.compile("[-+]?(?:0|[1-9][0-9]*|0o?[0-7]+|0x[0-9a-fA-F]+)");
    private static final Pattern DECIMAL =
            Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");
    private static final JsonTypes RESOLVER = new JsonTypes();

    @Override
    protected void addImplicitResolvers() {
        addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
        addImplicitResolver(Tag.INT, INTEGER, "-+0123456789");
        addImplicitResolver(Tag.FLOAT, DECIMAL, "-+0123456789.");
        addImplicitResolver(Tag.MERGE, MERGE, "<");
        addImplicitResolver(Tag.NULL, NULL, "~nN\0");
        addImplicitResolver(Tag.NULL, EMPTY, null);
    }

    /** The type of a plain scalar. */
    static Tag of(String text) {
        return RESOLVER.resolve(NodeId.scalar, text, true);
    }

    /** The value of a scalar of that type; null if it is null, or if JSON has no such type. */
    static Object value(Tag tag, String text) {
        if (Tag.STR.equals(tag) || Tag.MERGE.equals(tag)) {
            return text;
        }
        if (Tag.BOOL.equals(tag) && BOOL.matcher(text).matches()) {
            String lower = text.toLowerCase(java.util.Locale.ROOT);
            return lower.equals("true") || lower.equals("yes") || lower.equals("on");
        }
        if (Tag.INT.equals(tag) && INTEGER.matcher(text).matches()) {
            return integer(text);
        }
        if (Tag.FLOAT.equals(tag) && DECIMAL.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            return Double.isInfinite(number) ? (Object) text : number;
        }
        return null;
    }

    private static Number integer(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        int radix = 10;
        if (digits.startsWith("0x")) {
            digits = digits.substring(2);
            radix = 16;
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            digits = digits.substring(digits.charAt(1) == 'o' ? 2 : 1);
            radix = 8;
        }
        BigInteger number = new BigInteger(digits, radix);
        number = negative ? number.negate() : number;
        if (number.bitLength() < 32) {
            return number.intValue();
        }
        return number.bitLength() < 64 ? (Number) number.longValue() : number;
    }
}
