package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Why environments end besides their block: what is heard of jobs and branches, and builds that are gone. */
public class EndingsTest {
    private static final String JOB = "shop/web/PR-41";

    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() {
        spec.lifetime = Lifetime.BRANCH;
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
    public void aClosedPullRequestEndsItAfterAMinute() {
        NamespaceRef ref = left(1);
        rig.service.jobs().rumour(JOB);
        assertThat(record(ref).expiresAt).isBefore(clock.instant().plusSeconds(61));
        clock.forward(Duration.ofSeconds(30));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        rig.builds.jobs.put(JOB, Builds.Job.DEAD);
        clock.forward(Duration.ofSeconds(31));
        rig.service.reap();
        rig.awaitGone(ref.environment());
        assertThat(admin.namespaces().withName(ref.namespace()).get()).isNull();
    }

    @Test
    public void aPullRequestThatIsOpenAgainKeepsIt() {
        NamespaceRef ref = left(1);
        rig.service.jobs().rumour(JOB);
        rig.builds.jobs.put(JOB, Builds.Job.ALIVE);
        clock.forward(Duration.ofSeconds(61));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        assertThat(record(ref).rumoured).isFalse();
        clock.forward(Duration.ofMinutes(119));
        rig.service.reap();
        assertThat(record(ref).state).as("its usual time").isEqualTo(EnvironmentState.READY);
        clock.forward(Duration.ofMinutes(2));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aRumourDoesNotEndWhatABuildHolds() {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.service.jobs().rumour(JOB);
        rig.builds.jobs.put(JOB, Builds.Job.GONE);
        clock.forward(Duration.ofMinutes(10));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.SUCCESS, rig.said::add);
        assertThat(record(ref).expiresAt).isBefore(clock.instant().plusSeconds(61));
        clock.forward(Duration.ofSeconds(61));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aDeadBranchIsNoticedThoughNothingWasHeard() {
        NamespaceRef ref = left(1);
        rig.builds.jobs.put(JOB, Builds.Job.DEAD);
        rig.service.reap();
        assertThat(record(ref).rumoured).isTrue();
        clock.forward(Duration.ofSeconds(61));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void whatIsNotKnownOfAJobEndsNothing() {
        NamespaceRef ref = left(1);
        rig.service.jobs().rumour(JOB);
        clock.forward(Duration.ofSeconds(61));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
    }

    @Test
    public void theEndOfAFolderEndsAllThatIsInIt() {
        NamespaceRef branch = left(1);
        NamespaceRef build = rig.provision(new EnvironmentSpec(), 2);
        rig.service.jobs().deleted("sho", rig.clock.instant());
        rig.service.jobs().deleted("shop/web/PR-4", rig.clock.instant());
        assertThat(rig.service.all()).hasSize(2).allMatch(each -> each.state == EnvironmentState.READY);
        rig.service.jobs().deleted("shop", rig.clock.instant());
        rig.awaitGone(branch.environment());
        rig.awaitGone(build.environment());
    }

    @Test
    public void anotherJobOfTheNameOfADeletedOneKeepsItsEnvironments() {
        NamespaceRef old = rig.provision(new EnvironmentSpec(), 1);
        NamespaceRef branch = left(2);
        Instant deleted = rig.clock.instant();
        clock.forward(Duration.ofMillis(5));
        NamespaceRef young = rig.provision(new EnvironmentSpec(), 3);
        NamespaceRef taken = rig.provision(spec, 4);
        assertThat(taken.environment()).isEqualTo(branch.environment());
        rig.service.jobs().deleted(JOB, deleted); // comes late: the engine had no thread
        rig.awaitGone(old.environment());
        assertThat(record(young).state).isEqualTo(EnvironmentState.READY);
        assertThat(record(taken).state).isEqualTo(EnvironmentState.READY);
    }

    @Test
    public void whatIsRememberedOfBuildsGoesWithThem() {
        NamespaceRef ref = rig.provision(new EnvironmentSpec(), 1);
        rig.builds.over.add(EnvironmentRig.run(1));
        rig.service.reap();
        assertThat(rig.service.holding().seenOver()).isEqualTo(1);
        rig.service.releaseNow(ref.environment());
        rig.awaitGone(ref.environment());
        rig.service.reap();
        assertThat(rig.service.holding().seenOver()).isZero();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return rig.service.jobs().followed() == 0;
        });
    }

    @Test
    public void itGoesWithItsJob() {
        NamespaceRef ref = left(1);
        NamespaceRef held = rig.provision(new EnvironmentSpec(), 2);
        rig.service.jobs().moved("shop", "store");
        assertThat(record(ref).jobFullName).isEqualTo("store/web/PR-41");
        RunRef build = new RunRef(EnvironmentRig.CONTROLLER, "store/web/PR-41", 3, "");
        String base = rig.service.nameFor(spec, build, "5");
        assertThat(base).isNotEqualTo(ref.environment());
        NamespaceRef again = rig.get(rig.service.provision(base, spec, build, "5", rig.said::add));
        assertThat(again).usingRecursiveComparison().isEqualTo(ref);
        rig.service.reap();
        clock.forward(Duration.ofHours(1));
        rig.service.renew(ref.environment());
        rig.service.reap();
        assertThat(admin.namespaces()
                        .withName(ref.namespace())
                        .get()
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("ephemeral.jenkins.io/job", "store/web/PR-41");
        // the build that began under the old name ends under the new one
        RunRef moved = new RunRef(EnvironmentRig.CONTROLLER, "store/web/PR-41", 2, "");
        rig.service.release(held.environment(), moved, "", Ending.SUCCESS, rig.said::add);
        rig.awaitGone(held.environment());
        rig.service.jobs().deleted("shop", rig.clock.instant());
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
    }

    @Test
    public void aBuildWhoseProgramIsLostLeavesNothing() {
        NamespaceRef ref = rig.provision(new EnvironmentSpec(), 1);
        rig.builds.over.add(EnvironmentRig.run(1));
        rig.service.reap();
        assertThat(record(ref).state).as("seen once").isEqualTo(EnvironmentState.READY);
        clock.forward(Duration.ofSeconds(11));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void whatIsKeptAfterAFailureOutlivesItsBuild() {
        EnvironmentSpec kept = new EnvironmentSpec();
        kept.keepOnFailure = true;
        kept.maxAge = Duration.ofMinutes(90);
        NamespaceRef ref = rig.provision(kept, 1);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.FAILURE, rig.said::add);
        rig.builds.over.add(EnvironmentRig.run(1));
        for (int i = 0; i < 3; i++) {
            clock.forward(Duration.ofMinutes(29));
            rig.service.reap();
            assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        }
        clock.forward(Duration.ofMinutes(4));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    /** One that a build has let go of. */
    private NamespaceRef left(int build) {
        NamespaceRef ref = rig.provision(spec, build);
        rig.service.release(ref.environment(), EnvironmentRig.run(build), Ending.SUCCESS, rig.said::add);
        return ref;
    }

    private EnvironmentRecord record(NamespaceRef ref) {
        return rig.service.find(ref.environment()).orElseThrow();
    }
}
