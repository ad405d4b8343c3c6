package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Quantity;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Checks what a user asks for, before anything is sent: each message names the parameter and what it may be. The rules
 * are those of the API server, so that what passes here is refused there only for reasons of the cluster.
 */
final class StageJobValidation {
    /**
     * Linux takes no argument and no {@code NAME=value} of more than 131,072 bytes with its closing NUL
     * (MAX_ARG_STRLEN): what is longer ends in "argument list too long" when the container starts.
     */
    static final int LONGEST_STRING_BYTES = 131_071;

    /** What remains of {@link #LONGEST_STRING_BYTES} for the value of {@code EphemeralJobData}. */
    static final int LONGEST_PAYLOAD_BYTES = LONGEST_STRING_BYTES - (StageJobManifest.PAYLOAD + "=").length();

    private static final Duration LONGEST_TIME = Duration.ofDays(30);
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@+-]*");
    private static final Pattern ENV_NAME = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");
    private static final Pattern QUALIFIED_NAME = Pattern.compile(
            "((?=.{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern QUANTITY = Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");
    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");
    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> OPERATORS = List.of("Exists", "Equal");
    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");
    private static final List<String> TOLERATION = List.of("key", "operator", "value", "effect", "tolerationSeconds");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StageJobSpec spec;
    private final String stage;

    private StageJobValidation(StageJobSpec spec) {
        this.spec = spec;
        this.stage = "'" + (spec.name == null ? "" : spec.name) + "'";
    }

    /**
     * Checks all parameters.
     *
     * @throws UserFault for the first one that is wrong
     */
    static void check(StageJobSpec spec) {
        Objects.requireNonNull(spec);
        StageJobValidation validation = new StageJobValidation(spec);
        validation.checkStage();
        validation.checkTimes();
        validation.checkContainer();
        validation.checkEnvironment();
        validation.checkPlacement();
        validation.checkMetadata();
        validation.checkPayload();
    }

    private void checkStage() {
        label("name", spec.name, "It names the stage in the report and its Job");
        if (spec.after != null) {
            label("after", spec.after, "It is the name of the stage this one depends on");
        }
        StageType type = StageType.parse(spec.type);
        if (type == null) {
            throw wrong(
                    "type", quoted(spec.type) + " is not a type of stage", "Use one of plan, apply, destroy, custom.");
        }
        if (spec.backoffLimit < 0 || spec.backoffLimit > 10) {
            throw wrong("backoffLimit", spec.backoffLimit + " is not between 0 and 10", "Use 0 for no retry.");
        }
        if (spec.backoffLimit > 0 && type.isChanging()) {
            throw wrong(
                    "backoffLimit",
                    spec.backoffLimit + " would let Kubernetes run " + an(type)
                            + " again after it did half of its work",
                    "Use 0 with " + type.text() + ": a person decides whether it is run again.");
        }
    }

    private void checkTimes() {
        time("startupTimeout", spec.startupTimeout);
        time("timeout", spec.timeout);
        Integer grace = spec.terminationGracePeriodSeconds;
        if (grace != null && (grace < 1 || grace > 86_400)) {
            throw wrong("terminationGracePeriodSeconds", grace + " is not between 1 and 86400", "");
        }
        if (spec.ttlSecondsAfterFinished < 60) {
            throw wrong(
                    "ttlSecondsAfterFinished",
                    spec.ttlSecondsAfterFinished + " is less than 60",
                    "The Job must stay long enough that its outcome can be read, also after Jenkins was restarted.");
        }
    }

    private void checkContainer() {
        if (spec.image == null || spec.image.trim().isEmpty()) {
            throw wrong("image", "it is missing", "Name the container image to run, best with a digest.");
        }
        if (!IMAGE.matcher(spec.image).matches()) {
            throw wrong(
                    "image",
                    quoted(spec.image) + " is not the name of an image",
                    "Write registry/repository:tag or registry/repository@sha256:digest.");
        }
        if (spec.imagePullPolicy != null) {
            oneOf("imagePullPolicy", spec.imagePullPolicy, PULL_POLICIES);
        }
        strings("command", spec.command);
        strings("args", spec.args);
        spec.resources.forEach((name, quantity) -> {
            oneOf("resources", name, RESOURCES);
            boolean good = quantity != null && QUANTITY.matcher(quantity).matches();
            if (!good || Quantity.getAmountInBytes(new Quantity(quantity)).compareTo(BigDecimal.ZERO) <= 0) {
                throw wrong(
                        "resources",
                        quoted(quantity) + " is not a quantity of " + name,
                        "Write for example cpu: '500m', memory: '512Mi', 'ephemeral-storage': '2Gi'.");
            }
        });
    }

    private void checkEnvironment() {
        spec.env.forEach((name, value) -> {
            if (name == null || !ENV_NAME.matcher(name).matches()) {
                throw wrong(
                        "env",
                        quoted(name) + " is not the name of an environment variable",
                        "Use letters, digits, '_', '-' and '.', not beginning with a digit.");
            }
            if (value == null) {
                throw wrong("env", name + " has no value", "Use '' for an empty one.");
            }
            if (spec.payload != null && StageJobManifest.PAYLOAD_VARIABLES.contains(name)) {
                throw wrong("env", name + " is set by the parameter payload", "Leave one of them away.");
            }
            int bytes = bytes(name) + 1 + bytes(value);
            if (bytes > LONGEST_STRING_BYTES) {
                throw wrong(
                        "env",
                        name + "=… has " + bytes + " bytes, and Linux takes " + LONGEST_STRING_BYTES,
                        "Hand it over as a file, from a ConfigMap or a Secret.");
            }
        });
        subdomains("secrets", spec.secrets, "a Secret");
        subdomains("configMaps", spec.configMaps, "a ConfigMap");
        subdomains("imagePullSecrets", spec.imagePullSecrets, "a Secret");
        if (spec.serviceAccount != null) {
            subdomains("serviceAccount", List.of(spec.serviceAccount), "a ServiceAccount");
        }
    }

    private void checkPlacement() {
        spec.nodeSelector.forEach((key, value) -> labelPair("nodeSelector", key, value));
        for (Map<String, String> toleration : spec.tolerations) {
            toleration.keySet().forEach(key -> oneOf("tolerations", key, TOLERATION));
            String operator = toleration.get("operator");
            if (operator != null) {
                oneOf("tolerations", operator, OPERATORS);
            }
            if (toleration.get("effect") != null) {
                oneOf("tolerations", toleration.get("effect"), EFFECTS);
            }
            boolean exists = "Exists".equals(operator);
            if (exists && toleration.get("value") != null) {
                throw wrong(
                        "tolerations", "operator Exists goes without a value", "Use Equal, or leave the value away.");
            }
            if (!exists && toleration.get("key") == null) {
                throw wrong("tolerations", "a key is missing", "Only operator Exists tolerates every key.");
            }
            String seconds = toleration.get("tolerationSeconds");
            if (seconds != null && !(seconds.matches("[0-9]{1,9}") && "NoExecute".equals(toleration.get("effect")))) {
                throw wrong(
                        "tolerations",
                        "tolerationSeconds " + quoted(seconds) + " is not a number, or the effect is not NoExecute",
                        "Write for example effect: 'NoExecute', tolerationSeconds: '60'.");
            }
        }
    }

    private void checkMetadata() {
        spec.labels.forEach((key, value) -> labelPair("labels", key, value));
        annotations("annotations", spec.annotations);
        annotations("podAnnotations", spec.podAnnotations);
    }

    private void checkPayload() {
        if (spec.payload == null) {
            return;
        }
        JsonNode parsed;
        try {
            parsed = JSON.readTree(spec.payload);
        } catch (JsonProcessingException e) {
            // without the parser's message: it quotes the payload, which holds secrets
            throw wrong(
                    "payload",
                    "it is not JSON (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")",
                    "Make it with writeJSON or JsonOutput.");
        }
        if (parsed == null || !parsed.isObject()) {
            throw wrong("payload", "it is not a JSON object", "Write {…}.");
        }
        int bytes = (bytes(spec.payload) + 2) / 3 * 4;
        if (bytes > LONGEST_PAYLOAD_BYTES) {
            throw wrong(
                    "payload",
                    "it has " + bytes(spec.payload) + " bytes, " + bytes + " as base64, and Linux takes "
                            + LONGEST_PAYLOAD_BYTES + " in an environment variable",
                    "Keep it below " + LONGEST_PAYLOAD_BYTES / 4 * 3
                            + " bytes: put large values into a Secret and name that in the parameter secrets.");
        }
    }

    private void label(String parameter, String value, String what) {
        if (value == null || !DNS_LABEL.matcher(value).matches()) {
            throw wrong(
                    parameter,
                    value == null || value.isEmpty() ? "it is missing" : quoted(value) + " is not a name",
                    what + ": lowercase letters, digits and '-', at most 63, such as 'plan-network'.");
        }
    }

    private void time(String parameter, Duration time) {
        if (time == null || time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(LONGEST_TIME) > 0) {
            throw wrong(parameter, time + " is not between one second and 30 days", "Write for example '15m' or '2h'.");
        }
    }

    private void strings(String parameter, List<String> strings) {
        for (String string : strings) {
            if (string == null) {
                throw wrong(parameter, "an element is null", "Leave it away.");
            }
            if (bytes(string) > LONGEST_STRING_BYTES) {
                throw wrong(
                        parameter,
                        "an element has " + bytes(string) + " bytes, and Linux takes " + LONGEST_STRING_BYTES,
                        "Put the script into the image or a ConfigMap.");
            }
        }
    }

    private void subdomains(String parameter, Collection<String> names, String of) {
        for (String name : names) {
            if (name == null || !DNS_SUBDOMAIN.matcher(name).matches()) {
                throw wrong(
                        parameter,
                        quoted(name) + " is not the name of " + of,
                        "Use lowercase letters, digits, '-' and '.'.");
            }
        }
    }

    private void labelPair(String parameter, String key, String value) {
        qualified(parameter, key);
        if (value == null || !LABEL_VALUE.matcher(value).matches()) {
            throw wrong(
                    parameter,
                    quoted(value) + " is not the value of a label",
                    "Use letters, digits, '-', '_' and '.', at most 63, both ends letters or digits.");
        }
    }

    private void annotations(String parameter, Map<String, String> annotations) {
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

    private void oneOf(String parameter, String value, List<String> allowed) {
        if (!allowed.contains(value)) {
            throw wrong(parameter, quoted(value) + " is not known", "Use one of " + String.join(", ", allowed) + ".");
        }
    }

    private UserFault wrong(String parameter, String why, String remedy) {
        return new UserFault("reading ephemeralJob " + stage, "parameter " + parameter, why, remedy);
    }

    private static String an(StageType type) {
        return type == StageType.APPLY ? "an apply" : "a " + type.text();
    }

    private static String quoted(String value) {
        return value == null ? "null" : "'" + value + "'";
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
