package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** An environment's whole life on an API server. */
public class EnvironmentServiceTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private EnvironmentRig rig;

    @Before
    public void start() throws IOException {
        rig = new EnvironmentRig(cluster, home.getRoot().toPath());
    }

    @After
    public void stop() {
        rig.close();
        cluster.close();
    }

    @Test
    public void aNamespaceWithAllItsParts() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.quota = Map.of("pods", "20", "limits.memory", "2Gi");
        spec.labels = Map.of("team", "shop", "app.kubernetes.io/managed-by", "somebody-else");
        NamespaceRef ref = rig.provision(spec, 7);

        Namespace namespace = rig.client.namespaces().withName(ref.namespace()).get();
        assertThat(namespace.getMetadata().getUid()).isEqualTo(ref.uid());
        assertThat(namespace.getMetadata().getLabels())
                .containsEntry("team", "shop")
                .containsEntry("app.kubernetes.io/managed-by", "ephemeral-environments")
                .containsEntry("ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER)
                .containsEntry("ephemeral.jenkins.io/environment", ref.environment())
                .containsEntry("pod-security.kubernetes.io/enforce", "baseline")
                .containsEntry("pod-security.kubernetes.io/warn", "restricted");
        assertThat(namespace.getMetadata().getAnnotations())
                .containsEntry("ephemeral.jenkins.io/run", "shop/web/PR-41#7")
                .containsEntry("ephemeral.jenkins.io/run-url", "https://jenkins.example/job/shop/7/");
        assertThat(namespace.getMetadata().getAnnotations().get("janitor/expires"))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ")
                .isEqualTo(namespace.getMetadata().getAnnotations().get("ephemeral.jenkins.io/expires-at"));

        ResourceQuota quota = only(ResourceQuota.class, ref);
        assertThat(quota.getSpec().getHard().get("pods")).hasToString("20");
        assertThat(quota.getStatus().getHard()).isNotEmpty();
        LimitRange limits = only(LimitRange.class, ref);
        assertThat(limits.getSpec()
                        .getLimits()
                        .get(0)
                        .getDefault()
                        .get("memory")
                        .getNumericalAmount())
                .isEqualByComparingTo("536870912");
        NetworkPolicy policy = only(NetworkPolicy.class, ref);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
        ServiceAccount account = rig.client
                .serviceAccounts()
                .inNamespace(ref.namespace())
                .withName("ephemeral")
                .get();
        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        RoleBinding binding = only(RoleBinding.class, ref);
        assertThat(binding.getRoleRef().getName()).isEqualTo("ephemeral-environments-namespace");
        assertThat(binding.getSubjects().get(0).getName()).isEqualTo("kubernetes-admin");

        EnvironmentRecord record = rig.service.find(ref.environment()).orElseThrow();
        assertThat(record.state).isEqualTo(EnvironmentState.READY);
        assertThat(record.uid).isEqualTo(ref.uid());
    }

    @Test
    public void anIsolatedOneOfTheStrictestLevel() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.podSecurity = "restricted";
        spec.networkPolicy = "isolated";
        spec.egress = List.of("10.0.0.0/8:5432");
        spec.imagePullSecrets = List.of("registry");
        NetworkPolicy policy = only(NetworkPolicy.class, rig.provision(spec, 7));

        String namespace = policy.getMetadata().getNamespace();
        assertThat(policy.getSpec().getEgress()).hasSize(3);
        assertThat(rig.client
                        .namespaces()
                        .withName(namespace)
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
        for (String account : List.of("default", "ephemeral")) {
            assertThat(rig.client
                            .serviceAccounts()
                            .inNamespace(namespace)
                            .withName(account)
                            .get()
                            .getImagePullSecrets())
                    .singleElement()
                    .extracting("name")
                    .isEqualTo("registry");
        }
    }

    @Test
    public void releasedItIsGoneWithItsRecord() {
        NamespaceRef ref = rig.provision(new EnvironmentSpec(), 1);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        EnvironmentRecord gone = rig.get(rig.service.awaitGone(ref.environment(), Console.NONE));
        assertThat(gone.state).isEqualTo(EnvironmentState.GONE);
        assertThat(rig.client.namespaces().withName(ref.namespace()).get()).isNull();
        assertThat(rig.service.all()).isEmpty();
        assertThat(home.getRoot().list((folder, each) -> !each.equals("leases")))
                .isEmpty();
        assertThat(rig.said).anyMatch(line -> line.endsWith(": gone."));
    }

    @Test
    public void aWholeLifeTakesFewCalls() {
        // the first one: asks once for all how it may follow namespaces
        NamespaceRef first = rig.provision(new EnvironmentSpec(), 1);
        rig.service.release(first.environment(), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        rig.awaitGone(first.environment());
        cluster.requests().clear();
        NamespaceRef ref = rig.provision(new EnvironmentSpec(), 2);
        rig.service.release(ref.environment(), EnvironmentRig.run(2), Ending.SUCCESS, rig.said::add);
        rig.awaitGone(ref.environment());
        assertThat(cluster.requests().all().stream().filter(each -> !each.verb().equals("watch")))
                .hasSizeLessThanOrEqualTo(14);
    }

    private <T extends io.fabric8.kubernetes.api.model.HasMetadata> T only(Class<T> type, NamespaceRef ref) {
        java.util.List<T> all =
                rig.client.resources(type).inNamespace(ref.namespace()).list().getItems();
        assertThat(all).hasSize(1);
        assertThat(all.get(0).getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/managed-by", "ephemeral-environments")
                .containsEntry("ephemeral.jenkins.io/environment", ref.environment());
        return all.get(0);
    }
}
