package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Quantity;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The API server's rules for names, labels, quantities and the like; each refusal names the parameter. */
final class ParameterRules {
    private static final Duration LONGEST_TIME = Duration.ofDays(30);
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern ENV_NAME = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");
    private static final Pattern QUALIFIED_NAME = Pattern.compile(
            "((?=.{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern QUANTITY = Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");

    private final String stage;

    /** @param stage name of the stage, for messages; may be null */
    ParameterRules(String stage) {
        this.stage = "'" + (stage == null ? "" : stage) + "'";
    }

    void label(String parameter, String value, String what) {
        if (value == null || !DNS_LABEL.matcher(value).matches()) {
            throw wrong(
                    parameter,
                    value == null || value.isEmpty() ? "it is missing" : quoted(value) + " is not a name",
                    what + ": lowercase letters, digits and '-', at most 63, such as 'plan-network'.");
        }
    }

    void time(String parameter, Duration time) {
        if (time == null || time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(LONGEST_TIME) > 0) {
            throw wrong(parameter, time + " is not between one second and 30 days", "Write for example '15m' or '2h'.");
        }
    }

    void quantity(String parameter, String of, String quantity) {
        boolean good = quantity != null && QUANTITY.matcher(quantity).matches();
        if (!good || Quantity.getAmountInBytes(new Quantity(quantity)).compareTo(BigDecimal.ZERO) <= 0) {
            throw wrong(
                    parameter,
                    quoted(quantity) + " is not a quantity of " + of,
                    "Write for example cpu: '500m', memory: '512Mi', 'ephemeral-storage': '2Gi'.");
        }
    }

    void envName(String parameter, String name) {
        if (name == null || !ENV_NAME.matcher(name).matches()) {
            throw wrong(
                    parameter,
                    quoted(name) + " is not the name of an environment variable",
                    "Use letters, digits, '_', '-' and '.', not beginning with a digit.");
        }
    }

    void subdomains(String parameter, Collection<String> names, String of) {
        for (String name : names) {
            if (name == null || !DNS_SUBDOMAIN.matcher(name).matches()) {
                throw wrong(
                        parameter,
                        quoted(name) + " is not the name of " + of,
                        "Use lowercase letters, digits, '-' and '.'.");
            }
        }
    }

    void absolute(String parameter, String path) {
        boolean plain = path != null && path.startsWith("/") && !path.contains(":") && !path.contains("..");
        if (!plain) {
            throw wrong(parameter, quoted(path) + " is not an absolute path", "Write for example '/data'.");
        }
    }

    void labelPair(String parameter, String key, String value) {
        qualified(parameter, key);
        if (value == null || !LABEL_VALUE.matcher(value).matches()) {
            throw wrong(
                    parameter,
                    quoted(value) + " is not the value of a label",
                    "Use letters, digits, '-', '_' and '.', at most 63, both ends letters or digits.");
        }
    }

    void annotations(String parameter, Map<String, String> annotations) {
        annotations.forEach((key, value) -> {
            qualified(parameter, key);
            if (value == null) {
                throw wrong(parameter, key + " has no value", "Use '' for an empty one.");
            }
        });
    }

    private void qualified(String parameter, String key) {
        if (key == null || !QUALIFIED_NAME.matcher(key).matches()) {
            throw wrong(parameter, quoted(key) + " is not a key", "Write name or prefix.example.com/name.");
        }
        if (key.startsWith(Labels.CONTROLLER.substring(0, Labels.CONTROLLER.indexOf('/') + 1))) {
            throw wrong(parameter, quoted(key) + " is ours", "Use a prefix of your own.");
        }
    }

    boolean isQualified(String name) {
        return name.contains("/") && QUALIFIED_NAME.matcher(name).matches();
    }

    void oneOf(String parameter, String value, Collection<String> allowed) {
        if (!allowed.contains(value)) {
            throw wrong(parameter, quoted(value) + " is not known", "Use one of " + String.join(", ", allowed) + ".");
        }
    }

    /** Exactly one of these keys is there. */
    void oneKeyOf(String parameter, Map<String, String> map, List<String> keys) {
        if (map.keySet().stream().filter(keys::contains).count() != 1) {
            throw wrong(
                    parameter,
                    map.keySet() + " does not name exactly one source",
                    "Write one of " + String.join(", ", keys) + ".");
        }
    }

    void bool(String parameter, String key, String value) {
        if (!"true".equals(value) && !"false".equals(value)) {
            throw wrong(parameter, key + ": " + quoted(value) + " is not true or false", "");
        }
    }

    void number(String parameter, String key, String value) {
        if (value == null || !value.matches("[0-9]{1,10}")) {
            throw wrong(parameter, key + ": " + quoted(value) + " is not a number", "");
        }
    }

    UserFault wrong(String parameter, String why, String remedy) {
        return new UserFault("reading ephemeralJob " + stage, "parameter " + parameter, why, remedy);
    }

    static String quoted(String value) {
        return value == null ? "null" : "'" + value + "'";
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
