package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
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

    /** What a Secret may hold is 1 MiB (MaxSecretSize); some of it is for what else is in it. */
    static final int LONGEST_PAYLOAD_FILE_BYTES = 1_000_000;

    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@+-]*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}");
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9._*?][A-Za-z0-9._*?/@+ -]*");
    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");
    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StageJobSpec spec;
    private final ParameterRules rules;

    private StageJobValidation(StageJobSpec spec) {
        this.spec = spec;
        this.rules = new ParameterRules(spec.name);
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
        new StagePodValidation(spec, validation.rules).check();
        validation.checkPayload();
        validation.checkOutputs();
    }

    private void checkOutputs() {
        if (spec.handover != null) {
            rules.oneOf("handover", spec.handover, List.of(HandoverPod.CLAIM, HandoverPod.SECRET));
        }
        if (spec.outputs == null) {
            if (spec.archiveOutputs) {
                throw rules.wrong("archiveOutputs", "there are no outputs", "Name the files in outputs.");
            }
            return;
        }
        for (String file : HandoverPod.files(spec.outputs)) {
            if (!FILE.matcher(file).matches() || file.contains("..")) {
                throw rules.wrong(
                        "outputs",
                        ParameterRules.quoted(file) + " is not a file below the working directory",
                        "Write for example 'tf.plan, .terraform.lock.hcl'; * and ? stand for any text.");
            }
        }
        if (HandoverPod.files(spec.outputs).isEmpty()) {
            throw rules.wrong("outputs", "it names no file", "");
        }
        if (spec.command.isEmpty()) {
            throw rules.wrong(
                    "outputs",
                    "command is missing, and the image's own cannot be followed by packing",
                    "Say in command what is to be run.");
        }
        if (spec.backoffLimit > 0) {
            throw rules.wrong("outputs", "with backoffLimit nobody knows which Pod's they are", "Use backoffLimit 0.");
        }
    }

    private void checkStage() {
        rules.label("name", spec.name, "It names the stage in the report and its Job");
        if (spec.after != null) {
            rules.label("after", spec.after, "It is the name of the stage this one depends on");
        }
        if (spec.lock != null && !NAME.matcher(spec.lock).matches()) {
            throw rules.wrong(
                    "lock",
                    ParameterRules.quoted(spec.lock) + " is not the name of a lock",
                    "Use letters, digits, '-', '_', '.', ':' and '/', at most 200.");
        }
        if (spec.commit != null && !NAME.matcher(spec.commit).matches()) {
            throw rules.wrong("commit", ParameterRules.quoted(spec.commit) + " is not a commit", "");
        }
        StageType type = StageType.parse(spec.type);
        if (type == null) {
            throw rules.wrong(
                    "type",
                    ParameterRules.quoted(spec.type) + " is not a type of stage",
                    "Use one of plan, apply, destroy, custom.");
        }
        if (spec.backoffLimit < 0 || spec.backoffLimit > 10) {
            throw rules.wrong("backoffLimit", spec.backoffLimit + " is not between 0 and 10", "Use 0 for no retry.");
        }
        if (spec.backoffLimit > 0 && type.isChanging()) {
            throw rules.wrong(
                    "backoffLimit",
                    spec.backoffLimit + " would let Kubernetes run " + an(type)
                            + " again after it did half of its work",
                    "Use 0 with " + type.text() + ": a person decides whether it is run again.");
        }
    }

    private void checkTimes() {
        rules.time("startupTimeout", spec.startupTimeout);
        rules.time("timeout", spec.timeout);
        Integer grace = spec.terminationGracePeriodSeconds;
        if (grace != null && (grace < 1 || grace > 86_400)) {
            throw rules.wrong("terminationGracePeriodSeconds", grace + " is not between 1 and 86400", "");
        }
        Integer ttl = spec.ttlSecondsAfterFinished;
        if (ttl == null || ttl < 60) {
            throw rules.wrong(
                    "ttlSecondsAfterFinished",
                    ttl + " is less than 60",
                    "The Job must stay long enough that its outcome can be read, also after Jenkins was restarted.");
        }
    }

    private void checkContainer() {
        if (spec.image == null || spec.image.trim().isEmpty()) {
            throw rules.wrong("image", "it is missing", "Name the container image to run, best with a digest.");
        }
        if (!IMAGE.matcher(spec.image).matches()) {
            throw rules.wrong(
                    "image",
                    ParameterRules.quoted(spec.image) + " is not the name of an image",
                    "Write registry/repository:tag or registry/repository@sha256:digest.");
        }
        if (spec.imagePullPolicy != null) {
            rules.oneOf("imagePullPolicy", spec.imagePullPolicy, PULL_POLICIES);
        }
        strings("command", spec.command);
        strings("args", spec.args);
        spec.resources.forEach((key, quantity) -> {
            String name = key == null ? "null" : key.replaceFirst("^(requests|limits)\\.", "");
            if (!rules.isQualified(name)) {
                rules.oneOf("resources", name, RESOURCES);
            }
            rules.quantity("resources", name, quantity);
        });
    }

    private void checkEnvironment() {
        spec.env.forEach((name, value) -> {
            rules.envName("env", name);
            if (value == null) {
                throw rules.wrong("env", name + " has no value", "Use '' for an empty one.");
            }
            if (spec.payload != null && StageJobManifest.PAYLOAD_VARIABLES.contains(name)) {
                throw rules.wrong("env", name + " is set by the parameter payload", "Leave one of them away.");
            }
            int bytes = ParameterRules.bytes(name) + 1 + ParameterRules.bytes(value);
            if (bytes > LONGEST_STRING_BYTES) {
                throw rules.wrong(
                        "env",
                        name + "=… has " + bytes + " bytes, and Linux takes " + LONGEST_STRING_BYTES,
                        "Hand it over as a file, from a ConfigMap or a Secret.");
            }
        });
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
            throw rules.wrong(
                    "payload",
                    "it is not JSON (line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ")",
                    "Make it with writeJSON or JsonOutput.");
        }
        if (parsed == null || !parsed.isObject()) {
            throw rules.wrong("payload", "it is not a JSON object", "Write {…}.");
        }
        int plain = ParameterRules.bytes(spec.payload);
        int encoded = (plain + 2) / 3 * 4;
        if (!spec.payloadAsFile && encoded > LONGEST_PAYLOAD_BYTES) {
            throw rules.wrong(
                    "payload",
                    "it has " + plain + " bytes, " + encoded + " as base64, and Linux takes " + LONGEST_PAYLOAD_BYTES
                            + " in an environment variable",
                    "Keep it below " + LONGEST_PAYLOAD_BYTES / 4 * 3
                            + " bytes, or set payloadAsFile: the program then finds it in the file that EPHEMERAL_PAYLOAD_FILE names.");
        }
        if (plain > LONGEST_PAYLOAD_FILE_BYTES) {
            throw rules.wrong(
                    "payload",
                    "it has " + plain + " bytes, and a Secret holds " + LONGEST_PAYLOAD_FILE_BYTES,
                    "Hand large values over in a volume.");
        }
    }

    private void strings(String parameter, List<String> strings) {
        for (String string : strings) {
            if (string == null) {
                throw rules.wrong(parameter, "an element is null", "Leave it away.");
            }
            if (ParameterRules.bytes(string) > LONGEST_STRING_BYTES) {
                throw rules.wrong(
                        parameter,
                        "an element has " + ParameterRules.bytes(string) + " bytes, and Linux takes "
                                + LONGEST_STRING_BYTES,
                        "Put the script into the image or a ConfigMap.");
            }
        }
    }

    private static String an(StageType type) {
        return type == StageType.APPLY ? "an apply" : "a " + type.text();
    }
}
