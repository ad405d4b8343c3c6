package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

/**
 * A stage that changes the world appends a line to a file outside of its Pod: whatever happens to its Pod, to Jenkins and
 * to the API server, there is one line. On a server that waits for a Pod's end before it makes another one, and on one
 * that replaces a deleted Pod at once.
 */
@RunWith(Parameterized.class)
public class StageRunsOnceTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Parameterized.Parameter
    public String version;

    private EmbeddedCluster cluster;
    private StageRig rig;

    @Parameterized.Parameters(name = "{0}")
    public static List<String> versions() {
        return List.of("1.24.0", "1.31.0");
    }

    @Before
    public void open() {
        cluster = EmbeddedCluster.start(version);
        cluster.jobRetryDelay(Duration.ofMillis(100));
        rig = new StageRig(cluster.config());
    }

    @After
    public void close() {
        rig.close();
        cluster.close();
    }

    private Path outside() {
        return folder.getRoot().toPath().resolve("ran");
    }

    private StageJobSpec changing(String then) {
        return rig.spec("apply", "apply", "echo ran >> " + outside() + "; echo begun; " + then);
    }

    private void assertRanOnce() throws Exception {
        // longer than any Pod of this Job would take to begin
        long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        rig.until("nothing else runs", () -> System.nanoTime() > until);
        assertThat(Files.readAllLines(outside())).as(rig.text()).hasSize(1);
    }

    private void deletePod(String name) {
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(name)
                .withGracePeriod(1)
                .delete();
    }

    private boolean isGone(String name) {
        return rig.client.pods().inNamespace(rig.namespace).withName(name).get() == null;
    }

    @Test
    public void itsPodIsDeletedWhileJenkinsIsUp() throws Exception {
        StageRig.Running stage = rig.start(changing("sleep 600"));
        rig.untilSaid("[apply] begun");
        deletePod(stage.state.podName);

        assertThat(stage.await().outcome().verdict()).as(rig.text()).isEqualTo(Verdict.ERROR);
        assertRanOnce();
    }

    @Test
    public void itsPodIsDeletedWhileJenkinsIsDown() throws Exception {
        StageRig.Running stage = rig.start(changing("sleep 600"));
        rig.untilSaid("[apply] begun");
        StageJobState saved = rig.restart(stage);
        deletePod(saved.podName);
        rig.until("the Pod is gone", () -> isGone(saved.podName));
        assertRanOnce();

        StageJobResult result = rig.start(stage.spec, saved).await();

        assertThat(result.outcome().verdict()).as(rig.text()).isEqualTo(Verdict.ERROR);
        assertRanOnce();
        rig.until("nothing is left", () -> rig.pods().stream().allMatch(PodFacts::isOver));
    }

    @Test
    public void itsJobIsDeletedWhileJenkinsIsDown() throws Exception {
        StageRig.Running stage = rig.start(changing("sleep 600"));
        rig.untilSaid("[apply] begun");
        StageJobState saved = rig.restart(stage);
        rig.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(rig.namespace)
                .withName(saved.jobName)
                .delete();
        rig.until("the Pod is gone", () -> isGone(saved.podName));

        StageJobResult result = rig.start(stage.spec, saved).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.JOB_DELETED);
        assertRanOnce();
    }

    @Test
    public void theServerIsAwayWhileItRuns() throws Exception {
        StageRig.Running stage = rig.start(changing("sleep 6; echo done"));
        rig.untilSaid("[apply] begun");
        cluster.faults().unavailable();
        rig.until("the stage notices", () -> stage.drive.status().contains("retrying"));
        long until = System.nanoTime() + Duration.ofSeconds(7).toNanos();
        rig.until("the program is over meanwhile", () -> System.nanoTime() > until);
        cluster.faults().available();

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.lines("apply", "done")).hasSize(1);
        assertRanOnce();
    }

    @Test
    public void theServerGoesAwayWhenTheJobIsCreatedAndJenkinsDiesMeanwhile() throws Exception {
        cluster.faults().on("POST", ".*/jobs").times(1).loseAnswer();
        StageJobSpec spec = changing("echo done");
        StageJobState state = new StageJobState();
        state.jobName = rig.service().jobName(spec, rig.run, "12");
        StageJobState asItWasSaved = StageRig.copy(state);
        var reads = cluster.faults().on("GET", ".*/jobs/.*").status(503);
        StageRig.Running stage = rig.start(spec, state);
        rig.until("it looks for what it created", () -> reads.hits() > 0);
        rig.die();
        cluster.faults().clear();

        StageJobResult result = rig.start(spec, asItWasSaved).await();

        assertThat(stage.result).isNotDone();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertRanOnce();
    }

    @Test
    public void itWasAskedForAndJenkinsWasAwayLongerThanAFinishedJobStays() throws Exception {
        StageJobSpec spec = changing("sleep 1");
        StageJobState state = new StageJobState();
        state.jobName = rig.service().jobName(spec, rig.run, "12");
        StageJobState[] asked = {null};
        StageRig.Running stage =
                rig.start(spec, state, () -> asked[0] = asked[0] == null ? StageRig.copy(state) : asked[0]);
        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        StageJobState saved = asked[0];
        assertThat(saved.jobUid).as("saved before the create").isNull();
        saved.askedMillis -=
                Duration.ofSeconds(spec.ttlSecondsAfterFinished + 1).toMillis();
        StageJobState copy = StageRig.copy(saved);
        rig.die();

        assertThat(rig.start(spec, copy).await().outcome()).as("still there").isEqualTo(Outcome.SUCCEEDED);
        rig.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(rig.namespace)
                .withName(saved.jobName)
                .delete();
        rig.until("the Job is gone", () -> rig.job(saved) == null);
        assertThat(rig.start(spec, saved).await().outcome()).as(rig.text()).isEqualTo(Outcome.NEVER_SEEN);
        assertRanOnce();
    }

    @Test
    public void theAnswerIsLostAndTheNextTryIsRefused() throws Exception {
        cluster.faults().on("POST", ".*/jobs").times(1).loseAnswer();
        cluster.faults().on("POST", ".*/jobs").times(1).status(403);

        assertThat(rig.start(changing("sleep 1")).await().outcome())
                .as(rig.text())
                .isEqualTo(Outcome.SUCCEEDED);
        assertRanOnce();
    }

    @Test
    public void aTornConnectionAtEachKindOfRequest() throws Exception {
        for (String[] each : new String[][] {
            {"POST", ".*/jobs"}, {"PATCH", ".*/secrets/.*"}, {"DELETE", ".*/secrets/.*"}, {"GET", ".*/jobs/.*"}
        }) {
            cluster.faults().on(each[0], each[1]).times(1).dropRequest();
            cluster.faults().on(each[0], each[1]).times(1).loseAnswer();
        }
        StageRig.Running stage = rig.start(changing("sleep 1"));

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertRanOnce();
    }

    @Test
    public void jenkinsHasAnotherAddressAndOtherDefaultsWhenItComesBack() throws Exception {
        cluster.faults().on("POST", ".*/jobs").times(1).loseAnswer();
        StageJobSpec spec = changing("sleep 1");
        StageJobState state = new StageJobState();
        state.jobName = rig.service().jobName(spec, rig.run, "12");
        StageJobState asItWasSaved = StageRig.copy(state);
        var reads = cluster.faults().on("GET", ".*/jobs/.*").status(503);
        rig.start(spec, state);
        rig.until("it looks for what it created", () -> reads.hits() > 0);
        rig.die();
        cluster.faults().clear();
        rig.run = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://jenkins.example.com/job/7/");
        spec.defaultPodYaml = "metadata:\n  annotations:\n    moved: 'yes'\n";

        assertThat(rig.start(spec, asItWasSaved).await().outcome())
                .as(rig.text())
                .isEqualTo(Outcome.SUCCEEDED);
        assertRanOnce();
    }
}
