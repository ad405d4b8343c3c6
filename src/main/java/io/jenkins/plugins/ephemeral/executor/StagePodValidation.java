package io.jenkins.plugins.ephemeral.executor;

import java.util.List;
import java.util.Map;

/** Checks the parameters that shape a stage's Pod: where it runs, what it may, what is mounted and what it is called. */
final class StagePodValidation {
    private static final List<String> OPERATORS = List.of("Exists", "Equal");
    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");
    private static final List<String> TOLERATION = List.of("key", "operator", "value", "effect", "tolerationSeconds");
    private static final List<String> ENV_SOURCES = List.of("secret", "configMap");
    private static final List<String> ENV_FROM = List.of("secret", "configMap", "prefix", "optional");
    private static final List<String> VOLUME_SOURCES = List.of("secret", "configMap", "claim", "emptyDir", "hostPath");
    private static final List<String> VOLUME =
            List.of("secret", "configMap", "claim", "emptyDir", "hostPath", "mountPath", "subPath", "readOnly");
    private static final List<String> NUMBERS = List.of("runAsUser", "runAsGroup", "fsGroup");
    private static final List<String> POD_SECURITY =
            List.of("runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot", "fsGroupChangePolicy");
    private static final List<String> SECURITY = List.of(
            "runAsUser",
            "runAsGroup",
            "runAsNonRoot",
            "allowPrivilegeEscalation",
            "readOnlyRootFilesystem",
            "privileged");
    private static final List<String> GROUP_CHANGES = List.of("Always", "OnRootMismatch");

    private final StageJobSpec spec;
    private final ParameterRules rules;

    StagePodValidation(StageJobSpec spec, ParameterRules rules) {
        this.spec = spec;
        this.rules = rules;
    }

    void check() {
        checkSources();
        checkVolumes();
        spec.podSecurityContext.forEach((key, value) -> context("podSecurityContext", key, value, POD_SECURITY));
        spec.securityContext.forEach((key, value) -> context("securityContext", key, value, SECURITY));
        spec.nodeSelector.forEach((key, value) -> rules.labelPair("nodeSelector", key, value));
        spec.tolerations.forEach(this::toleration);
        spec.labels.forEach((key, value) -> rules.labelPair("labels", key, value));
        rules.annotations("annotations", spec.annotations);
        rules.annotations("podAnnotations", spec.podAnnotations);
        checkYaml();
    }

    private void checkSources() {
        rules.subdomains("secrets", spec.secrets, "a Secret");
        rules.subdomains("configMaps", spec.configMaps, "a ConfigMap");
        rules.subdomains("imagePullSecrets", spec.imagePullSecrets, "a Secret");
        for (Map<String, String> source : spec.envFrom) {
            source.keySet().forEach(key -> rules.oneOf("envFrom", key, ENV_FROM));
            rules.oneKeyOf("envFrom", source, ENV_SOURCES);
            for (String kind : ENV_SOURCES) {
                if (source.containsKey(kind)) {
                    rules.subdomains("envFrom", List.of(source.get(kind)), "a " + kind);
                }
            }
            if (source.containsKey("prefix")) {
                rules.envName("envFrom", source.get("prefix"));
            }
            if (source.containsKey("optional")) {
                rules.bool("envFrom", "optional", source.get("optional"));
            }
        }
        if (spec.serviceAccount != null) {
            rules.subdomains("serviceAccount", List.of(spec.serviceAccount), "a ServiceAccount");
        }
    }

    private void checkVolumes() {
        for (Map<String, String> volume : spec.volumes) {
            volume.keySet().forEach(key -> rules.oneOf("volumes", key, VOLUME));
            rules.oneKeyOf("volumes", volume, VOLUME_SOURCES);
            rules.absolute("volumes", volume.get("mountPath"));
            for (String kind : List.of("secret", "configMap", "claim")) {
                if (volume.containsKey(kind)) {
                    rules.subdomains("volumes", List.of(volume.get(kind)), "a " + kind);
                }
            }
            if (volume.containsKey("hostPath")) {
                rules.absolute("volumes", volume.get("hostPath"));
            }
            if (volume.containsKey("emptyDir") && !volume.get("emptyDir").isEmpty()) {
                rules.quantity("volumes", "emptyDir", volume.get("emptyDir"));
            }
            if (volume.containsKey("readOnly")) {
                rules.bool("volumes", "readOnly", volume.get("readOnly"));
            }
            String subPath = volume.get("subPath");
            if (subPath != null && (subPath.startsWith("/") || subPath.contains(".."))) {
                throw rules.wrong("volumes", "subPath '" + subPath + "' leaves the volume", "Write a relative path.");
            }
        }
        if (spec.workingDir != null) {
            rules.absolute("workingDir", spec.workingDir);
        }
    }

    private void context(String parameter, String key, String value, List<String> known) {
        rules.oneOf(parameter, key, known);
        if (NUMBERS.contains(key)) {
            rules.number(parameter, key, value);
        } else if (key.equals("fsGroupChangePolicy")) {
            rules.oneOf(parameter, value, GROUP_CHANGES);
        } else {
            rules.bool(parameter, key, value);
        }
    }

    private void toleration(Map<String, String> toleration) {
        toleration.keySet().forEach(key -> rules.oneOf("tolerations", key, TOLERATION));
        String operator = toleration.get("operator");
        if (operator != null) {
            rules.oneOf("tolerations", operator, OPERATORS);
        }
        if (toleration.get("effect") != null) {
            rules.oneOf("tolerations", toleration.get("effect"), EFFECTS);
        }
        boolean exists = "Exists".equals(operator);
        if (exists && toleration.get("value") != null) {
            throw rules.wrong(
                    "tolerations", "operator Exists goes without a value", "Use Equal, or leave the value away.");
        }
        if (!exists && toleration.get("key") == null) {
            throw rules.wrong("tolerations", "a key is missing", "Only operator Exists tolerates every key.");
        }
        String seconds = toleration.get("tolerationSeconds");
        if (seconds != null && !(seconds.matches("[0-9]{1,9}") && "NoExecute".equals(toleration.get("effect")))) {
            throw rules.wrong(
                    "tolerations",
                    "tolerationSeconds '" + seconds + "' is not a number, or the effect is not NoExecute",
                    "Write for example effect: 'NoExecute', tolerationSeconds: '60'.");
        }
    }

    private void checkYaml() {
        try {
            PodYaml.read(spec.podYaml);
        } catch (IllegalArgumentException e) {
            throw rules.wrong("podYaml", e.getMessage(), "");
        }
    }
}
