package io.jenkins.plugins.ephemeral.bench.kube;

import java.math.BigDecimal;
import java.util.Map;

/** Kubernetes quantities: {@code 500m}, {@code 128Mi}, {@code 2}. */
final class Quantity {
    private static final Map<String, BigDecimal> SUFFIXES = Map.ofEntries(
            Map.entry("m", new BigDecimal("0.001")),
            Map.entry("", BigDecimal.ONE),
            Map.entry("k", BigDecimal.valueOf(1000)),
            Map.entry("M", BigDecimal.valueOf(1000_000)),
            Map.entry("G", BigDecimal.valueOf(1000_000_000)),
            Map.entry("T", BigDecimal.valueOf(1000_000_000_000L)),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)));

    private Quantity() {}

    static BigDecimal parse(String text) {
        String number = text.replaceFirst("[A-Za-z]*$", "");
        BigDecimal factor = SUFFIXES.get(text.substring(number.length()));
        if (factor == null || number.isEmpty()) {
            throw ApiError.badRequest("quantities must match the regular expression "
                    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': \"" + text + "\"");
        }
        return new BigDecimal(number).multiply(factor);
    }

    /** The shortest usual form: whole numbers in binary units or plain, others in thousandths. */
    static String show(BigDecimal value) {
        if (value.stripTrailingZeros().scale() > 0) {
            return value.multiply(BigDecimal.valueOf(1000)).toBigInteger() + "m";
        }
        long number = value.longValue();
        for (String unit : new String[] {"Gi", "Mi", "Ki"}) {
            long factor = SUFFIXES.get(unit).longValue();
            if (number != 0 && number % factor == 0) {
                return number / factor + unit;
            }
        }
        return Long.toString(number);
    }
}
