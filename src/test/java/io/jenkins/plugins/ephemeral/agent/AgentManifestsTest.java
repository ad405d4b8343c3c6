package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.PodSecurity;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.Test;

/** What an agent's objects say. */
public class AgentManifestsTest {
    private final EnvironmentSpec environment = new EnvironmentSpec();
    private final AgentSpec spec = new AgentSpec();
    private final AgentImages images = new AgentImages("kubeshop/a:1", "kubeshop/b:1", "kubeshop/c:1");

    @Test
    public void thePodPassesTheStrictestLevel() {
        for (Deployment deployment : rendered(Deployment.class)) {
            assertThat(PodSecurity.RESTRICTED.violations(deployment.getSpec().getTemplate()))
                    .isEmpty();
        }
        assertThat(rendered(Deployment.class)).hasSize(1);
    }

    @Test
    public void itNeverRegistersItself() {
        // one that does, and may not write its Secret, registers another agent at each start
        assertThat(rendered(Deployment.class)
                        .get(0)
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getEnv())
                .extracting("name")
                .contains("TESTKUBE_PRO_AGENT_ID")
                .doesNotContain(
                        "TESTKUBE_PRO_AGENT_REGISTRATION_TOKEN", "ENABLE_SECRETS_ENDPOINT", "SELF_REGISTRATION_SECRET");
    }

    @Test
    public void itPullsWithTheEnvironmentsSecrets() {
        environment.imagePullSecrets = List.of("registry");
        assertThat(rendered(ServiceAccount.class)).hasSize(2).allSatisfy(account -> assertThat(
                        account.getImagePullSecrets())
                .singleElement()
                .extracting("name")
                .isEqualTo("registry"));
    }

    @Test
    public void onlyAnIsolatedEnvironmentHasToLetItOut() {
        assertThat(rendered(NetworkPolicy.class)).isEmpty();
        environment.networkPolicy = "isolated";
        List<NetworkPolicy> policies = rendered(NetworkPolicy.class);
        assertThat(policies).hasSize(2).allSatisfy(policy -> {
            assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Egress");
            assertThat(policy.getSpec().getEgress()).singleElement().satisfies(rule -> assertThat(
                            rule.getPorts().stream()
                                    .map(port -> port.getPort().getIntVal())
                                    .collect(Collectors.toList()))
                    .containsExactly(443, 6443, 16443));
        });
        assertThat(policies.get(0).getSpec().getPodSelector().getMatchLabels())
                .as("the agent's Pod, not all Pods")
                .isNotEmpty()
                .isEqualTo(rendered(Deployment.class)
                        .get(0)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels());
        assertThat(policies.get(1).getSpec().getPodSelector().getMatchExpressions())
                .singleElement()
                .extracting("key", "operator")
                .containsExactly("testkube.io/resource", "Exists");
    }

    @Test
    public void thePortOfTheControlPlaneIsOpen() {
        ObjectMeta meta = new ObjectMetaBuilder().withNamespace("shop-1").build();
        String two = Serialization.asJson(AgentEgress.policies(meta, Map.of(), "agent.example.org:8089", 443));
        assertThat(two).contains("8089");
        String none = Serialization.asJson(AgentEgress.policies(meta, Map.of(), "agent.example.org", 6443));
        assertThat(none).contains("443");
    }

    private AgentDesign design() {
        EnvironmentRecord record = record("shop-1", environment);
        AgentCredentials credentials =
                new AgentCredentials("tkcagent_1", "tkckey_agent_1", "org", "env", "agent.example.org:443");
        return new AgentDesign(record, record, spec, images.chosen(spec), credentials, false, 16443);
    }

    private static EnvironmentRecord record(String name, EnvironmentSpec spec) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = name;
        record.spec = spec;
        return record;
    }

    private <T extends HasMetadata> List<T> rendered(Class<T> type) {
        return rendered(type, design());
    }

    private static <T extends HasMetadata> List<T> rendered(Class<T> type, AgentDesign design) {
        AgentIdentity identity = new AgentIdentity("shop-1", "controller");
        return new AgentManifests(identity)
                .others(design).stream()
                        .filter(type::isInstance)
                        .map(type::cast)
                        .collect(Collectors.toList());
    }
}
