package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * Random histories against a model: whatever happens in whatever order, nobody loses what he holds, nothing leaks, and
 * nothing of others is touched. {@code -Dephemeral.history.seed=N} repeats one.
 */
public class RandomHistoryTest {
    private static final int STEPS = Integer.getInteger("ephemeral.history.steps", 10_000);
    private static final int MOST_BUILDS = 10;
    private static final List<String> NEIGHBOURS = List.of("kept-by-helm", "of-another-controller", "copied-labels");

    @Rule
    public final TemporaryFolder folder = EnvironmentRig.folderInMemory();

    private final Logger log = Logger.getLogger("io.jenkins.plugins.ephemeral");
    private History history;
    private Map<String, String> neighbours;

    @Before
    public void quiet() {
        log.setLevel(Level.OFF);
    }

    @After
    public void close() {
        log.setLevel(null);
        if (history != null) {
            history.close();
        }
    }

    @Test
    public void whateverHappensNothingLeaksAndNobodyLosesWhatHeHolds() throws Exception {
        long seed = Long.getLong("ephemeral.history.seed", System.nanoTime() % 1_000_000_000);
        System.out.println("random history of " + STEPS + " steps, -Dephemeral.history.seed=" + seed);
        history = new History(seed, folder.getRoot().toPath());
        neighbour("kept-by-helm", "Helm", EnvironmentRig.CONTROLLER, "kept-by-helm");
        neighbour("of-another-controller", "ephemeral-environments", "another", "of-another-controller");
        neighbour("copied-labels", "ephemeral-environments", EnvironmentRig.CONTROLLER, "the-original");
        history.time.advance(Duration.ofSeconds(1));
        neighbours = versions();
        try {
            for (int step = 1; step <= STEPS; step++) {
                step();
                if (step % 40 == 0 && isCalm()) {
                    nobodyLostWhatHeHolds();
                }
                if (step % 1000 == 0) {
                    settle();
                }
            }
            everythingEnds();
        } catch (Exception | AssertionError e) {
            List<String> last = history.actions;
            throw new AssertionError(
                    e + "\nseed " + seed + ", after " + last.size() + " actions, of which the last are\n"
                            + String.join("\n", last.subList(Math.max(0, last.size() - 60), last.size())),
                    e);
        }
    }

    private void step() throws Exception {
        try {
            act(history.random.nextInt(1000));
            history.abortTheAborted();
        } catch (KillSwitch.Killed e) {
            history.note("died");
        }
        Duration passes = Duration.ofMillis(history.random.nextInt(1500));
        history.clock.forward(passes);
        history.time.advance(passes);
        if (history.isDead()) {
            history.restart();
        }
    }

    private void act(int dice) throws Exception {
        List<ModelBuild> builds = history.builds;
        if (history.outage && dice % 8 == 0) {
            history.outage(false);
        } else if (dice < 32) {
            if (builds.size() < MOST_BUILDS) {
                history.start();
            }
        } else if (dice < 100) {
            if (!builds.isEmpty()) {
                Ending[] endings = {Ending.SUCCESS, Ending.FAILURE, Ending.ABORTED};
                history.end(history.any(builds), endings[dice % 3], dice % 9 == 2 ? 3 : 1);
            }
        } else if (dice < 102) {
            if (!builds.isEmpty()) {
                history.lose(history.any(builds));
            }
        } else if (dice < 104) {
            history.restart();
        } else if (dice < 108) {
            history.kill();
        } else if (dice < 140) {
            reapAndLook();
        } else if (dice < 300) {
            history.renewAll();
        } else if (dice < 530) {
            history.jump(Duration.ofMinutes(1 + dice % 40));
        } else if (dice < 540) {
            history.jump(Duration.ofHours(1 + dice % 6));
        } else if (dice < 548) {
            history.jump(Duration.ofMinutes(-1 - dice % 60));
        } else {
            actSeldom(dice);
        }
    }

    private void actSeldom(int dice) throws Exception {
        if (history.isDying()) {
            return; // what Jenkins tells once only is not cut short
        }
        if (dice < 556) {
            history.rename(history.any(history.jobs));
        } else if (dice < 564) {
            history.delete(history.any(history.jobs));
        } else if (dice < 590) {
            history.closePullRequest(history.any(history.jobs));
        } else if (dice < 620) {
            history.reopenPullRequest(history.any(history.jobs));
        } else if (dice < 628) {
            history.person();
        } else if (dice < 634) {
            history.outage(true);
        } else if (dice < 638 && isCalm()) {
            history.backUp();
        } else if (dice < 642 && isCalm()) {
            history.startTheCopy();
        } else if (dice == 643 && isCalm()) {
            history.restore();
        }
    }

    private boolean isCalm() {
        return !history.outage && !history.isDead();
    }

    /** Deletion is asked for at the latest one round of the reaper after the time is over. */
    private void reapAndLook() {
        history.reap();
        if (!isCalm()) {
            return;
        }
        assertThat(history.rig.service.tenures().contested()).isEmpty();
        assertThat(history.rig.service.all())
                .filteredOn(record -> EnvironmentService.isLive(record.state))
                .allSatisfy(record -> assertThat(record.expiresAt)
                        .as(record.name)
                        .isAfter(history.clock.instant().minusSeconds(1)));
        // as before: what is there has a record
        Set<String> known = new HashSet<>();
        history.rig.service.all().forEach(record -> known.add(record.name));
        assertThat(known).containsAll(ours().keySet());
    }

    private void nobodyLostWhatHeHolds() {
        Map<String, String> there = ours();
        for (ModelBuild build : history.builds) {
            if (build.held == null || build.excused) {
                continue;
            }
            EnvironmentRecord record =
                    history.rig.service.find(build.held.environment()).orElse(null);
            assertThat(record).as("record of " + build).isNotNull();
            assertThat(record.isHeldBy(build.run(), ModelBuild.NODE))
                    .as(build + " among " + record.holders)
                    .isTrue();
            assertThat(EnvironmentService.isLive(record.state))
                    .as(build + " " + record.ending)
                    .isTrue();
            assertThat(there).as("namespace of " + build).containsEntry(record.name, build.held.uid());
        }
        for (EnvironmentRecord record : history.rig.service.all()) {
            assertThat(record.holders.size() <= 1 || record.holders.stream().allMatch(each -> each.sharing))
                    .as(record.name + " is held by " + record.holders)
                    .isTrue();
        }
        assertThat(versions()).as("what is not ours").isEqualTo(neighbours);
    }

    /** In quiet times all that goes goes, and all that is asked for is given, or queues behind somebody. */
    private void settle() throws InterruptedException {
        history.note("settle");
        if (history.outage) {
            history.outage(false);
        }
        if (history.isDying()) {
            history.restart();
        }
        long bound = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!isSettled()) {
            assertThat(System.nanoTime())
                    .as(() -> "still going: " + unsettled())
                    .isLessThan(bound);
            history.renewAll();
            history.reap();
            history.clock.forward(Duration.ofSeconds(6));
            history.time.advance(Duration.ofSeconds(6));
            history.abortTheAborted();
            Thread.sleep(2); // the cluster's own controllers live in real time
        }
    }

    private boolean isSettled() {
        boolean going = history.rig.service.all().stream().anyMatch(each -> !EnvironmentService.isLive(each.state));
        return !going && history.builds.stream().noneMatch(this::waitsForNothing);
    }

    private boolean waitsForNothing(ModelBuild build) {
        return build.isWaiting()
                && history.rig.service.all().stream()
                        .noneMatch(each -> each.isAwaitedBy(build.run(), ModelBuild.NODE) && !each.holders.isEmpty());
    }

    private String unsettled() {
        StringBuilder text = new StringBuilder();
        history.rig
                .service
                .all()
                .forEach(each -> text.append(each.name + ' ' + each.state + ' ' + each.reason + " held by "
                        + each.holders + " queue " + each.queue + '\n'));
        return text + String.valueOf(history.builds);
    }

    private void everythingEnds() throws InterruptedException {
        settle();
        for (ModelBuild build : List.copyOf(history.builds)) {
            history.end(build, Ending.SUCCESS, 1);
        }
        history.jump(Duration.ofDays(10));
        history.reap();
        settle();
        assertThat(ours()).isEmpty();
        assertThat(history.rig.service.all()).isEmpty();
        assertThat(versions()).isEqualTo(neighbours);
    }

    private Map<String, String> ours() {
        Map<String, String> ours = history.namespaces();
        NEIGHBOURS.forEach(ours::remove);
        return ours;
    }

    private void neighbour(String name, String managedBy, String controller, String environment) {
        history.admin
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(Map.of(
                                "app.kubernetes.io/managed-by", managedBy,
                                "ephemeral.jenkins.io/controller", controller,
                                "ephemeral.jenkins.io/environment", environment))
                        .endMetadata()
                        .build())
                .create();
    }

    /** The neighbours, each with what changes when anybody touches it. */
    private Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        for (Namespace each : history.all()) {
            if (NEIGHBOURS.contains(each.getMetadata().getName())) {
                versions.put(
                        each.getMetadata().getName(),
                        each.getMetadata().getUid() + ' ' + each.getMetadata().getResourceVersion());
            }
        }
        return versions;
    }
}
