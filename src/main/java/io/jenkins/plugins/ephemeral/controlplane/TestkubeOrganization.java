package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What can be asked about a whole organization and Environment: all agents, all runs that are not over, whether any
 * agent is connected. Each call is bounded as those of {@link TestkubeClient} are.
 */
public final class TestkubeOrganization {
    private static final int PAGE = 100;
    private static final int MOST_PAGES = 100;
    /** All that are not final (facts of {@code TestWorkflowStatus} in the agent's OpenAPI file). */
    private static final String UNFINISHED =
            "queued,assigned,starting,scheduling,running,pausing,paused,resuming,stopping";

    private final TestkubeExchange exchange;
    private final String organization;
    private final String environment;

    TestkubeOrganization(TestkubeExchange exchange, String organization, String environment) {
        this.exchange = exchange;
        this.organization = organization;
        this.environment = environment;
    }

    /**
     * A run that is not over.
     *
     * @param id its id
     * @param workflow name of its workflow
     * @param runnerId id of the agent that has it; empty while none has
     * @param tags its tags
     */
    public record Unfinished(String id, String workflow, String runnerId, Map<String, String> tags) {}

    /** The living agents that the API token sees. */
    public List<TestkubeAgent> agents() throws InterruptedException {
        return agents("listing agents");
    }

    List<TestkubeAgent> agents(String what) throws InterruptedException {
        Map<String, TestkubeAgent> agents = new LinkedHashMap<>();
        for (int page = 0; page < MOST_PAGES; page++) {
            JsonNode elements = exchange.send(
                            what, "GET", organization + "/agents?limit=" + PAGE + "&offset=" + page * PAGE)
                    .json()
                    .path("elements");
            int before = agents.size();
            for (JsonNode element : elements) {
                TestkubeAgent agent = TestkubeJson.agent(element);
                agents.putIfAbsent(agent.id(), agent);
            }
            // a server that knows no limit sends all of them, one that knows no offset the same ones again
            if (agents.size() == before || elements.size() != PAGE) {
                break;
            }
        }
        return agents.values().stream()
                .filter(agent -> agent.deletedAt() == null)
                .toList();
    }

    /** The runs of the Environment that are not over, whoever started them. */
    public List<Unfinished> unfinished() throws InterruptedException {
        List<Unfinished> runs = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int page = 0; page < MOST_PAGES; page++) {
            JsonNode results = TestkubeJson.single(exchange.send(
                                    "listing runs",
                                    "GET",
                                    environment + "/agent/test-workflow-executions?status=" + UNFINISHED + "&pageSize="
                                            + PAGE + "&page=" + page)
                            .json())
                    .path("results");
            boolean news = false;
            for (JsonNode summary : results) {
                TestkubeExecution run = TestkubeJson.execution(summary);
                boolean known = !seen.add(run.id());
                news |= !known;
                // not every server filters by status
                if (!known && !run.isFinal()) {
                    runs.add(new Unfinished(
                            run.id(),
                            run.workflow(),
                            summary.path("runnerId").asText(""),
                            TestkubeJson.strings(summary.path("tags"))));
                }
            }
            if (!news || results.size() != PAGE) {
                break;
            }
        }
        return runs;
    }

    /** Whether the Environment has a connected agent, whichever it is. */
    public boolean isConnected() throws InterruptedException {
        return exchange.send("reading environment", "GET", environment)
                .json()
                .path("connected")
                .asBoolean();
    }
}
