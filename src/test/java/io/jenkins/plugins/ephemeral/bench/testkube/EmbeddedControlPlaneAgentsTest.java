package io.jenkins.plugins.ephemeral.bench.testkube;

import static io.jenkins.plugins.ephemeral.bench.testkube.ControlPlaneCaller.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;

public class EmbeddedControlPlaneAgentsTest {
    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);

    private EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
    private ControlPlaneCaller caller = new ControlPlaneCaller(controlPlane);

    @After
    public void close() {
        controlPlane.close();
    }

    private void restart(EmbeddedControlPlane.Builder builder) {
        controlPlane.close();
        controlPlane = builder.start();
        caller = new ControlPlaneCaller(controlPlane);
    }

    @Test
    public void anAgentIsCreatedConnectedAndDeleted() {
        JsonNode created = caller.createAgent("jk-1");
        assertThat(created.path("id").asText()).startsWith("tkcagent_");
        assertThat(created.path("secretKey").asText()).startsWith("tkckey_agent_");
        assertThat(created.has("accessedAt")).isFalse();

        String path = caller.organization("/agents/" + created.path("id").asText());
        assertThat(controlPlane.connect(created.path("id").asText(), "wrong")).isFalse();
        assertThat(json(caller.get(path)).has("accessedAt")).isFalse();

        String key = created.path("secretKey").asText();
        assertThat(controlPlane.connect(created.path("id").asText(), key, "2.12.2", "pr-41"))
                .isTrue();
        JsonNode agent = json(caller.get(path));
        assertThat(Instant.parse(agent.path("accessedAt").asText()))
                .isAfter(Instant.parse(agent.path("createdAt").asText()));
        assertThat(agent.path("namespace").asText()).isEqualTo("pr-41");
        assertThat(agent.has("secretKey")).isFalse();
        assertThat(controlPlane.connectedAgentNames()).containsExactly("jk-1");

        assertThat(caller.delete(path).statusCode()).isEqualTo(204);
        assertThat(caller.get(path).statusCode()).isEqualTo(404);
        assertThat(caller.delete(path).statusCode()).isEqualTo(404);
        assertThat(json(caller.get(path + "?includeDeleted=true")).has("deletedAt"))
                .isTrue();
        assertThat(controlPlane.connect(created.path("id").asText(), key)).isFalse();
        assertThat(controlPlane.agentNames()).isEmpty();
    }

    @Test
    public void namesAreUniqueAmongTheLiving() {
        String id = caller.createAgent("jk-1").path("id").asText();
        HttpResponse<String> second = create("jk-1", controlPlane.environmentId());
        assertThat(second.statusCode()).isEqualTo(400);
        assertThat(second.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(json(second).path("detail").asText()).contains("jk-1").contains("already exists");
        caller.delete(caller.organization("/agents/" + id));
        caller.createAgent("jk-1");
    }

    @Test
    public void theConflictMayAlsoBeA409() {
        restart(EmbeddedControlPlane.builder().duplicateNameStatus(409));
        caller.createAgent("jk-1");
        assertThat(create("jk-1", controlPlane.environmentId()).statusCode()).isEqualTo(409);
    }

    @Test
    public void badNamesAndUnknownEnvironmentsAreRefused() {
        for (String name : new String[] {"", "UPPER", "-a", "a-", "a".repeat(41)}) {
            assertThat(create(name, controlPlane.environmentId()).statusCode())
                    .as(name)
                    .isEqualTo(400);
        }
        assertThat(create("a".repeat(40), controlPlane.environmentId()).statusCode())
                .isEqualTo(201);
        HttpResponse<String> wrong = create("jk-2", "tkcenv_other");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(json(wrong).path("detail").asText()).contains("tkcenv_other");
    }

    private HttpResponse<String> create(String name, String environment) {
        return caller.post(
                caller.organization("/agents"),
                "{\"name\": \"" + name + "\", \"environments\": [\"" + environment + "\"]}");
    }

    @Test
    public void fixedRunnersStopAtTheLicences() {
        restart(EmbeddedControlPlane.builder().licences(1).licenceErrorStatus(402));
        String fixed = """
                {"name": "%s", "environments": ["%s"], "capabilities": ["runner"]}""";
        String agents = caller.organization("/agents");
        assertThat(caller.post(agents, fixed.formatted("a", controlPlane.environmentId()))
                        .statusCode())
                .isEqualTo(201);
        HttpResponse<String> second = caller.post(agents, fixed.formatted("b", controlPlane.environmentId()));
        assertThat(second.statusCode()).isEqualTo(402);
        assertThat(json(second).path("detail").asText()).contains("licence");
        caller.delete(agents + "/a");
        assertThat(caller.post(agents, fixed.formatted("b", controlPlane.environmentId()))
                        .statusCode())
                .isEqualTo(201);
    }

    @Test
    public void theTokenIsNeededAndOnlyForItsOrganization() {
        var without = caller.request(caller.organization("/agents")).setHeader("Authorization", "Bearer wrong");
        assertThat(caller.send(without.GET()).statusCode()).isEqualTo(401);
        assertThat(caller.get("/organizations/tkcorg_other/agents").statusCode())
                .isEqualTo(403);
    }

    @Test
    public void whatIsNotKnownIsNotFound() {
        assertThat(caller.get("/nowhere").statusCode()).isEqualTo(404);
        assertThat(caller.send(caller.request(caller.organization("/agents"))
                                .method("PATCH", HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(405);
        // nothing that a document could say something about
        controlPlane.forgetExchanges();
    }

    @Test
    public void theEnvironmentIsShown() {
        String path = caller.organization("/environments/" + controlPlane.environmentId());
        assertThat(json(caller.get(path)).path("connected").asBoolean()).isFalse();
        caller.connectedAgent("jk-1");
        assertThat(json(caller.get(path)).path("connected").asBoolean()).isTrue();
        assertThat(caller.get(caller.organization("/environments/tkcenv_other")).statusCode())
                .isEqualTo(404);
    }

    @Test
    public void aLostAnswerLeavesTheAgentBehind() {
        controlPlane.failNext("POST", "/agents$", ServerFault.answerLost());
        assertThatThrownBy(() -> create("jk-1", controlPlane.environmentId()))
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(controlPlane.agentNames()).containsExactly("jk-1");
        String key = json(caller.get(caller.organization("/agents/jk-1/secret-key")))
                .path("secretKey")
                .asText();
        assertThat(key).startsWith("tkckey_agent_");
    }

    @Test
    public void faultsAndOutagesEnd() {
        String agents = caller.organization("/agents");
        controlPlane.failNext("GET", "/agents$", ServerFault.status(429, Duration.ofSeconds(7)));
        HttpResponse<String> limited = caller.get(agents);
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("Retry-After")).contains("7");
        controlPlane.failNext("POST", "/agents$", ServerFault.droppedBefore());
        assertThatThrownBy(() -> create("jk-1", controlPlane.environmentId()))
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(controlPlane.agentNames()).isEmpty();

        controlPlane.beginOutage(Outage.SERVER_ERROR);
        assertThat(caller.get(agents).statusCode()).isEqualTo(503);
        for (Outage outage : new Outage[] {Outage.CONNECTION_DROPPED, Outage.CONNECTION_REFUSED}) {
            controlPlane.beginOutage(outage);
            assertThatThrownBy(() -> caller.get(agents)).hasRootCauseInstanceOf(IOException.class);
        }
        controlPlane.endOutage();
        assertThat(caller.get(agents).statusCode()).isEqualTo(200);
        assertThat(controlPlane.count("GET", "/agents$")).isGreaterThanOrEqualTo(3);
    }
}
