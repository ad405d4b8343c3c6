package io.jenkins.plugins.ephemeral.controlplane;

import static io.jenkins.plugins.ephemeral.controlplane.RestExchange.segment;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Lists of runs. Tags are the only thing that a run can be found again by: the API knows no key that would make a start
 * idempotent, and gives runs names of its own (facts of {@code TestWorkflowExecutionRequest}: {@code name} is not read).
 */
public final class TestkubeRuns {
    private final TestkubeExchange exchange;
    private final String agentApi;

    TestkubeRuns(TestkubeExchange exchange, String agentApi) {
        this.exchange = exchange;
        this.agentApi = agentApi;
    }

    /**
     * Runs of a workflow that carry a tag, newest first as the server lists them; without their steps.
     *
     * @param tags what has to be true of a run's tags; one whose tags are not told has none
     */
    public List<TestkubeExecution> find(String workflow, String tag, String value, Predicate<Map<String, String>> tags)
            throws InterruptedException {
        return list(
                "finding runs of " + workflow,
                agentApi + "/test-workflows/" + segment(workflow) + "/executions?tagSelector="
                        + segment(tag + '=' + value),
                tag,
                value,
                tags);
    }

    /** When the newest run of any workflow with a tag was asked for, by the control plane's clock; null for none. */
    public Instant newest(String tag, String value) throws InterruptedException {
        Instant newest = null;
        for (TestkubeExecution run : list(
                "finding runs",
                agentApi + "/test-workflow-executions?pageSize=100&tagSelector=" + segment(tag + '=' + value),
                tag,
                value,
                any -> true)) {
            if (run.queuedAt() != null && (newest == null || run.queuedAt().isAfter(newest))) {
                newest = run.queuedAt();
            }
        }
        return newest;
    }

    private List<TestkubeExecution> list(
            String what, String path, String tag, String value, Predicate<Map<String, String>> wanted)
            throws InterruptedException {
        List<TestkubeExecution> found = new ArrayList<>();
        for (JsonNode summary :
                TestkubeJson.single(exchange.send(what, "GET", path).json()).path("results")) {
            // not every server filters by tags
            JsonNode told = summary.path("tags");
            Map<String, String> tags = TestkubeJson.strings(told);
            if ((!told.isObject() || value.equals(tags.get(tag))) && wanted.test(tags)) {
                found.add(TestkubeJson.execution(summary));
            }
        }
        return found;
    }
}
