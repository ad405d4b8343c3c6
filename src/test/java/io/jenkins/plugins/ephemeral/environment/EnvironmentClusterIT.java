package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Environments on a real Kubernetes, with exactly the rights of {@code deploy/}. */
public class EnvironmentClusterIT {
    @Rule
    public final TemporaryFolder homes = new TemporaryFolder();

    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    /** Another name each time, as a cluster keeps what an earlier run left. */
    private final int firstBuild = (int) (System.currentTimeMillis() / 1000 % 10_000_000) * 100;

    private Config admin;
    private Config jenkins;
    private KubernetesClient client;

    @Before
    public void install() throws IOException {
        admin = RealCluster.config();
        client = new KubernetesClientBuilder().withConfig(admin).build();
        for (String file : List.of("deploy/rbac.yaml", "deploy/jenkins.yaml")) {
            try (InputStream text = Files.newInputStream(Path.of(file))) {
                for (HasMetadata each : client.load(text).items()) {
                    client.resource(each).forceConflicts().serverSideApply();
                }
            }
        }
        jenkins = as("ephemeral-environments");
        // each test is a controller with a home of its own, and the last one's is as gone as it can be
        client.leases()
                .inNamespace("jenkins")
                .withLabel("ephemeral.jenkins.io/controller", EnvironmentRig.CONTROLLER)
                .delete();
    }

    @After
    public void close() {
        if (client != null) {
            client.close();
        }
    }

    @Test
    public void aWholeLifeWithTheRightsOfDeployInFewCalls() throws IOException {
        Map<String, Integer> calls = new TreeMap<>();
        try (EnvironmentRig rig = new EnvironmentRig(jenkins, home(), new Outside(new Counting(calls)), clock)) {
            rig.provision(new EnvironmentSpec(), firstBuild);
            calls.clear();
            EnvironmentSpec spec = new EnvironmentSpec();
            spec.quota = Map.of("pods", "5", "limits.memory", "1Gi");
            NamespaceRef ref = rig.provision(spec, firstBuild + 1);
            assertThat(client.rbac()
                            .roleBindings()
                            .inNamespace(ref.namespace())
                            .list()
                            .getItems())
                    .anySatisfy(binding ->
                            assertThat(binding.getSubjects().get(0).getName()).isEqualTo("ephemeral-environments"));
            rig.service.release(ref.environment(), EnvironmentRig.run(firstBuild + 1), Ending.SUCCESS, Console.NONE);
            rig.awaitGone(ref.environment());
            assertThat(client.namespaces().withName(ref.namespace()).get()).isNull();
            assertThat(calls.entrySet().stream()
                            // files, and what is done once per cluster and period
                            .filter(call -> !call.getKey().startsWith("watching")
                                    && !call.getKey().matches(".*(Record|Tenure|Lease)"))
                            .mapToInt(Map.Entry::getValue)
                            .sum())
                    .as(calls.toString())
                    .isLessThanOrEqualTo(14);
            release(rig, firstBuild);
        }
    }

    @Test
    public void whoMayNothingIsToldWhatIsMissing() throws IOException {
        try (EnvironmentRig rig = new EnvironmentRig(as("powerless"), home(), new Outside(), clock)) {
            assertThatThrownBy(() -> rig.provision(new EnvironmentSpec(), firstBuild))
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining(
                            "ServiceAccount jenkins/powerless lacks: create namespaces in the whole cluster;")
                    .hasMessageContaining("bind its ClusterRole ephemeral-environments-controller");
        }
    }

    @Test
    public void anAdministratorNeedsNoBinding() throws IOException {
        try (EnvironmentRig rig = new EnvironmentRig(admin, home(), new Outside(), clock)) {
            rig.provision(new EnvironmentSpec(), firstBuild);
            release(rig, firstBuild);
        }
    }

    @Test
    public void aNamespaceThatIsHeldSaysWhatHoldsIt() throws IOException {
        try (EnvironmentRig rig = new EnvironmentRig(jenkins, home(), new Outside(), clock)) {
            NamespaceRef ref = rig.provision(new EnvironmentSpec(), firstBuild);
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(ref.namespace())
                            .withName("held")
                            .withFinalizers("example.com/hold")
                            .endMetadata()
                            .build())
                    .create();
            rig.service.release(ref.environment(), EnvironmentRig.run(firstBuild), Ending.SUCCESS, rig.said::add);
            await().atMost(EnvironmentRig.BOUND).until(() -> conditions(ref) > 0);
            clock.forward(Duration.ofMinutes(11));
            rig.service.reap();
            EnvironmentRecord stuck = rig.get(rig.service.awaitGone(ref.environment(), Console.NONE));
            assertThat(stuck.state).isEqualTo(EnvironmentState.STUCK);
            assertThat(stuck.reason).contains("example.com/hold");
            client.configMaps().inNamespace(ref.namespace()).withName("held").edit(map -> new ConfigMapBuilder(map)
                    .editMetadata()
                    .withFinalizers(List.of())
                    .endMetadata()
                    .build());
            rig.awaitGone(ref.environment());
        }
    }

    @Test
    public void crashesOfASample() throws Exception {
        int build = firstBuild;
        try (Lives lives = new Lives(admin, jenkins)) {
            for (String crossing : List.of(
                    "before creating Namespace",
                    "after creating Namespace",
                    "after creating RoleBinding",
                    "after applying ServiceAccount",
                    "after deleting Namespace",
                    "before deleting Record")) {
                lives.forgetLease();
                lives.dieAndLiveOn(home(), new KillSwitch(crossing, 1), ++build, lives::lost);
                lives.forgetLease();
                lives.dieAndLiveOn(home(), new KillSwitch(crossing, 1), ++build, lives::resumed);
            }
        }
        await().atMost(EnvironmentRig.BOUND).until(() -> client.namespaces().list().getItems().stream()
                .noneMatch(each -> each.getMetadata().getName().startsWith("of-another-")));
    }

    private int conditions(NamespaceRef ref) {
        return client.namespaces().withName(ref.namespace()).get().getStatus().getConditions().stream()
                .mapToInt(each -> "True".equals(each.getStatus()) ? 1 : 0)
                .sum();
    }

    private void release(EnvironmentRig rig, int build) {
        String name = rig.service.nameFor(new EnvironmentSpec(), EnvironmentRig.run(build), "5");
        rig.service.release(name, EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
        rig.awaitGone(name);
    }

    private Path home() throws IOException {
        return homes.newFolder().toPath();
    }

    /** The configuration of a service account of Jenkins' namespace. */
    private Config as(String account) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("jenkins")
                        .endMetadata()
                        .build())
                .serverSideApply();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace("jenkins")
                        .withName(account)
                        .endMetadata()
                        .build())
                .serverSideApply();
        TokenRequest request = client.serviceAccounts()
                .inNamespace("jenkins")
                .withName(account)
                .tokenRequest();
        Config config = Config.empty();
        config.setMasterUrl(admin.getMasterUrl());
        config.setCaCertData(admin.getCaCertData());
        config.setOauthToken(request.getStatus().getToken());
        return config;
    }

    /** Counts the calls that were made. */
    private static final class Counting implements Outside.Cut {
        private final Map<String, Integer> calls;

        Counting(Map<String, Integer> calls) {
            this.calls = calls;
        }

        @Override
        public synchronized void before(String point) {
            calls.merge(point, 1, Integer::sum);
        }

        @Override
        public void after(String point) {}
    }
}
