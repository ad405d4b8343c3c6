package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;

/** What can be chosen about an agent of mode runner, and why it does not connect. */
public class AgentOptionsTest {
    private final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(stage).around(new OpenApiContract(stage::controlPlane));

    private final AgentSpec spec = spec();

    private static AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.timeout = Duration.ofSeconds(20);
        return spec;
    }

    private AgentRef install(NamespaceRef environment) throws Throwable {
        return stage.controller()
                .finish(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    private Deployment deployment(String namespace) {
        return stage.admin()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("testkube-agent")
                .get();
    }

    private Map<String, String> variables(String namespace) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (EnvVar variable : deployment(namespace)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getEnv()) {
            variables.put(variable.getName(), variable.getValue());
        }
        return variables;
    }

    private JsonNode creation() throws Exception {
        Exchange exchange = stage.controlPlane().exchanges().stream()
                .filter(each -> each.method().equals("POST") && each.path().endsWith("/agents"))
                .findFirst()
                .orElseThrow();
        return new ObjectMapper().readTree(exchange.requestBody());
    }

    @Test
    public void withTriggersItListensInItsNamespaceAndNowhereElse() throws Throwable {
        spec.triggers = true;
        install(stage.environment("shop-1"));

        assertThat(creation().path("capabilities").toString()).isEqualTo("[\"runner\",\"listener\"]");
        assertThat(creation().path("runnerPolicy").path("requiredMatch").toString())
                .isEqualTo("[\"name\"]");
        assertThat(variables("shop-1"))
                .containsEntry("DISABLE_TEST_TRIGGERS", "false")
                .containsEntry("TEST_TRIGGER_CONTROL_PLANE", "true")
                .containsEntry("TESTKUBE_WATCHER_NAMESPACES", "shop-1");
        assertThat(bindings("shop-1")).contains("ephemeral-environments-testkube-listener");
    }

    @Test
    public void withoutThemItHasNoSuchRights() throws Throwable {
        spec.floating = false;
        install(stage.environment("shop-1"));

        assertThat(creation().path("capabilities").toString()).isEqualTo("[\"runner\"]");
        assertThat(creation().path("floating").asBoolean()).isFalse();
        assertThat(variables("shop-1"))
                .containsEntry("DISABLE_TEST_TRIGGERS", "true")
                .doesNotContainKeys("TESTKUBE_WATCHER_NAMESPACES", "TESTKUBE_GLOBAL_WORKFLOW_TEMPLATE_INLINE");
        assertThat(bindings("shop-1")).doesNotContain("ephemeral-environments-testkube-listener");
    }

    private List<String> bindings(String namespace) {
        return stage.admin().rbac().roleBindings().inNamespace(namespace).list().getItems().stream()
                .map(binding -> binding.getRoleRef().getName())
                .toList();
    }

    @Test
    public void whereRestrictedIsEnforcedRunsGetSecurityContexts() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.admin().namespaces().withName("shop-1").edit(namespace -> {
            namespace.getMetadata().getLabels().put("pod-security.kubernetes.io/enforce", "restricted");
            return namespace;
        });
        spec.imagePullSecrets = List.of("registry-key");
        install(environment);

        JsonNode template =
                new ObjectMapper().readTree(variables("shop-1").get("TESTKUBE_GLOBAL_WORKFLOW_TEMPLATE_INLINE"));
        JsonNode pod = template.path("pod");
        assertThat(pod.at("/imagePullSecrets/0/name").asText()).isEqualTo("registry-key");
        // what a namespace enforcing restricted takes: a Pod made of these two contexts
        Pod made = new ObjectMapper()
                .readValue(
                        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"run\",\"namespace\":\"shop-1\"},"
                                + "\"spec\":{\"restartPolicy\":\"Never\",\"securityContext\":"
                                + pod.path("securityContext")
                                + ",\"containers\":[{\"name\":\"step\",\"image\":\"busybox:1.35\",\"command\":[\"true\"],"
                                + "\"securityContext\":" + template.at("/container/securityContext") + "}]}}",
                        Pod.class);
        assertThat(stage.admin().resource(made).create().getMetadata().getUid()).isNotEmpty();
    }

    @Test
    public void imagesComeFromTheRegistryOfTheSite() throws Throwable {
        stage.images = new AgentImages(
                "kubeshop/testkube-api-server:2.12.2",
                "kubeshop/testkube-tw-init:2.12.2",
                "docker.io/kubeshop/testkube-tw-toolkit:2.12.2",
                "registry.example.org/mirror/",
                List.of("site-key"));
        stage.kube()
                .images()
                .entrypoint(
                        "mirror/kubeshop/testkube-api-server", "sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait $!");
        spec.initImage = "own/init:1";
        install(stage.environment("shop-1"));

        assertThat(deployment("shop-1")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage())
                .isEqualTo("registry.example.org/mirror/kubeshop/testkube-api-server:2.12.2");
        assertThat(variables("shop-1"))
                .containsEntry("TESTKUBE_TW_INIT_IMAGE", "registry.example.org/mirror/own/init:1")
                .containsEntry("TESTKUBE_TW_TOOLKIT_IMAGE", "docker.io/kubeshop/testkube-tw-toolkit:2.12.2");
        assertThat(stage.admin()
                        .serviceAccounts()
                        .inNamespace("shop-1")
                        .withName("testkube-execution")
                        .get()
                        .getImagePullSecrets())
                .singleElement()
                .extracting("name")
                .isEqualTo("site-key");
        spec.registry = "other.example.org";
        spec.imagePullSecrets = List.of("own-key");
        AgentImages chosen = stage.images.chosen(spec);
        assertThat(chosen.agent()).isEqualTo("other.example.org/kubeshop/testkube-api-server:2.12.2");
        assertThat(chosen.pullSecrets()).containsExactly("own-key");
    }

    @Test
    public void runsMayBeExecutedInAnotherEnvironmentOfTheBuild() throws Throwable {
        stage.environment("shop-runs");
        spec.executionNamespace = "shop-runs";
        install(stage.environment("shop-1"));

        assertThat(variables("shop-1"))
                .containsEntry("DEFAULT_EXECUTION_NAMESPACE", "shop-runs")
                .containsEntry("TESTKUBE_EXECUTION_NAMESPACES", "shop-runs=testkube-execution");
        assertThat(bindings("shop-runs")).contains("ephemeral-environments-testkube-execution");
        assertThat(bindings("shop-1"))
                .contains("ephemeral-environments-testkube-agent")
                .doesNotContain("ephemeral-environments-testkube-execution");
    }

    @Test
    public void aNamespaceOfSomebodyElseIsNotExecutedIn() {
        spec.executionNamespace = "kube-system";
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> install(environment))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "executionNamespace: 'kube-system' is no environment of this build in cluster dev");
    }

    @Test
    public void anAgentThatCannotReachItsControlPlaneSaysSo() {
        NamespaceRef environment = stage.environment("shop-1");
        refusing("cannot get pro context: rpc error: code = Unavailable desc = dial tcp 192.0.2.1:443: i/o timeout");

        assertThatThrownBy(() -> install(environment))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("its log says: cannot get pro context: rpc error: code = Unavailable")
                .hasMessageEndingWith(
                        "Pods cannot reach agent.example.org:443: check network policies, DNS and proxies,"
                                + " and the address itself.");
    }

    @Test
    public void anAgentOfAnotherEnvironmentSaysSo() {
        NamespaceRef environment = stage.environment("shop-1");
        refusing("cannot get pro context: rpc error: code = PermissionDenied desc = not in this environment");

        assertThatThrownBy(() -> install(environment))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "The agent does not belong to the organization and environment that are configured");
    }

    private void refusing(String words) {
        stage.kube().images().entrypoint("kubeshop/refused", "sh", "-c", "echo '" + words + "'; exit 1");
        stage.kube().images().neverReady("kubeshop/refused");
        spec.image = "docker.io/kubeshop/refused:1";
        spec.timeout = Duration.ofMinutes(5);
    }
}
