package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.Test;

/** What an environment is made of. */
public class PartsTest {
    private final EnvironmentRecord record = new EnvironmentRecord();

    public PartsTest() {
        record.name = "shop-1";
        record.cluster = "dev";
        record.controllerId = "controller";
        record.jobFullName = "shop";
        record.buildNumber = 1;
        record.specHash = "hash";
        record.expiresAt = Instant.parse("2026-01-02T03:04:05.678Z");
    }

    @Test
    public void theSameRecordGivesTheSameObjects() {
        assertThat(Serialization.asYaml(Parts.namespace(record)))
                .isEqualTo(Serialization.asYaml(Parts.namespace(record)));
        assertThat(Serialization.asYaml(Parts.inside(record))).isEqualTo(Serialization.asYaml(Parts.inside(record)));
    }

    @Test
    public void oursWinOverTheUsersLabelsAndAnnotations() {
        record.spec.labels = Map.of(
                "ephemeral.jenkins.io/controller", "another",
                "pod-security.kubernetes.io/enforce", "privileged");
        record.spec.annotations = Map.of("janitor/expires", "2099-01-01T00:00:00Z", "note", "kept");
        assertThat(Parts.namespace(record).getMetadata().getLabels())
                .containsEntry("ephemeral.jenkins.io/controller", "controller")
                .containsEntry("pod-security.kubernetes.io/enforce", "baseline");
        assertThat(Parts.namespace(record).getMetadata().getAnnotations())
                .containsEntry("janitor/expires", "2026-01-02T03:04:05Z")
                .containsEntry("note", "kept")
                .doesNotContainKey("ephemeral.jenkins.io/run-url");
    }

    @Test
    public void withoutAQuotaThereIsAGuardAgainstRunaways() {
        assertThat(Parts.quota(record).getSpec().getHard()).containsOnlyKeys("pods");
        LimitRangeItem limits = limits();
        assertThat(limits.getDefault()).as("no limit that nobody asked for").isNullOrEmpty();
        assertThat(limits.getDefaultRequest()).containsOnlyKeys("cpu", "memory");
    }

    @Test
    public void whatTheQuotaCountsHasADefaultThatFitsInSeveralTimes() {
        record.spec.quota = Map.of("limits.memory", "1Gi", "limits.cpu", "200m", "requests.ephemeral-storage", "100Gi");
        LimitRangeItem limits = limits();
        assertThat(amount(limits.getDefault().get("memory"))).isEqualByComparingTo("268435456");
        assertThat(amount(limits.getDefault().get("cpu"))).isEqualByComparingTo("0.05");
        assertThat(amount(limits.getDefaultRequest().get("cpu"))).isEqualByComparingTo("0.05");
        assertThat(amount(limits.getDefaultRequest().get("ephemeral-storage"))).isEqualByComparingTo("104857600");
        assertThat(limits.getDefault()).doesNotContainKey("ephemeral-storage");
    }

    @Test
    public void aDefaultRequestIsNeverAboveItsLimit() {
        for (String quota : new String[] {"1", "10m", "128Mi", "1Gi", "100Gi", "3k"}) {
            for (String resource : new String[] {"cpu", "memory", "ephemeral-storage"}) {
                record.spec.quota = Map.of("limits." + resource, quota, resource, "64Gi");
                LimitRangeItem limits = limits();
                assertThat(amount(limits.getDefaultRequest().get(resource)))
                        .as(quota + " of " + resource)
                        .isLessThanOrEqualTo(amount(limits.getDefault().get(resource)));
            }
        }
    }

    @Test
    public void whatTheUserSaysIsTaken() {
        record.spec.limitRange = Map.of("memory", " 2Gi ");
        record.spec.quota = Map.of("limits.memory", "1Gi", "pods", " 5 ");
        assertThat(amount(limits().getDefault().get("memory"))).isEqualByComparingTo("2147483648");
        assertThat(amount(limits().getDefaultRequest().get("memory"))).isEqualByComparingTo("2147483648");
        assertThat(amount(Parts.quota(record).getSpec().getHard().get("pods"))).isEqualByComparingTo("5");
    }

    @Test
    public void theLevelThatTheUserAsksForIsEnforced() {
        record.spec.podSecurity = "privileged";
        assertThat(Parts.namespace(record).getMetadata().getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "privileged")
                .containsEntry("pod-security.kubernetes.io/warn", "restricted")
                .containsEntry("pod-security.kubernetes.io/audit", "restricted");
    }

    @Test
    public void byDefaultNobodyComesInFromOtherNamespaces() {
        NetworkPolicySpec policy = rendered(NetworkPolicy.class).get(0).getSpec();
        assertThat(policy.getPolicyTypes()).containsExactly("Ingress");
        assertThat(policy.getIngress())
                .singleElement()
                .satisfies(rule -> assertThat(rule.getFrom()).singleElement().satisfies(from -> {
                    assertThat(from.getNamespaceSelector()).isNull();
                    assertThat(from.getIpBlock()).isNull();
                }));
        record.spec.networkPolicy = "open";
        assertThat(rendered(NetworkPolicy.class)).isEmpty();
    }

    @Test
    public void anIsolatedOneReachesItselfDnsAndWhatIsListed() {
        record.spec.networkPolicy = "isolated";
        record.spec.egress =
                List.of("10.0.0.0/8:5432", "192.0.2.1/32:53/udp", "[2001:db8::/32]:443", "198.51.100.0/24");
        NetworkPolicySpec policy = rendered(NetworkPolicy.class).get(0).getSpec();
        assertThat(policy.getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getEgress()).hasSize(6);
        assertThat(policy.getEgress().get(0).getTo())
                .singleElement()
                .satisfies(to -> assertThat(to.getNamespaceSelector()).isNull());
        assertThat(policy.getEgress().get(1).getPorts())
                .extracting(port -> port.getProtocol() + port.getPort().getIntVal())
                .containsExactlyInAnyOrder("UDP53", "TCP53", "UDP5353", "TCP5353");
        assertThat(policy.getEgress().subList(2, 6))
                .extracting(rule -> rule.getTo().get(0).getIpBlock().getCidr()
                        + (rule.getPorts().isEmpty()
                                ? ""
                                : " " + rule.getPorts().get(0).getProtocol() + " "
                                        + rule.getPorts().get(0).getPort().getIntVal()))
                .containsExactly(
                        "10.0.0.0/8 TCP 5432", "192.0.2.1/32 UDP 53", "2001:db8::/32 TCP 443", "198.51.100.0/24");
    }

    @Test
    public void pullSecretsGoToTheAccountsThatPodsHave() {
        assertThat(rendered(ServiceAccount.class)).hasSize(1);
        record.spec.imagePullSecrets = List.of("one", "two");
        assertThat(rendered(ServiceAccount.class))
                .extracting(account -> account.getMetadata().getName()
                        + account.getImagePullSecrets().stream()
                                .map(LocalObjectReference::getName)
                                .collect(Collectors.toList()))
                .containsExactly("ephemeral[one, two]", "default[one, two]");
        record.spec.serviceAccount = "default";
        assertThat(rendered(ServiceAccount.class)).hasSize(1);
    }

    private <T> List<T> rendered(Class<T> type) {
        return Parts.inside(record).stream()
                .filter(type::isInstance)
                .map(type::cast)
                .collect(Collectors.toList());
    }

    @Test
    public void aBindingIsNamedAfterWhomItBinds() {
        Subject user = new SubjectBuilder().withKind("User").withName("jenkins").build();
        Subject account = new SubjectBuilder()
                .withKind("ServiceAccount")
                .withNamespace("ci")
                .withName("jenkins")
                .build();
        String one = Parts.ownRights(record, user).getMetadata().getName();
        String other = Parts.ownRights(record, account).getMetadata().getName();
        assertThat(one).isNotEqualTo(other).matches("[a-z0-9-]{1,63}");
        assertThat(Parts.ownRights(record, user).getMetadata().getName()).isEqualTo(one);
    }

    private LimitRangeItem limits() {
        return Parts.limitRange(record).getSpec().getLimits().get(0);
    }

    private static BigDecimal amount(Quantity quantity) {
        return quantity.getNumericalAmount();
    }
}
