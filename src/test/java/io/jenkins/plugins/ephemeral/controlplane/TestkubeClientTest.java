package io.jenkins.plugins.ephemeral.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What the client makes of answers, right ones and wrong ones; whole lives are in the tests of agents and workflows. */
public class TestkubeClientTest {
    private static final String TOKEN = "tkcapi_0123456789abcdef";
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private ScriptedServer server;
    private TestkubeClient client;

    @Before
    public void start() throws Exception {
        server = new ScriptedServer();
        client = client(server.url(), TOKEN);
    }

    @After
    public void stop() {
        server.close();
    }

    private static TestkubeClient client(String url, String token) {
        ControlPlanes alone = new Connection(url, "tkcorg_1", "tkcenv_2", token).alone();
        return new TestkubeClients(alone, TestkubeClients.newHttpClient(), new Outside()).client("");
    }

    private static String problem(int status, String detail) {
        return "{\"type\":\"about:blank\",\"title\":\"T\",\"status\":" + status + ",\"detail\":\"" + detail
                + "\",\"instance\":\"/x\"}";
    }

    private UserFault refused(int status, String detail) {
        server.reply(status, PROBLEM, problem(status, detail));
        return catchThrowableOfType(UserFault.class, () -> client.agent("tkcagent_1"));
    }

    private TransientFault disturbed(ScriptedServer.Reply reply) {
        server.reply(reply);
        return catchThrowableOfType(TransientFault.class, () -> client.agent("tkcagent_1"));
    }

    @Test
    public void agentsAreMadeForOneEnvironmentAndTakeOnlyWhatNamesThem() throws Exception {
        server.reply(
                201,
                JSON,
                "{\"id\":\"tkcagent_1\",\"name\":\"jk-a\",\"floating\":true,\"createdAt\":\"2026-01-01T00:00:00Z\","
                        + "\"accessedAt\":\"0001-01-01T00:00:00Z\",\"secretKey\":\"tkckey_agent_1\"}");

        TestkubeAgent agent = client.createAgent(new AgentRequest("jk-a", Map.of("l", "v"), true))
                .orElseThrow();

        assertThat(server.requests)
                .containsExactly(
                        "POST /organizations/tkcorg_1/agents {\"name\":\"jk-a\",\"environments\":[\"tkcenv_2\"],"
                                + "\"capabilities\":[\"runner\"],\"runnerPolicy\":{\"requiredMatch\":[\"name\"]},\"floating\":true,"
                                + "\"labels\":{\"l\":\"v\"}}");
        assertThat(server.tokens).containsExactly("Bearer " + TOKEN);
        assertThat(agent.secretKey()).isEqualTo("tkckey_agent_1");
        assertThat(agent.toString()).isEqualTo("jk-a (tkcagent_1)");
        assertThat(agent.accessedAt()).isNull();
        assertThat(agent.hasConnected()).isFalse();
    }

    @Test
    public void aTakenNameIsNoFaultWhateverStatusItIsToldWith() throws Exception {
        server.reply(409, PROBLEM, problem(409, "conflict"));
        server.reply(400, PROBLEM, problem(400, "agent 'jk-a' already exists"));

        assertThat(client.createAgent(new AgentRequest("jk-a", Map.of(), true))).isEmpty();
        assertThat(client.createAgent(new AgentRequest("jk-a", Map.of(), true))).isEmpty();
    }

    @Test
    public void exhaustedLicencesAreToldApartFromTakenNamesAndMissingRights() {
        for (int status : new int[] {402, 403, 409}) {
            server.reply(status, PROBLEM, problem(status, "no agent licence is left: 3 in use"));
            assertThatThrownBy(() -> client.createAgent(new AgentRequest("jk-a", Map.of(), true)))
                    .isInstanceOf(UserFault.class)
                    .hasMessage("creating agent jk-a (control plane testkube): it answered " + status
                            + ": no agent licence is left: 3 in use. No licence is free: delete agents that are not needed"
                            + " any more, or buy more licences.");
        }
    }

    @Test
    public void refusalsSayWhatToDo() {
        assertThat(refused(401, "expired"))
                .hasMessage(
                        "reading agent tkcagent_1 (control plane testkube): it answered 401: expired. The API token is"
                                + " not valid: renew it in the Jenkins configuration.");
        assertThat(refused(403, "no"))
                .hasMessageContaining(
                        "it answered 403: no. The API token may not do this in organization tkcorg_1: give it"
                                + " the role it needs, admin for agents and write for workflows and their runs.");
        assertThat(refused(402, "commercial feature"))
                .hasMessageContaining("The organization's subscription does not cover this.");
        assertThat(refused(400, "bad")).hasMessageEndingWith("it answered 400: bad");
    }

    @Test
    public void wrongIdsAreSaid() {
        server.reply(404, PROBLEM, problem(404, "organization not found"));
        assertThatThrownBy(() -> client.findAgent("jk-a"))
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "finding agent jk-a (control plane testkube): it answered 404: organization not found. Check the"
                                + " URL " + server.url()
                                + ", organization tkcorg_1 and environment tkcenv_2 of this control plane"
                                + " in the Jenkins configuration.");
    }

    @Test
    public void secretsNeverGetIntoMessages() {
        assertThat(refused(401, "token " + TOKEN + " and tkckey_agent_77 and tkcagnt_88"))
                .hasMessageContaining("token tkcapi_**** and tkckey_**** and tkcagnt_****")
                .hasMessageNotContaining("0123456789")
                .hasMessageNotContaining("_77");
        TestkubeClient broken = client(server.url(), "secret\nwith a line end");
        assertThatThrownBy(() -> broken.agent("tkcagent_1"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("the URL or the API token has characters that do not belong there")
                .hasMessageNotContaining("with a line end");
    }

    @Test
    public void throttlingSaysHowLongToWait() {
        assertThat(disturbed(exchange -> {
                            exchange.getResponseHeaders().set("Retry-After", "7");
                            exchange.sendResponseHeaders(429, -1);
                        })
                        .retryAfter())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(disturbed(exchange -> {
                            exchange.getResponseHeaders().set("Retry-After", "nonsense");
                            exchange.sendResponseHeaders(503, -1);
                        })
                        .retryAfter())
                .isZero();
        assertThat(disturbed(exchange -> {
                            exchange.getResponseHeaders().set("Retry-After", "99999999");
                            exchange.sendResponseHeaders(503, -1);
                        })
                        .retryAfter())
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    public void brokenConnectionsAreTransient() throws Exception {
        assertThat(disturbed(exchange -> {})).hasMessageContaining("the connection to " + server.url() + " broke");
        String url = server.url();
        server.close();
        assertThatThrownBy(() -> client(url, TOKEN).agent("tkcagent_1"))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("no connection to " + url);
    }

    @Test
    public void truncatedJsonIsTransientAndAWebPageIsNot() {
        assertThat(disturbed(exchange -> {
                    byte[] half = "{\"id\":\"tkcag".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, half.length);
                    exchange.getResponseBody().write(half);
                }))
                .hasMessageContaining("its answer of 12 bytes is not whole JSON");
        server.reply(200, "text/html", "<!DOCTYPE html><title>Sign in</title>");
        assertThatThrownBy(() -> client.agent("tkcagent_1"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it answered with a web page instead of JSON. Check the URL");
    }

    @Test
    public void redirectsAreNotFollowed() {
        server.reply(302, "text/plain", "", "Location", "https://elsewhere.example.org/login?token=x");
        assertThatThrownBy(() -> client.agent("tkcagent_1"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("this one leads to https://elsewhere.example.org/login. Configure");
        assertThat(server.requests).hasSize(1);
    }

    @Test
    public void aListingIsReadToItsEnd() throws Exception {
        StringBuilder page = new StringBuilder("{\"elements\":[");
        for (int i = 0; i < 100; i++) {
            page.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"tkcagent_")
                    .append(i)
                    .append("\",\"name\":\"a")
                    .append(i)
                    .append("\"}");
        }
        server.reply(200, JSON, page + "]}");
        server.reply(
                200,
                JSON,
                "{\"elements\":[{\"id\":\"tkcagent_x\",\"name\":\"jk-a\",\"createdAt\":\"2026-01-01T00:00:00Z\"}]}");

        assertThat(client.findAgent("jk-a")).map(TestkubeAgent::id).contains("tkcagent_x");
        assertThat(server.requests)
                .containsExactly(
                        "GET /organizations/tkcorg_1/agents?limit=100&offset=0",
                        "GET /organizations/tkcorg_1/agents?limit=100&offset=100");

        // a server that knows no offset sends the same page again
        server.reply(200, JSON, page + "]}").reply(200, JSON, page + "]}");
        assertThat(client.findAgent("jk-b")).isEmpty();
    }

    @Test
    public void upsertCreatesWhatIsNotThereAndSettlesRaces() throws Exception {
        server.reply(404, PROBLEM, problem(404, "no")).reply(200, JSON, "{}");
        client.upsert(TestkubeResourceKind.WORKFLOW, "smoke", "{\"kind\":\"TestWorkflow\"}");
        server.reply(404, PROBLEM, problem(404, "no"))
                .reply(409, PROBLEM, problem(409, "exists"))
                .reply(200, JSON, "{}");
        client.upsert(TestkubeResourceKind.TEMPLATE, "base", "{}");
        server.reply(200, JSON, "{}").reply(404, PROBLEM, problem(404, "gone")).reply(200, JSON, "{}");
        client.upsert(TestkubeResourceKind.WORKFLOW, "smoke", "{}");

        String agent = "/organizations/tkcorg_1/environments/tkcenv_2/agent";
        assertThat(server.requests)
                .containsExactly(
                        "GET " + agent + "/test-workflows/smoke",
                        "POST " + agent + "/test-workflows {\"kind\":\"TestWorkflow\"}",
                        "GET " + agent + "/test-workflow-templates/base",
                        "POST " + agent + "/test-workflow-templates {}",
                        "PUT " + agent + "/test-workflow-templates/base {}",
                        "GET " + agent + "/test-workflows/smoke",
                        "PUT " + agent + "/test-workflows/smoke {}",
                        "POST " + agent + "/test-workflows {}");
    }

    @Test
    public void whatWasMadeMeanwhileIsLookedAtBeforeItIsReplaced() throws Exception {
        server.reply(404, PROBLEM, problem(404, "no"))
                .reply(409, PROBLEM, problem(409, "exists"))
                .reply(200, JSON, "{\"labels\":{\"owner\":\"they\"},\"annotations\":{\"a\":\"b\"}}");
        client.upsert(TestkubeResourceKind.WORKFLOW, "smoke", "{}", known -> {
            assertThat(known).isEqualTo(new TestkubeResource(Map.of("owner", "they"), Map.of("a", "b")));
            return false;
        });

        String path = "/organizations/tkcorg_1/environments/tkcenv_2/agent/test-workflows";
        assertThat(server.requests)
                .containsExactly("GET " + path + "/smoke", "POST " + path + " {}", "GET " + path + "/smoke");
    }

    @Test
    public void runsNameTheirAgentAndWhereTheyCameFrom() throws Exception {
        server.reply(200, JSON, "[{\"id\":\"66c5\",\"name\":\"smoke-1\",\"workflow\":{\"name\":\"smoke\"}}]");

        TestkubeExecution run =
                client.start("smoke", new ExecutionRequest("jk-a", Map.of("url", "http://web"), Map.of("tag", "7")));

        assertThat(run.id()).isEqualTo("66c5");
        assertThat(run.isOver()).isFalse();
        assertThat(server.requests)
                .containsExactly(
                        "POST /organizations/tkcorg_1/environments/tkcenv_2/agent/test-workflows/smoke/executions"
                                + " {\"config\":{\"url\":\"http://web\"},\"tags\":{\"tag\":\"7\"},\"target\":{\"match\":{\"name\":"
                                + "[\"jk-a\"]},\"schedulerPolicy\":\"OnlyWhenMatches\"},\"runningContext\":{\"interface\":{\"name\":"
                                + "\"jenkins\",\"type\":\"ci/cd\"},\"actor\":{\"name\":\"jenkins\",\"type\":\"program\"}}}");
    }

    @Test
    public void anUnknownWorkflowIsTheUsersAlsoWhenItIsA500() {
        server.reply(500, PROBLEM, problem(500, "invalid workflow id"));
        assertThatThrownBy(() -> client.start("smoke", new ExecutionRequest("jk-a", Map.of(), Map.of())))
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "starting workflow smoke (control plane testkube): it answered 500: invalid workflow id. Apply"
                                + " the workflow first, and check its name.");
        server.reply(200, JSON, "[]");
        assertThatThrownBy(() -> client.start("smoke", new ExecutionRequest("jk-a", Map.of(), Map.of())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it started no run. Check that agent jk-a is connected.");
    }

    @Test
    public void abortingWhatIsOverIsFine() throws Exception {
        server.reply(400, PROBLEM, problem(400, "already finished")).reply(404, PROBLEM, problem(404, "gone"));
        client.abort("66c5");
        client.abort("66c5");
        server.reply(502, PROBLEM, problem(502, "agent"));
        assertThatThrownBy(() -> client.abort("66c5")).isInstanceOf(TransientFault.class);
    }

    @Test
    public void artifactsComeFromPresignedUrlsWithoutTheToken() throws Exception {
        Path into = folder.getRoot().toPath().resolve("report.xml");
        server.reply(200, JSON, "{\"url\":\"" + server.url() + "/bucket/x?signature=1\"}")
                .reply(200, "application/octet-stream", "<testsuite/>");

        Download<Path> download = client.streams().artifact("66c5", "a b/report.xml", into, 100);
        await().until(download::isDone);

        assertThat(download.result()).hasContent("<testsuite/>");
        assertThat(server.tokens).containsExactly("Bearer " + TOKEN, "null");
        assertThat(server.requests)
                .containsExactly(
                        "GET /organizations/tkcorg_1/environments/tkcenv_2/test-workflow-executions/66c5/artifacts/a%20b%2Freport.xml",
                        "GET /bucket/x?signature=1");
    }

    @Test
    public void downloadsThatAreTooLargeRefusedOrNotOnTheWebFail() throws Exception {
        Path into = folder.getRoot().toPath().resolve("report.xml");
        String url = "{\"url\":\"" + server.url() + "/x\"}";
        server.reply(200, JSON, url).reply(200, "application/octet-stream", "x".repeat(101));
        Download<Path> large = client.streams().artifact("66c5", "r", into, 100);
        await().until(large::isDone);
        assertThatThrownBy(large::result)
                .isInstanceOf(UserFault.class)
                .hasMessage("fetching artifact r (control plane testkube): the answer is larger than 100 bytes");

        server.reply(200, JSON, url).reply(403, "application/xml", "<Error>expired</Error>");
        Download<Path> expired = client.streams().artifact("66c5", "r", into, 100);
        await().until(expired::isDone);
        assertThatThrownBy(expired::result)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it answered 403: a web page");

        server.reply(200, JSON, "{\"url\":\"file:///etc/passwd\"}");
        assertThatThrownBy(() -> client.streams().artifact("66c5", "r", into, 100))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it gave no http(s) address for it");
    }

    @Test
    public void whereThereIsNoPresignedUrlTheControlPlaneItselfIsAsked() throws Exception {
        server.reply(404, PROBLEM, problem(404, "no such path")).reply(200, "text/plain", "y".repeat(50) + "end");

        Download<byte[]> log = client.streams().logTail("66c5", 5);
        await().until(log::isDone);

        assertThat(new String(log.result(), StandardCharsets.UTF_8)).isEqualTo("yyend");
        assertThat(server.tokens).containsExactly("Bearer " + TOKEN, "Bearer " + TOKEN);
    }

    @Test
    public void notificationsAreReadAsTheyComeAndTheEndIsTold() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        server.reply(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            String first =
                    ": connected\n\nid: 1\nevent: log\ndata: {\"seqNo\":1,\"eventType\":\"log\",\"ref\":\"r1\",\ndata: "
                            + "\"log\":\"2026 größer\\n\"}\n\ndata: not json\n\n";
            exchange.getResponseBody().write(first.getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            try {
                more.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody()
                    .write(("data: {\"seqNo\":2,\"log\":\"" + "z".repeat(2_000_000) + "\"}\n\n"
                                    + "data: {\"seqNo\":3,\"eventType\":\"resume_unavailable\"}\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
        });
        List<Notification> heard = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch ended = new CountDownLatch(1);

        client.streams().notifications("66c5", "step 1", 4, new TestkubeStreams.Listener() {
            @Override
            public void notification(Notification notification) {
                heard.add(notification);
            }

            @Override
            public void ended() {
                ended.countDown();
            }
        });

        await().until(() -> heard.size() == 1);
        assertThat(heard.get(0)).isEqualTo(new Notification(1, "log", "r1", "2026 größer\n"));
        more.countDown();
        await().until(() -> ended.getCount() == 0);
        assertThat(heard).hasSize(2);
        assertThat(heard.get(1).isResumeUnavailable()).isTrue();
        assertThat(server.requests)
                .containsExactly(
                        "GET /organizations/tkcorg_1/environments/tkcenv_2/agent/test-workflow-executions/66c5/"
                                + "notifications?streamId=step%201&resumeAfterSeqNo=4");
    }

    @Test
    public void aClosedStreamIsHeardNoMore() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        server.reply(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(": beat\n\n".getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().flush();
                }
            } finally {
                gone.countDown();
            }
        });
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        Subscription subscription = client.streams().notifications("66c5", "s", 0, new TestkubeStreams.Listener() {
            @Override
            public void notification(Notification notification) {
                heard.add("notification");
            }

            @Override
            public void ended() {
                heard.add("ended");
            }
        });
        await().until(() -> server.requests.size() == 1);
        subscription.close();
        await().until(() -> gone.getCount() == 0);
        assertThat(heard).isEmpty();
    }

    @Test
    public void controlPlanesAreChosenByName() {
        assertThatThrownBy(() -> new TestkubeClients(
                                new Connection("http://x", "o", "e", "t").alone(),
                                TestkubeClients.newHttpClient(),
                                new Outside())
                        .client("other"))
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "choosing a Testkube control plane (other): there is none of that name; configured are testkube."
                                + " Name one of them in 'controlPlane', or add it in the Jenkins configuration.");
        assertThatThrownBy(() -> new ConfiguredControlPlanes(List::of).testkube(null))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("none is named and there is not exactly one; no control plane is configured");
    }

    @Test
    public void filesAreOverwritten() throws Exception {
        Path into = folder.getRoot().toPath().resolve("r");
        Files.writeString(into, "a longer text that was there before");
        server.reply(404, JSON, "{}").reply(200, "application/octet-stream", "new");
        Download<Path> download = client.streams().artifact("66c5", "100%.txt", into, 100);
        await().until(download::isDone);
        assertThat(download.result()).hasContent("new");
        assertThat(server.requests.get(1)).endsWith("/agent/test-workflow-executions/66c5/artifacts/100%2525.txt");
    }
}
