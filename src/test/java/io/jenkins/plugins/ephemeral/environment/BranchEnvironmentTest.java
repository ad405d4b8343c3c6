package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** One environment for all builds of a branch: who holds it, who waits, and what a change of parameters does. */
public class BranchEnvironmentTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final Map<Integer, CompletableFuture<NamespaceRef>> builds = new HashMap<>();
    private EnvironmentRig rig;

    @Before
    public void start() {
        rig = new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
        rig.service.start(List.of());
    }

    @After
    public void stop() {
        rig.close();
        admin.close();
        cluster.close();
    }

    @Test
    public void theNextBuildFindsWhatTheLastOneLeft() {
        NamespaceRef first = ask(1, branch()).join();
        release(1);
        assertThat(record(first).holders).isEmpty();
        cluster.requests().clear();
        NamespaceRef second = ask(2, branch()).join();
        assertThat(second).usingRecursiveComparison().isEqualTo(first);
        assertThat(cluster.requests().all())
                .as("one look, whether it is still there")
                .hasSize(1);
        assertThat(record(first).run()).isEqualTo(EnvironmentRig.run(2));
        release(2);
        clock.forward(Duration.ofHours(3));
        rig.service.reap();
        rig.awaitGone(first.environment());
        assertThat(admin.namespaces().withName(first.namespace()).get()).isNull();
    }

    @Test
    public void buildsTakeTurnsInTheOrderTheyCame() {
        NamespaceRef ref = ask(1, branch()).join();
        ask(2, branch());
        awaitQueue(ref, 2);
        ask(3, branch());
        awaitQueue(ref, 2, 3);
        await().until(() -> rig.said.stream()
                .anyMatch(line -> line.contains("held by shop/web/PR-41#1; waiting at position 2 of 2")));
        release(1);
        assertThat(builds.get(2).join()).usingRecursiveComparison().isEqualTo(ref);
        awaitQueue(ref, 3);
        assertThat(builds.get(3)).isNotDone();
        release(3); // aborted while it waits
        assertThat(record(ref).queue).isEmpty();
        assertThat(record(ref).holders).hasToString("[shop/web/PR-41#2]");
    }

    @Test
    public void theQueueSurvivesARestart() {
        NamespaceRef ref = ask(1, branch()).join();
        for (int build = 2; build <= 4; build++) {
            ask(build, branch());
            await().until(() -> record(ref).queue.size() == builds.size() - 1);
        }
        rig.close();
        rig = new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
        rig.service.start(List.of());
        // steps resume in any order
        ask(4, branch());
        ask(3, branch());
        ask(2, branch());
        awaitQueue(ref, 2, 3, 4);
        release(1);
        builds.get(2).join();
        assertThat(builds.get(3)).isNotDone();
        release(2);
        builds.get(3).join();
        release(3);
        builds.get(4).join();
    }

    @Test
    public void aBuildThatIsGoneIsTakenOff() {
        NamespaceRef ref = ask(1, branch()).join();
        ask(2, branch());
        ask(3, branch());
        await().until(() -> record(ref).queue.size() == 2);
        rig.builds.over.add(EnvironmentRig.run(1));
        rig.service.reap();
        assertThat(record(ref).holders).as("seen once").hasToString("[shop/web/PR-41#1]");
        clock.forward(Duration.ofSeconds(11));
        rig.service.reap();
        await().until(() -> builds.get(2).isDone() || builds.get(3).isDone());
        assertThat(record(ref).queue).hasSize(1);
    }

    @Test
    public void aNewerBuildHasOlderOnesAborted() {
        EnvironmentSpec spec = branch();
        spec.concurrency = Concurrency.ABORT_OLDER;
        NamespaceRef ref = ask(5, spec).join();
        ask(4, spec);
        awaitQueue(ref, 4);
        assertThat(rig.builds.aborted).as("an older one aborts no newer one").isEmpty();
        ask(6, spec);
        await().until(() -> rig.builds.aborted.size() == 2);
        assertThat(rig.builds.aborted).containsExactly(EnvironmentRig.run(5), EnvironmentRig.run(4));
        release(4);
        release(5);
        assertThat(builds.get(6).join()).usingRecursiveComparison().isEqualTo(ref);
        assertThat(rig.builds.aborted).hasSize(2);
    }

    @Test
    public void thoseThatShareHoldItTogether() {
        EnvironmentSpec sharing = branch();
        sharing.concurrency = Concurrency.SHARE;
        NamespaceRef ref = ask(1, sharing).join();
        EnvironmentSpec other = branch();
        other.concurrency = Concurrency.SHARE;
        other.quota = Map.of("pods", "7");
        assertThat(ask(2, other).join()).usingRecursiveComparison().isEqualTo(ref);
        assertThat(pods(ref)).as("others hold it").isEqualTo("50");
        assertThat(rig.said).anyMatch(line -> line.contains("stays as it is: quota would change it"));
        ask(3, branch());
        awaitQueue(ref, 3);
        ask(4, sharing);
        awaitQueue(ref, 3, 4);
        release(1);
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        assertThat(builds.get(3)).isNotDone();
        release(2);
        builds.get(3).join();
        assertThat(builds.get(4)).isNotDone();
    }

    @Test
    public void whatIsNotTrustedNeverGetsWhatATrustedBuildHad() {
        EnvironmentSpec trusted = branch();
        trusted.concurrency = Concurrency.SHARE;
        NamespaceRef ref = ask(1, trusted).join();
        EnvironmentSpec fork = branch();
        fork.concurrency = Concurrency.SHARE;
        fork.untrusted = true;
        ask(2, fork);
        awaitQueue(ref, 2);
        release(1);
        NamespaceRef anew = builds.get(2).join();
        assertThat(anew.uid()).isNotEqualTo(ref.uid());
        assertThat(rig.said)
                .anyMatch(line -> line.contains(
                                "what was made for a build that is not trusted cannot be changed in place")
                        || line.contains("what was made for a build that is trusted cannot be changed in place"));
        ask(3, trusted);
        awaitQueue(anew, 3);
        release(2);
        assertThat(builds.get(3).join().uid()).isNotEqualTo(anew.uid());
    }

    @Test
    public void changedParametersAreAppliedInPlace() {
        EnvironmentSpec before = branch();
        before.labels = Map.of("team", "web", "tier", "old");
        NamespaceRef ref = ask(1, before).join();
        release(1);
        EnvironmentSpec after = branch();
        after.labels = Map.of("team", "shop");
        after.quota = Map.of("pods", "7");
        assertThat(ask(2, after).join()).usingRecursiveComparison().isEqualTo(ref);
        assertThat(rig.said).anyMatch(line -> line.contains("changed in place: labels, quota."));
        assertThat(pods(ref)).isEqualTo("7");
        Namespace namespace = admin.namespaces().withName(ref.namespace()).get();
        assertThat(namespace.getMetadata().getLabels())
                .containsEntry("team", "shop")
                .doesNotContainKey("tier");
        assertThat(namespace.getMetadata().getAnnotations())
                .containsEntry("ephemeral.jenkins.io/run", "shop/web/PR-41#2")
                .containsEntry("ephemeral.jenkins.io/spec-hash", record(ref).specHash);
        assertThat(record(ref).replaced).isNull();
    }

    @Test
    public void whatCannotBeChangedIsMadeAnew() {
        NamespaceRef ref = ask(1, branch()).join();
        release(1);
        EnvironmentSpec other = branch();
        other.serviceAccount = "another";
        NamespaceRef made = ask(2, other).join();
        assertThat(made.namespace()).isEqualTo(ref.namespace() + "-2");
        assertThat(rig.said).anyMatch(line -> line.contains("ServiceAccount ephemeral cannot be changed in place"));
        rig.awaitGone(ref.environment());
        release(2);
        assertThat(ask(3, other).join()).usingRecursiveComparison().isEqualTo(made);
    }

    @Test
    public void whatSomebodyDeletedIsMadeAnew() {
        NamespaceRef ref = ask(1, branch()).join();
        release(1);
        cluster.stuckFinalizer(ref.namespace(), "example.com/hold");
        admin.namespaces().withName(ref.namespace()).delete();
        NamespaceRef made = ask(2, branch()).join();
        assertThat(made.namespace()).isEqualTo(ref.namespace() + "-2");
        cluster.namespaces().release(ref.namespace());
        rig.awaitGone(ref.environment());
    }

    @Test
    public void twoBlocksOfOneBuildHaveOneEach() {
        EnvironmentSpec spec = branch();
        String base = rig.service.nameFor(spec, EnvironmentRig.run(1), "5");
        NamespaceRef one = rig.get(rig.service.provision(base, spec, EnvironmentRig.run(1), "5", rig.said::add));
        NamespaceRef two = rig.get(rig.service.provision(base, spec, EnvironmentRig.run(1), "9", rig.said::add));
        assertThat(two.namespace()).isEqualTo(one.namespace() + "-2");
        rig.service.release(base, EnvironmentRig.run(1), "9", Ending.SUCCESS, rig.said::add);
        assertThat(record(two).holders).isEmpty();
        assertThat(record(one).holders).hasSize(1);
        // a block that resumes finds its own again
        assertThat(rig.get(rig.service.provision(base, spec, EnvironmentRig.run(1), "5", rig.said::add)))
                .usingRecursiveComparison()
                .isEqualTo(one);
    }

    @Test
    public void itsGreatestAgeIsReachedThoughABuildHoldsIt() {
        EnvironmentSpec spec = branch();
        spec.maxAge = Duration.ofHours(5);
        NamespaceRef ref = ask(1, spec).join();
        for (int hour = 1; hour <= 4; hour++) {
            clock.forward(Duration.ofHours(1));
            rig.service.renew(ref.environment());
            rig.service.reap();
            assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        }
        clock.forward(Duration.ofHours(1).plusMinutes(1));
        rig.service.renew(ref.environment());
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aLostRecordIsFoundAgainByTheNextBuild() throws Exception {
        NamespaceRef ref = ask(1, branch()).join();
        release(1);
        rig.close();
        Files.delete(home.getRoot().toPath().resolve(ref.environment() + ".json"));
        rig = new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
        rig.service.start(List.of());
        EnvironmentSpec changed = branch();
        changed.quota = Map.of("pods", "7");
        assertThat(ask(2, changed).join()).usingRecursiveComparison().isEqualTo(ref);
        assertThat(pods(ref)).isEqualTo("7");
        // and by the reaper, with what it has to know of it
        rig.close();
        Files.delete(home.getRoot().toPath().resolve(ref.environment() + ".json"));
        rig = new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
        rig.service.start(List.of());
        rig.service.reap();
        assertThat(record(ref).spec.lifetime).isEqualTo(Lifetime.BRANCH);
        assertThat(ask(3, changed).join()).usingRecursiveComparison().isEqualTo(ref);
    }

    @Test
    public void sharingIsForBranches() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.concurrency = Concurrency.SHARE;
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter concurrency");
        spec.concurrency = Concurrency.WAIT;
        spec.maxAge = Duration.ofSeconds(3);
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter maxAge");
    }

    private static EnvironmentSpec branch() {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.lifetime = Lifetime.BRANCH;
        return spec;
    }

    private CompletableFuture<NamespaceRef> ask(int build, EnvironmentSpec spec) {
        String base = rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
        CompletableFuture<NamespaceRef> end =
                rig.begin(rig.service.provision(base, spec, EnvironmentRig.run(build), "5", rig.said::add));
        builds.put(build, end);
        return end;
    }

    private void release(int build) {
        String base = rig.service.nameFor(branch(), EnvironmentRig.run(build), "5");
        rig.service.release(base, EnvironmentRig.run(build), "5", Ending.SUCCESS, rig.said::add);
    }

    private void awaitQueue(NamespaceRef ref, Integer... waiting) {
        await().until(() -> record(ref).queue.stream()
                .map(each -> each.buildNumber)
                .toList()
                .equals(List.of(waiting)));
    }

    private EnvironmentRecord record(NamespaceRef ref) {
        return rig.service.find(ref.environment()).orElseThrow();
    }

    private String pods(NamespaceRef ref) {
        ResourceQuota quota = admin.resourceQuotas()
                .inNamespace(ref.namespace())
                .withName(Parts.NAME)
                .get();
        return quota.getSpec().getHard().get("pods").toString();
    }
}
