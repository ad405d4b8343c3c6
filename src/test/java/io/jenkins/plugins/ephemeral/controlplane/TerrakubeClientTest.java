package io.jenkins.plugins.ephemeral.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube;
import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube.Fault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The client against the embedded control plane, which shares no class with it. */
public class TerrakubeClientTest {
    private static final String FLOW =
            "flow:\n- {type: terraformPlan, name: Plan, step: 100}\n- {type: approval, name: Approve, step: 150, team: SRE}\n"
                    + "- {type: terraformApply, name: Apply, step: 200}\n";

    private EmbeddedTerrakube server;
    private TerrakubeClient client;
    private String organization;

    @Before
    public void start() throws Exception {
        server = EmbeddedTerrakube.start();
        server.workspace("net");
        server.template("plan and apply", FLOW);
        client = client(server.token());
        organization = client.organizationId();
    }

    @After
    public void stop() {
        server.close();
    }

    private TerrakubeClient client(String token) {
        return new TerrakubeClients(
                        () -> List.of(new TerrakubeAccess(server.url(), "acme", token)),
                        TestkubeClients.newHttpClient(),
                        new Outside())
                .client("tk");
    }

    private int created(String comments) throws Exception {
        return client.createJob(
                organization,
                new TerrakubeJobRequest(
                        client.workspaceId(organization, "net"),
                        client.templateId(organization, "plan and apply"),
                        null,
                        "release/1",
                        comments));
    }

    private TerrakubeJob reached(int id, String status) throws Exception {
        await().until(() -> client.job(organization, id).orElseThrow().status().equals(status));
        return client.job(organization, id).orElseThrow();
    }

    @Test
    public void aJobIsCreatedFollowedDecidedAndRead() throws Exception {
        int id = created("shop#7 abc");

        TerrakubeJob waiting = reached(id, "waitingApproval");
        assertThat(waiting.steps()).extracting(TerrakubeStep::name).containsExactly("Plan", "Approve", "Apply");
        assertThat(waiting.next().orElseThrow().name()).isEqualTo("Approve");
        assertThat(waiting.approvalTeam()).isEqualTo("SRE");
        assertThat(waiting.workspaceId()).isEqualTo(server.workspaceId("net"));
        assertThat(server.attribute(id, "overrideBranch")).isEqualTo("release/1");
        assertThat(client.context(id).planned())
                .containsExactly(new TerrakubeChange("null_resource.web", "create", "", ""));
        assertThat(client.context(id).applied()).isEmpty();

        client.changeStatus(organization, id, "approved");

        assertThat(reached(id, "completed").isOver()).isTrue();
        assertThat(client.context(id).applied())
                .containsExactly(new TerrakubeChange("null_resource.web", "create", "completed", ""));
        assertThat(client.context(id).outputs())
                .containsExactly(
                        new TerrakubeOutput("url", "http://web", false), new TerrakubeOutput("password", null, true));
        assertThat(client.link(organization, "w", id))
                .isEqualTo("https://terrakube.example.org/organizations/" + organization + "/workspaces/w/runs/" + id);
    }

    @Test
    public void aFlowOfOnesOwnAndAPlanWithoutChanges() throws Exception {
        server.workspace("net").creates();
        int id = client.createJob(
                organization,
                new TerrakubeJobRequest(client.workspaceId(organization, "net"), null, FLOW, null, "own flow"));

        TerrakubeJob job = reached(id, "completed");

        assertThat(job.planChanges()).isFalse();
        assertThat(job.steps())
                .extracting(TerrakubeStep::status)
                .containsExactly("completed", "notExecuted", "notExecuted");
    }

    @Test
    public void aJobWhoseCreationHadNoAnswerIsFoundByItsComments() throws Exception {
        created("another build");
        server.failNext("POST", "/job", Fault.answerLost());

        assertThatThrownBy(() -> created("shop#7 abc")).isInstanceOf(TransientFault.class);

        assertThat(client.findJobs(organization, "shop#7 abc")).singleElement().satisfies(job -> assertThat(job.id())
                .isEqualTo(2));
        assertThat(client.findJobs(organization, "nobody")).isEmpty();
    }

    @Test
    public void theLogIsStreamedFromWhereItWasLeft() throws Exception {
        server.workspace("net").planLogs("one", "two", "three").hold();
        int id = created("logs");
        await().until(() -> client.job(organization, id).orElseThrow().running().isPresent());
        String step = client.job(organization, id)
                .orElseThrow()
                .running()
                .orElseThrow()
                .id();
        List<String> ids = new CopyOnWriteArrayList<>();
        List<String> lines = new CopyOnWriteArrayList<>();
        Subscription first = client.followLog(organization, id, step, "", listener(ids, lines, new AtomicInteger(-1)));
        await().until(() -> lines.size() == 3);
        first.close();

        List<String> again = new CopyOnWriteArrayList<>();
        AtomicInteger status = new AtomicInteger(-1);
        client.followLog(organization, id, step, ids.get(1), listener(new CopyOnWriteArrayList<>(), again, status));
        await().until(() -> again.size() == 1);
        server.workspace("net").release();
        await().until(() -> status.get() == 200);

        assertThat(lines).containsExactly("one", "two", "three");
        assertThat(again).containsExactly("three");
        Download<byte[]> stored = client.log(organization, id, step, 100);
        await().until(stored::isDone);
        assertThat(new String(stored.result(), StandardCharsets.UTF_8)).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    public void ofALongLogTheEndIsFetched() throws Exception {
        String[] lines = new String[4000];
        java.util.Arrays.fill(lines, "0123456789012345678901234567890123456789");
        lines[3999] = "the end";
        server.workspace("net").planLogs(lines).logsAtOnce();
        int id = created("long");
        TerrakubeJob job = reached(id, "waitingApproval");

        Download<byte[]> whole = client.log(organization, id, job.steps().get(0).id(), 1024 * 1024);
        Download<byte[]> end = client.log(organization, id, job.steps().get(0).id(), 100_000);
        await().until(() -> whole.isDone() && end.isDone());

        assertThat(whole.result()).hasSize(3999 * 41 + "the end\n".length());
        assertThat(end.result()).hasSize(100_000);
        assertThat(new String(end.result(), StandardCharsets.UTF_8))
                .isEqualTo(
                        new String(whole.result(), StandardCharsets.UTF_8).substring(whole.result().length - 100_000));
    }

    @Test
    public void anOlderTerrakubeStreamsNothing() throws Exception {
        server.streams(false);
        AtomicInteger status = new AtomicInteger(-1);

        client.followLog(
                organization, 1, "s", "", listener(new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>(), status));

        await().until(() -> status.get() == 404);
    }

    private static TerrakubeClient.LogListener listener(List<String> ids, List<String> lines, AtomicInteger ended) {
        return new TerrakubeClient.LogListener() {
            @Override
            public void line(String id, String text) {
                ids.add(id);
                lines.add(text);
            }

            @Override
            public void ended(int status) {
                ended.set(status);
            }
        };
    }

    @Test
    public void refusalsSayWhatToDo() throws Exception {
        assertThatThrownBy(() ->
                        client("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln").organizationId())
                .isInstanceOf(UserFault.class)
                .hasMessage(
                        "finding organization acme (control plane tk): it answered 401. The token is not valid or has"
                                + " expired: renew it in the Jenkins configuration.");
        int id = created("refusals");
        server.rights(false, false);
        assertThatThrownBy(() -> created("x"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it answered 403: CreatePermission Denied. The token's team may not do this")
                .hasMessageContaining("\"plan job\"");
        assertThatThrownBy(() -> client.changeStatus(organization, id, "cancelled"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("cancelling \"manage job\"");
    }

    @Test
    public void unknownNamesAreNamedWithThoseThatExist() {
        assertThatThrownBy(() -> client.workspaceId(organization, "nett"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "finding workspace nett (control plane tk): there is no workspace of that name; the"
                                + " token sees net.");
        assertThatThrownBy(() -> client.templateId(organization, "apply"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("the token sees plan and apply");
    }

    @Test
    public void whatMayPassIsTransient() throws Exception {
        int id = created("transient");
        for (int status : new int[] {429, 500, 503}) {
            server.failNext("GET", "/job/", Fault.status(status));
            assertThatThrownBy(() -> client.job(organization, id)).isInstanceOf(TransientFault.class);
        }
        server.failNext("PATCH", "/job/", Fault.status(409));
        assertThatThrownBy(() -> client.changeStatus(organization, id, "cancelled"))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("it answered 409");
        server.failNext("GET", "/job/", Fault.dropped());
        server.failNext("GET", "/job/", Fault.dropped()); // the HTTP client itself tries a GET again, once
        assertThatThrownBy(() -> client.job(organization, id)).isInstanceOf(TransientFault.class);
        server.goAway();
        assertThatThrownBy(() -> client.job(organization, id))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("no connection to " + server.url());
        server.comeBack();
        assertThat(client.job(organization, id)).isPresent();
        assertThat(client.job(organization, 4711)).isEmpty();
    }

    @Test
    public void tokensNeverGetIntoMessages() {
        assertThat(SecretMask.mask("bad token " + server.token() + " (tkcapi_123)"))
                .isEqualTo("bad token eyJ**** (tkcapi_****)");
        assertThat(SecretMask.mask("/x?auth%3Dtkcapi_1234567890")).isEqualTo("/x?auth%3Dtkcapi_****");
    }
}
