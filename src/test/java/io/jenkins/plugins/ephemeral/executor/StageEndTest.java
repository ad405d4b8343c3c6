package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What a stage asks the API server for between its program's end and its own. */
public class StageEndTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private EmbeddedCluster cluster;
    private StageRig rig;
    private Path go;

    @Before
    public void open() {
        cluster = EmbeddedCluster.start();
        rig = new StageRig(cluster.config(), new Outside.Cut() {
            @Override
            public void before(String point) {
                calls.add(point);
            }

            @Override
            public void after(String point) {
                // only what is asked for counts
            }
        });
        go = folder.getRoot().toPath().resolve("go");
    }

    @After
    public void close() {
        rig.close();
        cluster.close();
    }

    /** A stage that runs until it is told to end, and makes no calls any more. */
    private StageRig.Running waiting(String type, String end) {
        return waiting(type, "", end);
    }

    private StageRig.Running waiting(String type, String begin, String end) {
        StageRig.Running stage = rig.start(rig.spec(
                "stage", type, begin + "echo ready; until [ -e " + go + " ]; do sleep 0.05; done; echo last; " + end));
        rig.untilSaid("ready");
        quiet();
        return stage;
    }

    private void quiet() {
        int[] seen = {-1};
        long[] since = {System.nanoTime()};
        rig.until("no calls for a second", () -> {
            if (calls.size() != seen[0]) {
                seen[0] = calls.size();
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > Duration.ofSeconds(1).toNanos();
        });
        calls.clear();
    }

    private StageJobResult ended(StageRig.Running stage) throws Exception {
        Files.createFile(go);
        return stage.await();
    }

    @Test
    public void aProgramThatEndsWellCostsTheLastReadOfItsLogAtMost() throws Exception {
        StageJobResult result = ended(waiting("apply", "true"));

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertOnlyTheLogWasRead();
    }

    @Test
    public void soDoesOneThatFails() throws Exception {
        StageJobResult result = ended(waiting("custom", "exit 3"));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.exitCode()).isEqualTo(3);
        assertOnlyTheLogWasRead();
    }

    private void assertOnlyTheLogWasRead() {
        List<String> others = new ArrayList<>(calls);
        others.removeIf("following log"::equals);
        assertThat(others).as(rig.text()).isEmpty();
        // the stream may have ended before the container's end was known: it is opened again, and read to the end then
        assertThat(calls).hasSizeLessThanOrEqualTo(2);
        assertThat(rig.lines("stage", "last")).containsExactly("last");
    }

    @Test
    public void oneThatWasKilledIsLookedAt() throws Exception {
        StageJobResult result = ended(waiting("custom", "exit 137"));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(calls).contains("reading Job", "listing Pod");
    }

    @Test
    public void aPodThatSomebodyDeletesIsLookedAt() throws Exception {
        // it takes its grace, so that its deletion can be seen
        StageRig.Running stage = waiting("custom", "trap '' TERM; ", "true");
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(stage.state.podName)
                .delete();

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.DISRUPTED);
        assertThat(calls).contains("reading Job", "listing Pod");
    }

    @Test
    public void whereTheWatchesEndedItIsLookedAt() throws Exception {
        StageRig.Running stage = waiting("custom", "true");
        cluster.faults().unavailable();
        rig.until("the stage notices", () -> stage.drive.status().contains("retrying"));
        Files.createFile(go);
        cluster.faults().available();

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(calls).contains("reading Job", "listing Pod");
        assertThat(rig.lines("stage", "last")).containsExactly("last");
    }
}
