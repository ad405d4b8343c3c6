package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Where an environment is made, of two clusters that answer unless told not to. */
public class PlacementTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster a = EmbeddedCluster.start();
    private final EmbeddedCluster b = EmbeddedCluster.start();
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() throws IOException {
        rig = new EnvironmentRig(a, home.getRoot().toPath());
        configure(ClusterTerms.NONE, ClusterTerms.NONE);
        rig.service.start(List.of());
        spec.clusters = List.of("a", "b");
    }

    @After
    public void stop() {
        rig.close();
        clients.forEach(KubernetesClient::close);
        a.close();
        b.close();
    }

    @Test
    public void theOneWithTheFewestLiveEnvironmentsForItsWeight() {
        configure(ClusterTerms.NONE, new ClusterTerms(2, 0, Map.of()));
        List<String> where = new ArrayList<>();
        for (int build = 1; build <= 6; build++) {
            where.add(rig.provision(spec, build).cluster());
        }
        assertThat(where).containsExactly("b", "a", "b", "b", "a", "b");
        EnvironmentRecord last = rig.service.find(name(6)).orElseThrow();
        assertThat(last.placement).isEqualTo("it has 3 live environments at weight 2, a has 2 live environments");
        assertThat(rig.said).anyMatch(line -> line.contains(name(6)) && line.contains("in cluster b: it has 3 live"));
        // those that are on their way out are not live
        for (int build : new int[] {1, 3, 4, 6}) {
            rig.service.release(name(build), EnvironmentRig.run(build), Ending.SUCCESS, rig.said::add);
        }
        assertThat(rig.provision(spec, 7).cluster()).isEqualTo("b");
    }

    @Test
    public void withoutAChoiceNothingIsAskedAndNothingIsSaid() {
        spec.clusters = List.of("a");
        a.requests().clear();
        rig.provision(spec, 1);
        assertThat(a.requests().all()).noneMatch(request -> request.path().equals("/version"));
        assertThat(rig.service.find(name(1)).orElseThrow().placement).isEmpty();
    }

    @Test
    public void aClusterThatDoesNotAnswerIsLeftOut() {
        a.faults().unavailable();
        assertThat(rig.provision(spec, 1).cluster()).isEqualTo("b");
        assertThat(rig.provision(spec, 2).cluster()).isEqualTo("b");
        assertThat(rig.service.find(name(2)).orElseThrow().placement).contains("a is left out: it does not answer: ");
        a.faults().available();
        rig.clock.forward(Duration.ofMinutes(1));
        assertThat(rig.provision(spec, 3).cluster()).isEqualTo("a");
    }

    @Test
    public void whenNoneAnswersItIsTriedAgainAndThenSaid() throws Exception {
        a.faults().unavailable();
        b.faults().unavailable();
        CompletableFuture<NamespaceRef> end = rig.begin(
                rig.service.provision(name(1), spec, EnvironmentRig.run(1), rig.said::add), Duration.ofSeconds(2));
        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("a: it does not answer")
                .hasMessageContaining("b: it does not answer");
        assertThat(rig.service.all()).isEmpty();
    }

    @Test
    public void aFullClusterIsLeftOutAndWhenAllAreFullItWaits() throws Exception {
        configure(new ClusterTerms(5, 1, Map.of()), new ClusterTerms(1, 1, Map.of()));
        assertThat(rig.provision(spec, 1).cluster()).isEqualTo("a");
        assertThat(rig.provision(spec, 2).cluster()).isEqualTo("b");
        assertThat(rig.service.find(name(2)).orElseThrow().placement)
                .contains("a is left out: it is full: 1 of 1 environments");
        CompletableFuture<NamespaceRef> third = rig.begin(
                rig.service.provision(name(3), spec, EnvironmentRig.run(3), rig.said::add), Duration.ofSeconds(1));
        await().until(() -> rig.said.stream().anyMatch(line -> line.startsWith("Waiting for room in a cluster")));
        assertThat(third).isNotDone();
        rig.service.release(name(1), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        assertThat(third.get(30, TimeUnit.SECONDS).cluster()).isEqualTo("a");
    }

    @Test
    public void whatIsMadeInTheSteadOfAnotherTakesItsPlace() {
        configure(new ClusterTerms(1, 1, Map.of()), ClusterTerms.NONE);
        spec.clusters = List.of("a");
        spec.lifetime = Lifetime.BRANCH;
        NamespaceRef before = rig.provision(spec, 1);
        rig.service.release(before.environment(), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        spec.untrusted = true; // cannot be changed in place
        NamespaceRef after = rig.provision(spec, 2);
        assertThat(after.cluster()).isEqualTo("a");
        assertThat(after.uid()).isNotEqualTo(before.uid());
    }

    @Test
    public void roomGoesToWhoCameFirstAlsoAfterARestart() throws Exception {
        configure(new ClusterTerms(1, 1, Map.of()), new ClusterTerms(1, 1, Map.of()));
        rig.provision(spec, 1);
        rig.provision(spec, 2);
        begin(3);
        await().until(() -> said("Waiting for room in a cluster: position 1 of 1; "));
        begin(4);
        await().until(() -> said("Waiting for room in a cluster: position 2 of 2; "));
        restart();
        configure(new ClusterTerms(1, 1, Map.of()), new ClusterTerms(1, 1, Map.of()));
        // the other order now
        CompletableFuture<NamespaceRef> fourth = begin(4);
        await().until(() -> said("position 2 of 2; "));
        rig.service.release(name(1), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        await().until(() -> said("and the rest is for those who came before"));
        CompletableFuture<NamespaceRef> third = begin(3);
        assertThat(third.get(30, TimeUnit.SECONDS).cluster()).isEqualTo("a");
        assertThat(fourth).isNotDone();
        await().until(() -> said("position 1 of 1; "));
        restart();
        configure(new ClusterTerms(1, 1, Map.of()), new ClusterTerms(1, 1, Map.of()));
        // who is stopped leaves the line
        rig.service.release(name(4), EnvironmentRig.run(4), Ending.ABORTED, rig.said::add);
        rig.service.release(name(2), EnvironmentRig.run(2), Ending.SUCCESS, rig.said::add);
        assertThat(rig.provision(spec, 5).cluster()).isEqualTo("b");
    }

    @Test
    public void nobodyWaitsForRoomBehindALostBuildOrOneThatDoesNotAsk() throws Exception {
        configure(new ClusterTerms(1, 1, Map.of()), ClusterTerms.NONE);
        spec.clusters = List.of("a");
        rig.provision(spec, 1);
        for (int build = 2; build <= 4; build++) {
            int position = build - 1;
            begin(build);
            await().until(() -> said("position " + position + " of " + position + "; "));
        }
        restart();
        configure(new ClusterTerms(1, 1, Map.of()), ClusterTerms.NONE);
        CompletableFuture<NamespaceRef> fourth = begin(4);
        await().until(() -> said("position 3 of 3; "));
        rig.service.release(name(1), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        rig.builds.over.add(EnvironmentRig.run(2));
        await().until(() -> {
            rig.clock.forward(Duration.ofSeconds(5));
            return said("position 2 of 2; ");
        });
        assertThat(fourth).isNotDone();
        rig.clock.forward(Duration.ofMinutes(6));
        assertThat(fourth.get(30, TimeUnit.SECONDS).cluster()).isEqualTo("a");
    }

    private CompletableFuture<NamespaceRef> begin(int build) {
        return rig.begin(rig.service.provision(name(build), spec, EnvironmentRig.run(build), rig.said::add));
    }

    private boolean said(String text) {
        return List.copyOf(rig.said).stream().anyMatch(line -> line.contains(text));
    }

    private void restart() {
        rig.close();
        rig = new EnvironmentRig(a.config(), home.getRoot().toPath(), new Outside(), new EnvironmentRig.Shifted());
        rig.service.start(List.of());
    }

    @Test
    public void manyAtOnceDoNotOverfillAnyCluster() throws Exception {
        configure(new ClusterTerms(1, 4, Map.of()), new ClusterTerms(1, 4, Map.of()));
        List<CompletableFuture<NamespaceRef>> all = new ArrayList<>();
        for (int build = 1; build <= 8; build++) {
            all.add(rig.begin(rig.service.provision(name(build), spec, EnvironmentRig.run(build), rig.said::add)));
        }
        List<String> where = new ArrayList<>();
        for (CompletableFuture<NamespaceRef> each : all) {
            where.add(each.get(60, TimeUnit.SECONDS).cluster());
        }
        assertThat(where.stream().collect(Collectors.groupingBy(each -> each, Collectors.counting())))
                .isEqualTo(Map.of("a", 4L, "b", 4L));
    }

    @Test
    public void itIsDecidedOnceAndSurvivesARestart() throws Exception {
        a.faults().on("POST", "/api/v1/namespaces").status(500);
        rig.begin(rig.service.provision(name(1), spec, EnvironmentRig.run(1), rig.said::add));
        await().until(() -> rig.service.find(name(1)).isPresent());
        assertThat(rig.service.find(name(1)).orElseThrow().cluster).isEqualTo("a");
        rig.close();
        // now everything speaks for the other one
        rig = new EnvironmentRig(a.config(), home.getRoot().toPath(), new Outside(), new EnvironmentRig.Shifted());
        configure(new ClusterTerms(1, 1, Map.of()), new ClusterTerms(100, 0, Map.of()));
        rig.service.start(List.of());
        a.faults().clear();
        assertThat(rig.provision(spec, 1).cluster()).isEqualTo("a");
        assertThat(b.requests().count("create", "namespaces")).isZero();
    }

    @Test
    public void labelsChooseAmongAllOrAmongThoseThatAreNamed() {
        configure(
                new ClusterTerms(1, 0, Map.of("zone", "us")), new ClusterTerms(1, 0, Map.of("zone", "eu", "gpu", "")));
        spec.clusters = List.of();
        spec.clusterSelector = "zone=eu,gpu";
        assertThat(rig.provision(spec, 1).cluster()).isEqualTo("b");
        assertThat(rig.provision(spec, 2).cluster()).isEqualTo("b");
        spec.clusters = List.of("a");
        assertThatThrownBy(() -> rig.provision(spec, 3))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("a: its labels do not match zone=eu,gpu");
        spec.clusters = List.of("a", "nowhere");
        assertThatThrownBy(() -> rig.provision(spec, 4))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("Configured are: a, b");
        spec.clusters = List.of();
        spec.clusterSelector = "zone=eu,";
        assertThatThrownBy(() -> rig.provision(spec, 5))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter cloudSelector");
        spec.clusterSelector = "zone=eu";
        spec.cluster = "a";
        assertThatThrownBy(() -> rig.provision(spec, 6))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter cloud)");
    }

    @Test
    public void aClusterThatTheJobMayNotUseIsLeftOut() {
        rig.configured = List.of(
                new Access("a", a, ClusterTerms.NONE) {
                    @Override
                    public boolean isAllowedFor(String jobFullName) {
                        return jobFullName.startsWith("other/");
                    }
                },
                new Access("b", b, ClusterTerms.NONE));
        assertThat(rig.provision(spec, 1).cluster()).isEqualTo("b");
        assertThat(rig.service.find(name(1)).orElseThrow().placement)
                .contains("a is left out: its usage is restricted, and no folder of shop/web/PR-41 is permitted");
        spec.clusters = List.of();
        spec.cluster = "a";
        assertThatThrownBy(() -> rig.provision(spec, 2))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("a: its usage is restricted")
                .hasMessageContaining("folder's configuration");
        assertThat(a.requests().all()).isEmpty();
    }

    private String name(int build) {
        return rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
    }

    private void configure(ClusterTerms ofA, ClusterTerms ofB) {
        rig.configured = List.of(new Access("a", a, ofA), new Access("b", b, ofB));
    }

    private class Access implements ClusterAccess {
        private final String name;
        private final KubernetesClient client;
        private final ClusterTerms terms;

        Access(String name, EmbeddedCluster cluster, ClusterTerms terms) {
            this.name = name;
            this.client =
                    new KubernetesClientBuilder().withConfig(cluster.config()).build();
            this.terms = terms;
            clients.add(client);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public KubernetesClient client() {
            return client;
        }

        @Override
        public ClusterTerms terms() {
            return terms;
        }
    }
}
