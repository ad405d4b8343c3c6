package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.Test;

/** What is wrong is said by the name of its parameter. */
public class SpecValidationTest {
    @Test
    public void theDefaultsWillDo() {
        assertThatCode(() -> SpecValidation.check(new EnvironmentSpec())).doesNotThrowAnyException();
    }

    @Test
    public void whatKubernetesTakesWillDo() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.name = "review-1";
        spec.namePrefix = "shop";
        spec.ttl = Duration.ofMinutes(1);
        spec.quota = Map.of(
                "pods", "20",
                "requests.cpu", "1500m",
                "limits.memory", "2Gi",
                "count/jobs.batch", "10",
                "requests.nvidia.com/gpu", "0",
                "requests.storage", "1e3");
        spec.limitRange = Map.of("cpu", "0.5", "memory", "512Mi");
        spec.labels = Map.of("team", "shop", "example.com/Team_1", "", "a", "v1.2-x_Y");
        spec.annotations = Map.of("example.com/note", "anything at all: {} ü");
        spec.serviceAccount = "my.account";
        assertThatCode(() -> SpecValidation.check(spec)).doesNotThrowAnyException();
    }

    @Test
    public void names() {
        for (String name : new String[] {"Shop", "-shop", "shop-", "a_b", "a.b", "x".repeat(64), "ö", "a b"}) {
            refused(spec -> spec.name = name, "parameter name", name);
        }
        for (String name : new String[] {"default", "kube-system", "kube-mine", "openshift-x"}) {
            refused(spec -> spec.name = name, "parameter name", "reserved");
        }
        refused(spec -> spec.namePrefix = "A", "parameter namePrefix", "'A'");
        refused(spec -> spec.namePrefix = "x".repeat(21), "parameter namePrefix", "20 characters");
        refused(spec -> spec.serviceAccount = "", "parameter serviceAccount", "''");
        refused(spec -> spec.serviceAccount = null, "parameter serviceAccount", "null");
    }

    @Test
    public void times() {
        refused(spec -> spec.ttl = null, "parameter ttl", "null");
        refused(spec -> spec.ttl = Duration.ZERO, "parameter ttl", "PT0S");
        refused(spec -> spec.ttl = Duration.ofSeconds(-5), "parameter ttl", "PT-5S");
        refused(spec -> spec.ttl = Duration.ofDays(91), "parameter ttl", "90 days");
    }

    @Test
    public void quantities() {
        for (String quantity : new String[] {"", "twenty", "20 apples", "1GiB", "--1", "1.2.3", "0x10"}) {
            refused(spec -> spec.quota = Map.of("pods", quantity), "parameter quota", "'" + quantity + "' of pods");
        }
        refused(spec -> spec.quota = Map.of("pods", "-1"), "parameter quota", "negative");
        refused(spec -> spec.quota = nullable("pods", null), "parameter quota", "'null' of pods");
        refused(spec -> spec.quota = Map.of("Pods!", "1"), "parameter quota", "'Pods!'");
        refused(spec -> spec.limitRange = Map.of("cpu", "fast"), "parameter limitRange", "'fast' of cpu");
        refused(spec -> spec.limitRange = Map.of("pods", "1"), "parameter limitRange", "'pods'");
    }

    @Test
    public void labelsAndAnnotations() {
        refused(spec -> spec.labels = Map.of("team", "two words"), "parameter labels", "two words");
        refused(spec -> spec.labels = Map.of("team", "x".repeat(64)), "parameter labels", "63 characters");
        refused(spec -> spec.labels = Map.of("a/b/c", "x"), "parameter labels", "a/b/c");
        refused(spec -> spec.labels = Map.of("", "x"), "parameter labels", "''");
        refused(spec -> spec.labels = nullable(null, "x"), "parameter labels", "null");
        refused(spec -> spec.labels = Map.of("x".repeat(254) + "/a", "x"), "parameter labels", "too long");
        refused(spec -> spec.annotations = Map.of("no spaces", "x"), "parameter annotations", "no spaces");
        refused(spec -> spec.annotations = Map.of("a", "x".repeat(256 * 1024)), "parameter annotations", "256 KiB");
    }

    @Test
    public void reservedPrefixes() {
        for (String key : new String[] {
            "kubernetes.io/x",
            "pod-security.kubernetes.io/enforce",
            "a.b.k8s.io/x",
            "ephemeral.jenkins.io/controller",
            "janitor/ttl"
        }) {
            refused(spec -> spec.labels = Map.of(key, "x"), "parameter labels", key, "reserved");
            refused(spec -> spec.annotations = Map.of(key, "x"), "parameter annotations", key, "reserved");
        }
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.labels = Map.of("app.kubernetes.io/part-of", "shop", "mykubernetes.io/x", "y", "kubernetes", "z");
        assertThatCode(() -> SpecValidation.check(spec)).doesNotThrowAnyException();
    }

    @Test
    public void podSecurityAndPullSecrets() {
        for (String level : new String[] {"strict", "Baseline", "", null}) {
            refused(spec -> spec.podSecurity = level, "parameter podSecurity", "'" + level + "'", "restricted");
        }
        refused(spec -> spec.imagePullSecrets = List.of("ok", "Not_Ok"), "parameter imagePullSecrets", "Not_Ok");
    }

    @Test
    public void network() {
        refused(spec -> spec.networkPolicy = "closed", "parameter networkPolicy", "'closed'", "isolated");
        refused(spec -> spec.networkPolicy = null, "parameter networkPolicy");
        refused(spec -> spec.egress = List.of("10.0.0.0/8"), "parameter egress", "networkPolicy namespace");
        for (String rule : new String[] {
            "example.org:443",
            "10.0.0.0",
            "10.0.0/8",
            "256.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/8:0",
            "10.0.0.0/8:65536",
            "10.0.0.0/8:53/sctp",
            "2001:db8::/32:53",
            "[2001:db8::/129]:53",
            "[2001:db8:::/32]:53",
            "[::ffff:1.2.3.4.5/32]",
            "[10.0.0.1/32]",
            ""
        }) {
            refused(
                    spec -> {
                        spec.networkPolicy = "isolated";
                        spec.egress = List.of(rule);
                    },
                    "parameter egress",
                    "'" + rule + "'");
        }
    }

    @Test
    public void urls() {
        refused(spec -> spec.urls = Map.of("web", "javascript:alert(1)"), "parameter urls", "javascript");
        refused(spec -> spec.urls = Map.of("web", "https://a b"), "parameter urls");
        refused(spec -> spec.urls = Map.of("<b>", "https://a"), "parameter urls", "<b>");
        refused(spec -> spec.urls = Map.of("web", "https://{pod}.example.org"), "parameter urls", "{pod}");
        refused(spec -> spec.urls = nullable("web", null), "parameter urls");
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.urls = Map.of("Web shop", "https://{namespace}.{cluster}.example.org/?e={environment}");
        assertThatCode(() -> SpecValidation.check(spec)).doesNotThrowAnyException();
        assertThat(spec.urlsOf(new NamespaceRef("env", "dev", "ns", "uid")))
                .containsExactly(Map.entry("Web shop", "https://ns.dev.example.org/?e=env"));
    }

    private static Map<String, String> nullable(String key, String value) {
        Map<String, String> map = new HashMap<>();
        map.put(key, value);
        return map;
    }

    private static void refused(Consumer<EnvironmentSpec> change, String... said) {
        EnvironmentSpec spec = new EnvironmentSpec();
        change.accept(spec);
        Throwable thrown = catchThrowable(() -> SpecValidation.check(spec));
        assertThat(thrown).isInstanceOf(UserFault.class);
        assertThat(thrown.getMessage()).contains(said);
    }
}
