package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * The life of an environment in a namespace of a pool, killed before and after each of its outside calls in turn. The
 * next life gives the namespace back as it was, and touches no other.
 */
public class PoolCrashPointTest {
    @Rule
    public final TemporaryFolder homes = new TemporaryFolder();

    private final PoolRig pool = new PoolRig();
    private final Logger log = Logger.getLogger("io.jenkins.plugins.ephemeral");
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private Set<String> before;
    private Set<String> neighbours;

    @Before
    public void look() {
        // each death would be a warning with a stack trace
        log.setLevel(Level.OFF);
        await().until(() -> !pool.contents(PoolRig.NEIGHBOUR).isEmpty());
        before = pool.contents("pool-1");
        neighbours = pool.contents(PoolRig.NEIGHBOUR);
    }

    @After
    public void close() {
        log.setLevel(null);
        pool.close();
    }

    @Test
    public void aBuildThatIsLostLeavesTheNamespaceAsItWas() throws Exception {
        forEachCrossing(1_000, false);
    }

    @Test
    public void aBuildThatResumesKeepsItsNamespace() throws Exception {
        forEachCrossing(2_000, true);
    }

    private void forEachCrossing(int firstBuild, boolean resumes) throws Exception {
        // the first lease of all is another way than the later ones
        live(homes.newFolder().toPath(), new KillSwitch("never", 1), firstBuild);
        KillSwitch none = new KillSwitch("never", 1);
        live(homes.newFolder().toPath(), none, firstBuild + 1);
        assertThat(none.passed().keySet())
                .contains("before changing Lease", "after changing Lease", "before deleting objects")
                .contains("before writing Record", "after deleting Record", "before applying ResourceQuota");
        int build = firstBuild + 1;
        for (Map.Entry<String, Integer> crossing : none.passed().entrySet()) {
            boolean look =
                    crossing.getKey().contains("reading ") || crossing.getKey().contains("listing ");
            for (int occurrence = 1; occurrence <= (look ? 1 : crossing.getValue()); occurrence++) {
                build++;
                dieAndLiveOn(new KillSwitch(crossing.getKey(), occurrence), build, resumes);
            }
        }
        // and killed at the first lease of all
        for (String crossing : List.of("before creating Lease", "after creating Lease")) {
            PoolRig.POOL.stream().map(pool::lease).filter(Objects::nonNull).forEach(lease -> pool.admin
                    .resource(lease)
                    .delete());
            dieAndLiveOn(new KillSwitch(crossing, 1), ++build, resumes);
        }
    }

    private void dieAndLiveOn(KillSwitch kill, int build, boolean resumes) throws Exception {
        Path home = homes.newFolder().toPath();
        live(home, kill, build);
        try (EnvironmentRig rig = pool.controller(home, new Outside(), clock)) {
            rig.service.start(List.of());
            rig.service.reap();
            String name = rig.service.nameFor(new EnvironmentSpec(), EnvironmentRig.run(build), "5");
            for (String each : PoolRig.POOL) {
                if (!pool.holder(each).isEmpty()) {
                    assertThat(rig.service.find(name))
                            .as("record of " + each + ", " + kill)
                            .hasValueSatisfying(
                                    record -> assertThat(record.leased).isEqualTo(each));
                }
            }
            EnvironmentRecord record = rig.service.find(name).orElse(null);
            if (resumes && record != null && EnvironmentService.isLive(record.state)) {
                NamespaceRef ref = rig.provision(new EnvironmentSpec(), build);
                assertThat(pool.holder(ref.namespace())).as(kill.toString()).endsWith('/' + name);
                assertThat(pool.contents(ref.namespace()))
                        .as(kill.toString())
                        .contains("resourcequotas/ephemeral-environment");
                rig.service.release(name, EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
            } else {
                clock.forward(Duration.ofHours(3));
                rig.service.reap();
            }
            await("given back, " + kill).atMost(EnvironmentRig.BOUND).until(() -> {
                rig.service.reap(); // it comes again each period, what an earlier round could not see included
                return rig.service.all().isEmpty();
            });
        }
        for (String each : PoolRig.POOL) {
            assertThat(pool.holder(each)).as(each + ", " + kill).isEmpty();
            assertThat(pool.contents(each)).as(each + ", " + kill).isEqualTo(before);
        }
        assertThat(pool.contents(PoolRig.NEIGHBOUR)).as(kill.toString()).isEqualTo(neighbours);
        assertThat(home.toFile().list((folder, each) -> !each.equals("leases")))
                .as(kill.toString())
                .isEmpty();
    }

    private void live(Path home, KillSwitch kill, int build) {
        pool.forgetTenure(); // each begins with an empty home
        EnvironmentRig rig;
        try {
            rig = pool.controller(home, new Outside(kill), clock);
        } catch (KillSwitch.Killed e) {
            return;
        }
        try {
            rig.service.start(List.of());
            EnvironmentSpec spec = new EnvironmentSpec();
            String name = rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
            CompletableFuture<NamespaceRef> ready =
                    rig.begin(rig.service.provision(name, spec, EnvironmentRig.run(build), Console.NONE));
            await().atMost(EnvironmentRig.BOUND).until(() -> kill.isDead() || ready.isDone());
            if (!kill.isDead()) {
                rig.service.release(name, EnvironmentRig.run(build), Ending.SUCCESS, Console.NONE);
                await().atMost(EnvironmentRig.BOUND)
                        .until(() -> kill.isDead() || rig.service.all().isEmpty());
            }
        } catch (KillSwitch.Killed e) {
            // as it was meant
        } finally {
            rig.close();
        }
    }
}
