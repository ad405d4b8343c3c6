package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.Test;

/** Each parameter: what is refused, and that the message names it. */
public class StageJobValidationTest {
    private static StageJobSpec spec() {
        StageJobSpec spec = new StageJobSpec();
        spec.name = "plan";
        spec.type = "plan";
        spec.image = "registry.example.com:5000/tools/terraform:1.9@sha256:abc";
        return spec;
    }

    private static void accepted(Consumer<StageJobSpec> change) {
        StageJobSpec spec = spec();
        change.accept(spec);
        assertThatCode(() -> StageJobValidation.check(spec)).doesNotThrowAnyException();
    }

    private static void refused(String parameter, String says, Consumer<StageJobSpec> change) {
        StageJobSpec spec = spec();
        change.accept(spec);
        assertThatThrownBy(() -> StageJobValidation.check(spec))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter " + parameter)
                .hasMessageContaining(says);
    }

    @Test
    public void acceptsTheLeast() {
        accepted(spec -> {});
    }

    @Test
    public void acceptsTheMost() {
        accepted(spec -> {
            spec.env.put("TF_VAR_x.y-z", "");
            spec.resources.putAll(Map.of("cpu", "500m", "memory", "1.5Gi", "ephemeral-storage", "2G"));
            spec.backoffLimit = 2;
            spec.after = "other";
            spec.secrets.add("a.b");
            spec.tolerations.add(Map.of("operator", "Exists"));
            spec.tolerations.add(Map.of("key", "spot", "effect", "NoExecute", "tolerationSeconds", "60"));
            spec.labels.put("team", "");
            spec.nodeSelector.put("kubernetes.io/arch", "amd64");
            spec.podAnnotations.put("vault.hashicorp.com/agent-inject", "true");
            spec.payload = "{\"type\":\"terraformPlan\"}";
        });
    }

    @Test
    public void names() {
        refused("name", "missing", spec -> spec.name = null);
        refused("name", "'Plan A' is not a name", spec -> spec.name = "Plan A");
        refused("name", "at most 63", spec -> spec.name = "a".repeat(64));
        refused("after", "'x_y'", spec -> spec.after = "x_y");
        refused("serviceAccount", "'A'", spec -> spec.serviceAccount = "A");
        refused("secrets", "'a/b' is not the name of a Secret", spec -> spec.secrets.add("a/b"));
        refused("configMaps", "null", spec -> spec.configMaps.add(null));
        refused("imagePullSecrets", "'-'", spec -> spec.imagePullSecrets.add("-"));
    }

    @Test
    public void typeAndRetries() {
        refused(
                "type",
                "'terraformPlan' is not a type of stage. Use one of plan, apply, destroy, custom.",
                spec -> spec.type = "terraformPlan");
        refused("type", "null", spec -> spec.type = null);
        for (String type : List.of("apply", "destroy")) {
            refused("backoffLimit", "Use 0 with " + type, spec -> {
                spec.type = type;
                spec.backoffLimit = 1;
            });
        }
        refused("backoffLimit", "-1", spec -> spec.backoffLimit = -1);
    }

    @Test
    public void image() {
        refused("image", "missing", spec -> spec.image = null);
        refused("image", "missing", spec -> spec.image = "  ");
        refused("image", "'terra form' is not the name of an image", spec -> spec.image = "terra form");
    }

    @Test
    public void times() {
        refused("timeout", "null", spec -> spec.timeout = null);
        refused("timeout", "PT0S", spec -> spec.timeout = Duration.ZERO);
        refused("startupTimeout", "30 days", spec -> spec.startupTimeout = Duration.ofDays(31));
        refused("terminationGracePeriodSeconds", "0 is not", spec -> spec.terminationGracePeriodSeconds = 0);
        refused("ttlSecondsAfterFinished", "30 is less than 60", spec -> spec.ttlSecondsAfterFinished = 30);
    }

    @Test
    public void quantities() {
        refused(
                "resources",
                "'gpu' is not known. Use one of cpu, memory, ephemeral-storage.",
                spec -> spec.resources.put("gpu", "1"));
        for (String bad : Arrays.asList("", "1 Gi", "lots", "-1", "0", null, "1e3x")) {
            refused("resources", "is not a quantity of memory", spec -> spec.resources.put("memory", bad));
        }
    }

    @Test
    public void environment() {
        refused("env", "'1A' is not the name", spec -> spec.env.put("1A", "x"));
        refused("env", "A has no value", spec -> spec.env.put("A", null));
        refused("env", "is set by the parameter payload", spec -> {
            spec.payload = "{}";
            spec.env.put("EphemeralJobData", "x");
        });
        accepted(spec -> spec.env.put("A", "x".repeat(131_071 - 2)));
        refused("env", "131072 bytes, and Linux takes 131071", spec -> spec.env.put("A", "x".repeat(131_072 - 2)));
        refused("args", "131072 bytes", spec -> spec.args = List.of("ü".repeat(65_536)));
        refused("command", "null", spec -> spec.command = Collections.singletonList(null));
    }

    @Test
    public void payload() {
        // 131,054 bytes of base64 are the most: 98,289 of JSON
        accepted(spec -> spec.payload = json(98_289));
        refused("payload", "131056 as base64, and Linux takes 131054", spec -> spec.payload = json(98_290));
        refused("payload", "it is not a JSON object", spec -> spec.payload = "[1]");
        refused("payload", "it is not JSON (line 1", spec -> spec.payload = "{\"token\": geheim}");
    }

    @Test
    public void doesNotQuoteThePayload() {
        StageJobSpec spec = spec();
        spec.payload = "{\"token\": geheim}";
        assertThatThrownBy(() -> StageJobValidation.check(spec))
                .satisfies(e -> org.assertj.core.api.Assertions.assertThat(e.getMessage())
                        .doesNotContain("geheim"));
    }

    @Test
    public void placementAndMetadata() {
        refused(
                "tolerations",
                "'Exist' is not known. Use one of Exists, Equal.",
                spec -> spec.tolerations.add(Map.of("operator", "Exist")));
        refused(
                "tolerations",
                "goes without a value",
                spec -> spec.tolerations.add(Map.of("key", "a", "operator", "Exists", "value", "b")));
        refused("tolerations", "a key is missing", spec -> spec.tolerations.add(Map.of("effect", "NoExecute")));
        refused("tolerations", "'keys' is not known", spec -> spec.tolerations.add(Map.of("keys", "a")));
        refused(
                "tolerations",
                "NoExecute",
                spec -> spec.tolerations.add(Map.of("key", "a", "tolerationSeconds", "60")));
        refused("labels", "is not the value of a label", spec -> spec.labels.put("a", "b c"));
        refused("labels", "is ours", spec -> spec.labels.put("ephemeral.jenkins.io/run", "b"));
        refused("annotations", "'a b' is not a key", spec -> spec.annotations.put("a b", "c"));
        refused("podAnnotations", "has no value", spec -> spec.podAnnotations.put("a", null));
        refused("nodeSelector", "null", spec -> spec.nodeSelector.put("a", null));
        refused("imagePullPolicy", "Use one of Always, IfNotPresent, Never.", spec -> spec.imagePullPolicy = "always");
    }

    private static String json(int bytes) {
        return "{\"a\":\"" + "x".repeat(bytes - 8) + "\"}";
    }

    @Test
    public void outputs() {
        accepted(spec -> {
            spec.outputs = "tf.plan, out/*.json,.terraform.lock.hcl";
            spec.command = List.of("terraform");
        });
        refused("outputs", "command is missing", spec -> spec.outputs = "tf.plan");
        for (String bad : List.of("/etc/passwd", "../x", "a/../../b", "-x", "a;b", "$(x)", "a'b")) {
            refused("outputs", "is not a file below the working directory", spec -> {
                spec.command = List.of("terraform");
                spec.outputs = bad;
            });
        }
        refused("archiveOutputs", "there are no outputs", spec -> spec.archiveOutputs = true);
        refused("outputs", "names no file", spec -> {
            spec.command = List.of("terraform");
            spec.outputs = " , ";
        });
        refused("handover", "Use one of claim, secret.", spec -> spec.handover = "s3");
        refused("lock", "is not the name of a lock", spec -> spec.lock = "a b");
        refused("commit", "is not a commit", spec -> spec.commit = "HEAD~1 x");
    }
}
