package io.jenkins.plugins.ephemeral.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.junit.Test;

/** A finished run as the control plane describes it, and its variants. */
public class TestkubeJsonTest {
    private static final String FINISHED =
            """
            {"id": "66c5f0a1b2c3d4e5f6071829", "groupId": "66c5f0a1b2c3d4e5f6071828", "name": "api-junit-12",
             "scheduledAt": "2026-08-21T09:00:00.120Z", "future": {"field": true},
             "signature": [
               {"ref": "rk3xq91", "category": "Clone Git repository"},
               {"ref": "rk3xq92", "id": "api", "name": "API tests", "category": "Run shell command",
                "children": [{"ref": "rk3xq94", "name": "inner"}]},
               {"ref": "rk3xq93", "name": "Keep reports", "category": "Upload artifacts"}],
             "result": {
               "status": "failed", "predictedStatus": "failed",
               "queuedAt": "2026-08-21T09:00:00.120Z", "startedAt": "2026-08-21T09:00:03.400Z",
               "finishedAt": "2026-08-21T09:01:31.700Z", "durationMs": 91580, "pausedMs": 0, "totalDurationMs": 91580,
               "initialization": {"status": "passed", "finishedAt": "2026-08-21T09:00:05.010Z"},
               "steps": {
                 "rk3xq91": {"status": "passed", "startedAt": "2026-08-21T09:00:05.300Z",
                             "finishedAt": "2026-08-21T09:00:07.900Z"},
                 "rk3xq92": {"status": "failed", "exitCode": 1, "startedAt": "2026-08-21T09:00:08.000Z",
                             "finishedAt": "2026-08-21T09:01:29.000Z"},
                 "rk3xq93": {"status": "skipped", "finishedAt": "2026-08-21T09:01:31.600Z"}}},
             "output": [{"ref": "tktw-init", "name": "pod", "value": {"name": "p-1", "deep": {"a": [1]}}}],
             "workflow": {"name": "api-junit", "updated": "0001-01-01T00:00:00Z", "spec": {}}}
            """;

    private static ObjectNode finished() throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(FINISHED);
    }

    @Test
    public void aFinishedRun() throws Exception {
        TestkubeExecution run = TestkubeJson.execution(finished());

        assertThat(run.isOver()).isTrue();
        assertThat(run.status()).isEqualTo("failed");
        assertThat(run.workflow()).isEqualTo("api-junit");
        assertThat(run.queuedAt()).isEqualTo(Instant.parse("2026-08-21T09:00:00.120Z"));
        assertThat(run.steps())
                .extracting(TestkubeExecution.StepResult::name)
                .containsExactly("Clone Git repository", "API tests", "API tests › inner", "Keep reports");
        assertThat(run.steps())
                .extracting(TestkubeExecution.StepResult::exitCode)
                .as("0 is left out on the wire; a step that did not run has none")
                .containsExactly(0, 1, null, null);
        assertThat(run.stepName("rk3xq92")).isEqualTo("API tests");
        assertThat(run.stepName("tktw-init")).isEmpty();
        assertThat(run.outputs().get(0).values()).containsEntry("name", "p-1").containsEntry("deep", "{\"a\":[1]}");
    }

    @Test
    public void canceledInBothSpellingsIsOver() throws Exception {
        for (String word : new String[] {"canceled", "cancelled", "Cancelled", "aborted"}) {
            ObjectNode node = finished();
            ((ObjectNode) node.path("result")).put("status", word);
            TestkubeExecution run = TestkubeJson.execution(node);
            assertThat(run.isOver()).as(word).isTrue();
            assertThat(run.status()).isIn("canceled", "aborted");
        }
    }

    @Test
    public void aRunThatCouldNotStartSaysWhy() throws Exception {
        ObjectNode node = finished();
        ((ObjectNode) node.at("/result/initialization"))
                .put("status", "failed")
                .put("errorMessage", "pulling image: ImagePullBackOff");

        TestkubeExecution run = TestkubeJson.execution(node);

        assertThat(run.initialization().status()).isEqualTo("failed");
        assertThat(run.initialization().errorMessage()).isEqualTo("pulling image: ImagePullBackOff");
    }

    @Test
    public void goZeroTimesAreNoTimesAndAFinalStatusWithoutAnEndIsNotOver() throws Exception {
        ObjectNode node = finished();
        ObjectNode result = (ObjectNode) node.path("result");
        result.put("finishedAt", "0001-01-01T00:00:00Z")
                .put("startedAt", "0001-01-01T00:00:00+02:00")
                .put("status", "passed");
        result.remove("queuedAt");

        TestkubeExecution run = TestkubeJson.execution(node);

        assertThat(run.finishedAt()).isNull();
        assertThat(run.startedAt()).isNull();
        assertThat(run.isOver()).isFalse();
        assertThat(run.queuedAt()).as("scheduledAt stands in").isEqualTo(Instant.parse("2026-08-21T09:00:00.120Z"));
    }

    @Test
    public void unknownStatusesAreNotOver() throws Exception {
        ObjectNode node = finished();
        ((ObjectNode) node.path("result")).put("status", "hibernating");

        assertThat(TestkubeJson.execution(node).isOver()).isFalse();
        assertThat(TestkubeJson.execution(node).status()).isEqualTo("hibernating");
    }

    @Test
    public void reportsMayBeAbsentAndSoMayEverythingElse() throws Exception {
        TestkubeExecution run = TestkubeJson.execution(new ObjectMapper().readTree("{\"id\":\"1\",\"name\":\"x-1\"}"));

        assertThat(run.status()).isEmpty();
        assertThat(run.steps()).isEmpty();
        assertThat(run.initialization()).isNull();
        assertThat(run.isOver()).isFalse();
    }

    @Test
    public void stepsWithoutASignatureKeepTheirRefs() throws Exception {
        ObjectNode node = finished();
        node.remove("signature");

        assertThat(TestkubeJson.execution(node).steps())
                .extracting(TestkubeExecution.StepResult::name)
                .containsExactly("rk3xq91", "rk3xq92", "rk3xq93");
    }
}
