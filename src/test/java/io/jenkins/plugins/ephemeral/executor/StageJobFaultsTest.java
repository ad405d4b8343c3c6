package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What goes wrong between Jenkins and the API server, and lives of Jenkins that end at the worst moment. */
public class StageJobFaultsTest {
    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    private EmbeddedCluster cluster;
    private StageRig rig;

    @Before
    public void open() {
        cluster = EmbeddedCluster.start();
        rig = new StageRig(cluster.config());
    }

    @After
    public void close() {
        rig.close();
        cluster.close();
    }

    /** A stage that changes the world: it appends a line to a file outside of its Pod. */
    private StageJobSpec changing(Path file, String then) {
        return rig.spec("apply", "apply", "echo ran >> " + file + "; echo begun; " + then);
    }

    private Path outside() {
        return folder.getRoot().toPath().resolve("ran");
    }

    @Test
    public void aLostAnswerToTheCreateRunsItOnce() throws Exception {
        cluster.faults().on("POST", ".*/jobs").times(2).loseAnswer();
        StageRig.Running stage = rig.start(changing(outside(), "true"));

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(Files.readAllLines(outside())).hasSize(1);
        assertThat(rig.client
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(rig.namespace)
                        .list()
                        .getItems())
                .hasSize(1);
    }

    @Test
    public void anAccountThatComesLateIsWaitedForWhileTheNamespaceIsNew() throws Exception {
        rig.usableSince = java.time.Instant.now();
        StageJobSpec spec = rig.spec("late", "custom", "echo done");
        spec.serviceAccount = "late";
        StageRig.Running stage = rig.start(spec);
        rig.untilSaid("serviceaccount \"late\" not found");
        rig.client
                .resource(new io.fabric8.kubernetes.api.model.ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("late")
                        .withNamespace(rig.namespace)
                        .endMetadata()
                        .build())
                .create();

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void aServerThatIsAwayForAWhileIsNotTheStagesFault() throws Exception {
        StageRig.Running stage = rig.start(
                rig.spec("long", "custom", "i=1; while [ $i -le 50 ]; do echo line $i; i=$((i+1)); sleep 0.1; done"));
        rig.untilSaid("line 10");
        cluster.faults().unavailable();
        rig.until("the stage notices", () -> stage.drive.status().contains("retrying"));
        cluster.faults().available();

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.lines("long", "line ")).isEqualTo(numbered(50));
    }

    @Test
    public void logStreamsThatBreakLoseNothing() throws Exception {
        cluster.faults().on("GET", ".*/log").times(3).status(500);
        StageRig.Running stage =
                rig.start(rig.spec("log", "custom", "i=1; while [ $i -le 300 ]; do echo line $i; i=$((i+1)); done"));

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.lines("log", "line ")).isEqualTo(numbered(300));
    }

    @Test
    public void aLogThatCannotBeReadIsSaidAndChangesNoOutcome() throws Exception {
        cluster.faults().on("GET", ".*/log").status(500);
        StageRig.Running stage = rig.start(rig.spec("log", "custom", "echo unseen; exit 3"));

        StageJobResult result = stage.await();
        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(rig.text()).contains("The end of the log of Pod").contains("could not be read");
    }

    @Test
    public void withoutTheRightToReadLogsItRunsAllTheSame() throws Exception {
        cluster.faults().on("GET", ".*/log").status(403);
        StageRig.Running stage = rig.start(rig.spec("log", "custom", "echo unseen"));

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.text()).contains("HTTP status 403");
    }

    @Test
    public void aLargeLogArrivesWhole() throws Exception {
        int lines = 20_000;
        StageRig.Running stage = rig.start(
                rig.spec("big", "custom", "i=1; while [ $i -le " + lines + " ]; do echo line $i; i=$((i+1)); done"));

        assertThat(stage.await().outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.lines("big", "line ")).isEqualTo(numbered(lines));
        assertThat(rig.entry("big").logLines).isEqualTo(lines);
        assertThat(rig.entry("big").logTail.split("\n")).hasSize(200).endsWith("line " + lines);
    }

    @Test
    public void deathBeforeAndAfterEachCallRunsItOnce() throws Exception {
        Set<String> points = new ConcurrentSkipListSet<>();
        try (StageRig watched = new StageRig(cluster.config(), cut(points, "", false))) {
            watched.start(watched.spec("apply", "apply", "sleep 0.5")).await();
        }
        assertThat(points).contains("creating Job", "applying Secret", "reading Job", "listing Pod", "deleting Secret");

        for (String point : new TreeSet<>(points)) {
            for (boolean after : new boolean[] {false, true}) {
                dieAt(point, after);
            }
        }
    }

    /** One life ends at that call, with nothing saved but what was saved; the next one finishes. */
    private void dieAt(String point, boolean after) throws Exception {
        String where = (after ? "after " : "before ") + point;
        Path file = folder.newFile().toPath();
        try (StageRig doomed = new StageRig(cluster.config(), cut(new TreeSet<>(), point, after))) {
            StageJobSpec spec = doomed.spec("apply", "apply", "echo ran >> " + file + "; echo begun; sleep 0.5");
            StageJobState state = new StageJobState();
            state.jobName = doomed.service().jobName(spec, doomed.run, "12");
            StageJobState[] saved = {StageRig.copy(state)};
            StageRig.Running stage = doomed.start(spec, state, () -> saved[0] = StageRig.copy(state));
            doomed.until(where + ": it died", stage.result::isDone);
            doomed.die();

            StageJobResult result = doomed.start(spec, saved[0]).await();
            assertThat(result.outcome()).as(where + "\n" + doomed.text()).isEqualTo(Outcome.SUCCEEDED);
            assertThat(Files.readAllLines(file)).as(where).hasSize(1);
            assertThat(doomed.client
                            .secrets()
                            .inNamespace(doomed.namespace)
                            .list()
                            .getItems())
                    .as(where)
                    .noneMatch(secret -> secret.getMetadata().getName().startsWith("apply-"));
        }
    }

    /** Notes all calls, and dies at the first of that name. */
    private static Outside.Cut cut(Set<String> points, String deadly, boolean after) {
        return new Outside.Cut() {
            private boolean dead;

            @Override
            public void before(String point) {
                points.add(point);
                if (!after) {
                    die(point);
                }
            }

            @Override
            public void after(String point) {
                if (after) {
                    die(point);
                }
            }

            private synchronized void die(String point) {
                if (point.equals(deadly) && !dead) {
                    dead = true;
                    throw new Error("died at " + point);
                }
            }
        };
    }

    @Test
    public void anAbortWhileTheCreateIsUnderWayLeavesNothing() throws Exception {
        var create = cluster.faults().on("POST", ".*/jobs").delay(Duration.ofSeconds(2));
        Path file = outside();
        StageRig.Running stage = rig.start(changing(file, "sleep 600"));
        rig.until("the create is under way", () -> create.hits() > 0);

        assertThat(stage.cancelled().await().outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.client
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(rig.namespace)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(rig.pods()).isEmpty();
    }

    private static List<String> numbered(int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            lines.add("line " + i);
        }
        return lines;
    }
}
