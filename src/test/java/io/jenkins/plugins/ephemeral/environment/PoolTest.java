package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Namespaces that are leased, with the rights of {@code deploy/pool.yaml} and no others. */
public class PoolTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final PoolRig pool = new PoolRig();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;
    private Set<String> before;

    @Before
    public void start() throws IOException {
        await().until(() -> !pool.contents("pool-2").isEmpty());
        before = pool.contents("pool-1");
        rig = pool.controller(home.getRoot().toPath());
        rig.service.start(List.of());
        pool.cluster.requests().clear();
    }

    @After
    public void stop() {
        rig.close();
        pool.close();
    }

    @Test
    public void oneIsLeasedUsedCleanedAndGivenBack() {
        NamespaceRef ref = rig.provision(spec, 1);
        assertThat(PoolRig.POOL).contains(ref.namespace());
        assertThat(ref.environment()).isNotEqualTo(ref.namespace());
        assertThat(pool.holder(ref.namespace())).isEqualTo(EnvironmentRig.CONTROLLER + "/" + ref.environment());
        assertThat(pool.contents(ref.namespace()))
                .contains("resourcequotas/ephemeral-environment", "serviceaccounts/ephemeral")
                .containsAll(before);
        // what a build leaves there, beside our own parts
        pool.config(ref.namespace(), "left-by-the-build");
        release(1);
        assertThat(pool.contents(ref.namespace())).isEqualTo(before);
        assertThat(pool.holder(ref.namespace())).isEmpty();
        assertThat(rig.said).anyMatch(line -> line.contains("namespace " + ref.namespace() + " of the pool leased"));
        assertThat(pool.cluster.requests().count("create", "namespaces")).isZero();
        assertThat(pool.cluster.requests().count("delete", "namespaces")).isZero();
        assertThat(pool.admin
                        .namespaces()
                        .withName(ref.namespace())
                        .get()
                        .getMetadata()
                        .getUid())
                .isEqualTo(ref.uid());
    }

    @Test
    public void nobodyGetsWhatAnotherHasAndWhoComesLaterWaits() throws Exception {
        NamespaceRef one = rig.provision(spec, 1);
        NamespaceRef other = rig.provision(spec, 2);
        assertThat(Set.of(one.namespace(), other.namespace())).isEqualTo(Set.copyOf(PoolRig.POOL));
        CompletableFuture<NamespaceRef> third = rig.begin(
                rig.service.provision(name(3), spec, EnvironmentRig.run(3), rig.said::add), Duration.ofSeconds(1));
        await().until(() -> rig.said.stream().anyMatch(line -> line.contains("it is full: 2 of 2 environments")));
        assertThat(third).isNotDone();
        release(2);
        assertThat(third.get(30, TimeUnit.SECONDS).namespace()).isEqualTo(other.namespace());
    }

    @Test
    public void twoControllersDoNotGetTheSame() throws Exception {
        pool.terms(new ClusterTerms(1, 0, Map.of(), List.of("pool-1"), Map.of()));
        NamespaceRef mine = rig.provision(spec, 1);
        Lease lease = pool.lease("pool-1");
        pool.admin
                .resource(new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity("another-controller/its-environment")
                        .endSpec()
                        .build())
                .update();
        // fenced: what the other one has is not touched, whatever our record says
        pool.config("pool-1", "of-the-other-one");
        Set<String> theirs = pool.contents("pool-1");
        release(1);
        assertThat(pool.contents("pool-1")).isEqualTo(theirs).contains("configmaps/of-the-other-one");
        assertThat(pool.holder("pool-1")).isEqualTo("another-controller/its-environment");
        // and it is waited for
        CompletableFuture<NamespaceRef> next =
                rig.begin(rig.service.provision(name(2), spec, EnvironmentRig.run(2), rig.said::add));
        await().until(() -> rig.said.stream()
                .anyMatch(line -> line.contains("pool-1 (held by another-controller/its-environment)")));
        assertThat(next).isNotDone();
        assertThat(mine.namespace()).isEqualTo("pool-1");
    }

    @Test
    public void aBuildWhoseLeaseWentElsewhereIsToldSo() {
        NamespaceRef mine = rig.provision(spec, 1);
        Lease lease = pool.lease(mine.namespace());
        pool.admin
                .resource(new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity("another-controller/its-environment")
                        .endSpec()
                        .build())
                .update();
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(LostFault.class)
                .hasMessageContaining("its lease has gone to somebody else");
    }

    @Test
    public void whatAnAbandonedHolderLeftIsCleanedBeforeTheNextUse() {
        pool.terms(new ClusterTerms(1, 0, Map.of(), List.of("pool-1"), Map.of()));
        release(rig.provision(spec, 1), 1);
        Lease lease = pool.lease("pool-1");
        pool.config("pool-1", "left-by-a-dead-controller");
        pool.admin
                .resource(new LeaseBuilder(lease)
                        .editMetadata()
                        .addToAnnotations("ephemeral.jenkins.io/clean", "false")
                        .endMetadata()
                        .editSpec()
                        .withHolderIdentity("dead-controller/its-environment")
                        .withRenewTime(ZonedDateTime.now().minusHours(4))
                        .withLeaseDurationSeconds(3600)
                        .endSpec()
                        .build())
                .update();
        NamespaceRef ref = rig.provision(spec, 2);
        assertThat(pool.contents("pool-1"))
                .doesNotContain("configmaps/left-by-a-dead-controller")
                .contains("configmaps/made-by-the-administrator");
        assertThat(pool.lease("pool-1").getSpec().getLeaseTransitions()).isEqualTo(1);
        assertThat(ref.namespace()).isEqualTo("pool-1");
    }

    @Test
    public void aNamespaceThatLacksWhatItHadIsNotLeasedAgain() {
        pool.terms(new ClusterTerms(1, 0, Map.of(), List.of("pool-1"), Map.of()));
        rig.provision(spec, 1);
        pool.admin
                .configMaps()
                .inNamespace("pool-1")
                .withName("made-by-the-administrator")
                .delete();
        release(1);
        rig.begin(rig.service.provision(name(2), spec, EnvironmentRig.run(2), rig.said::add));
        await().until(() -> rig.said.stream()
                .anyMatch(line -> line.contains("pool-1 (damaged, gone: [configmaps/made-by-the-administrator])")));
        // the way out: somebody repairs it, and deletes the Lease
        pool.config("pool-1", "made-by-the-administrator");
        pool.admin.resource(pool.lease("pool-1")).delete();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !pool.holder("pool-1").isEmpty());
    }

    @Test
    public void aLeaseOfOursWithoutARecordIsTakenUpAndGivenBackInTheEnd() throws IOException {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.close();
        rig = pool.controller(home.newFolder().toPath());
        rig.service.start(List.of());
        rig.service.reap();
        assertThat(rig.service.all())
                .as("who has lost its home is not alone yet")
                .isEmpty();
        rig.service.tenures().takeOver(EnvironmentRig.CLUSTER);
        rig.service.reap();
        EnvironmentRecord adopted = rig.service.find(ref.environment()).orElseThrow();
        assertThat(adopted.ref().namespace()).isEqualTo(ref.namespace());
        assertThat(adopted.run().externalId()).isEqualTo("shop/web/PR-41#1");
        rig.clock.forward(Duration.ofHours(3));
        rig.service.reap();
        rig.awaitGone(ref.environment());
        assertThat(pool.contents(ref.namespace())).isEqualTo(before);
        assertThat(pool.holder(ref.namespace())).isEmpty();
    }

    @Test
    public void theLeaseIsRenewedWithTheEnvironment() {
        NamespaceRef ref = rig.provision(spec, 1);
        ZonedDateTime first = pool.lease(ref.namespace()).getSpec().getRenewTime();
        rig.clock.forward(Duration.ofMinutes(90));
        rig.service.renew(ref.environment());
        rig.service.reap();
        assertThat(pool.lease(ref.namespace()).getSpec().getRenewTime()).isAfter(first.plusMinutes(80));
        assertThat(pool.holder(ref.namespace())).endsWith('/' + ref.environment());
    }

    @Test
    public void namespacesAreAlsoFoundByLabelsWhereTheseMayBeListed() {
        pool.terms(new ClusterTerms(1, 0, Map.of(), List.of(), Map.of("pool", "jenkins")));
        // with the rights of namespaces only they may not
        assertThatThrownBy(() -> rig.provision(spec, 1)).hasMessageContaining("the verb list on namespaces");
        release(1);
        rig.close();
        pool.forgetTenure(); // the home is another one
        labelled();
        assertThat(PoolRig.POOL).contains(rig.provision(spec, 2).namespace());
    }

    @Test
    public void nothingElseIsTouched() {
        Set<String> theirs = new TreeSet<>(pool.contents(PoolRig.NEIGHBOUR));
        release(rig.provision(spec, 1), 1);
        rig.service.reap();
        assertThat(pool.contents(PoolRig.NEIGHBOUR)).isEqualTo(theirs);
        assertThat(pool.lease(PoolRig.NEIGHBOUR)).isNull();
        assertThat(pool.cluster.requests().all().stream()
                        .filter(request -> request.status() == 403)
                        .filter(request -> !request.verb().equals("watch")))
                .as("refused")
                .isEmpty();
    }

    @Test
    public void whoComesFirstGetsTheNamespaceThatBecomesFree() throws Exception {
        onlyOneIsToBeHad();
        rig.provision(spec, 1);
        CompletableFuture<NamespaceRef> second = begin(2);
        await().until(() -> said("", "pool-1 (in use by another environment of this controller)"));
        CompletableFuture<NamespaceRef> third = begin(3);
        await().until(() -> said(name(3), "waiting for a namespace of the pool at position 2 of 2 in line."));
        // the order is in the records
        restart();
        CompletableFuture<NamespaceRef> thirdAgain = begin(3);
        await().until(() -> said(name(3), "at position 2 of 2 in line."));
        CompletableFuture<NamespaceRef> secondAgain = begin(2);
        release(1);
        assertThat(secondAgain.get(30, TimeUnit.SECONDS).namespace()).isEqualTo("pool-1");
        assertThat(thirdAgain).isNotDone();
        release(2);
        assertThat(thirdAgain.get(30, TimeUnit.SECONDS).namespace()).isEqualTo("pool-1");
        assertThat(second).isNotCompleted();
        assertThat(third).isNotCompleted();
    }

    @Test
    public void nobodyWaitsBehindALostBuildOrOneThatDoesNotAsk() throws Exception {
        onlyOneIsToBeHad();
        rig.provision(spec, 1);
        begin(2);
        await().until(() -> rig.service.find(name(2)).isPresent());
        begin(3);
        await().until(() -> said(name(3), "at position 2 of 2 in line."));
        begin(4);
        await().until(() -> said(name(4), "at position 3 of 3 in line."));
        restart();
        CompletableFuture<NamespaceRef> fourth = begin(4);
        await().until(() -> said(name(4), "at position 3 of 3 in line."));
        release(1);
        // the second is over, which is seen twice; of the third nothing is known, but it does not ask
        rig.builds.over.add(EnvironmentRig.run(2));
        await().until(() -> {
            rig.clock.forward(Duration.ofSeconds(20));
            return rig.service.find(name(2)).isEmpty();
        });
        rig.clock.forward(Duration.ofMinutes(6));
        assertThat(fourth.get(30, TimeUnit.SECONDS).namespace()).isEqualTo("pool-1");
        assertThat(rig.service.find(name(3))).isPresent();
    }

    @Test
    public void aCopyOfTheHomeTouchesNothingThatTheOriginalHas() throws Exception {
        NamespaceRef mine = rig.provision(spec, 1);
        rig.service.reap();
        Path copy = home.newFolder().toPath();
        copy(home.getRoot().toPath(), copy);
        rig.clock.forward(Duration.ofSeconds(30));
        rig.service.reap(); // the original goes on
        pool.config(mine.namespace(), "of-the-running-build");
        Set<String> there = pool.contents(mine.namespace());
        try (EnvironmentRig other = pool.controller(copy, new Outside(), rig.clock)) {
            other.service.start(List.of());
            other.service.reap();
            assertThat(other.service.tenures().contested()).containsKey(EnvironmentRig.CLUSTER);
            // the same build resumes there, another begins, and the first one ends
            for (int build : new int[] {1, 2}) {
                assertThatThrownBy(() -> other.provision(spec, build))
                        .isInstanceOf(UserFault.class)
                        .hasMessageContaining("another Jenkins with the id of this one is at work there");
            }
            other.service.release(name(1), EnvironmentRig.run(1), Ending.FAILURE, other.said::add);
            await().until(() -> other.service
                    .find(name(1))
                    .filter(each -> each.reason != null && each.reason.contains("Another Jenkins"))
                    .isPresent());
            rig.clock.forward(Duration.ofMinutes(1));
            rig.service.reap();
            other.service.reap();
            assertThat(pool.contents(mine.namespace())).isEqualTo(there);
            assertThat(pool.holder(mine.namespace())).endsWith('/' + mine.environment());
        }
        release(1);
        assertThat(pool.contents(mine.namespace())).isEqualTo(before);
    }

    /** Found by a label, so that nobody knows how many there are; the other one belongs to another controller. */
    private void onlyOneIsToBeHad() {
        rig.close();
        pool.admin
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace("pool-2")
                        .withName(PoolLease.NAME)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("another-controller/its-environment")
                        .withRenewTime(ZonedDateTime.now())
                        .withLeaseDurationSeconds(1_000_000)
                        .endSpec()
                        .build())
                .create();
        labelled();
        rig.service.start(List.of());
    }

    /** A life with more rights, in a home of its own. */
    private void labelled() {
        EnvironmentRig.Shifted clock = rig.clock;
        rig = new EnvironmentRig(
                pool.cluster.config(), home.getRoot().toPath().resolve("as-administrator"), new Outside(), clock);
        var plain = rig.access();
        rig.configured = List.of(new io.jenkins.plugins.ephemeral.cluster.ClusterAccess() {
            @Override
            public String name() {
                return plain.name();
            }

            @Override
            public io.fabric8.kubernetes.client.KubernetesClient client() {
                return plain.client();
            }

            @Override
            public ClusterTerms terms() {
                return new ClusterTerms(1, 0, Map.of(), List.of(), Map.of("pool", "jenkins"));
            }
        });
    }

    private CompletableFuture<NamespaceRef> begin(int build) {
        return rig.begin(rig.service.provision(name(build), spec, EnvironmentRig.run(build), rig.said::add));
    }

    private boolean said(String name, String text) {
        return List.copyOf(rig.said).stream().anyMatch(line -> line.contains(name) && line.contains(text));
    }

    private void restart() {
        rig.close();
        labelled();
        rig.service.start(List.of());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.filter(path -> !path.startsWith(to)).collect(Collectors.toList())) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private String name(int build) {
        return rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
    }

    private void release(NamespaceRef ref, int build) {
        assertThat(ref.environment()).isEqualTo(name(build));
        release(build);
    }

    private void release(int build) {
        rig.service.release(name(build), EnvironmentRig.run(build), Ending.SUCCESS, rig.said::add);
        rig.awaitGone(name(build));
    }
}
