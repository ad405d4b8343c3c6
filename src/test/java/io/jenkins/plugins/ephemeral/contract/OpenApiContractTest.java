package io.jenkins.plugins.ephemeral.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.bench.testkube.ControlPlaneCaller;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.Description;
import org.junit.runners.model.Statement;

/** The embedded control plane speaks as the documents say, the amendments are all needed, and violations are seen. */
public class OpenApiContractTest {
    private static final String WORKFLOW =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata: {name: w, labels: {tier: smoke}}
            spec:
              use: [{name: defaults, config: {memory: 64Mi}}]
              config: {who: {type: string, description: a name}, times: {type: integer, default: 1, minimum: 1}}
              content: {files: [{path: /data/run.sh, content: 'echo hi', mode: 493}]}
              container: {image: 'busybox:1', workingDir: /data, env: [{name: A, value: b}]}
              execution: {tags: {kind: smoke}}
              steps:
              - {name: Run, id: run, retry: {count: 1, until: passed}, timeout: 30s, run: {shell: 'sh /data/run.sh {{ config.who }}'}}
              - {name: Fails, optional: true, shell: 'echo "<testsuite><testcase/></testsuite>" > r.xml; exit 2'}
              - {name: Keep, condition: always, artifacts: {workingDir: /data, paths: ['*.xml']}}
            """;

    private static final String TEMPLATE =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflowTemplate
            metadata: {name: defaults}
            spec:
              config: {memory: {type: string, default: 128Mi}}
              container: {resources: {requests: {cpu: 100m, memory: '{{ config.memory }}'}}}
            """;

    private static List<Exchange> life;

    /** Everything that is spoken, errors included, once. */
    @BeforeClass
    public static void speak() throws Exception {
        try (EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start()) {
            ControlPlaneCaller caller = new ControlPlaneCaller(controlPlane);
            speakOfAgents(controlPlane, caller);
            speakOfResources(caller, "/test-workflow-templates", "defaults", TEMPLATE);
            speakOfResources(caller, "/test-workflows", "w", WORKFLOW);
            speakOfRuns(caller, controlPlane.environmentId());
            caller.delete(caller.environment("/test-workflows/w?skipDeleteExecutions=true"));
            caller.delete(caller.environment("/test-workflow-templates?selector=suite%3Dnone"));
            life = controlPlane.exchanges();
        }
    }

    private static void speakOfAgents(EmbeddedControlPlane controlPlane, ControlPlaneCaller caller) {
        caller.send(caller.request(caller.organization("/agents"))
                .setHeader("Authorization", "Bearer wrong")
                .GET());
        caller.connectedAgent("jk");
        caller.post(
                caller.organization("/agents"),
                "{\"name\": \"jk\", \"environments\": [\"" + controlPlane.environmentId() + "\"]}");
        caller.get(caller.organization("/agents?includeDeleted=true&capability=runner"));
        caller.get(caller.organization("/agents/jk"));
        caller.get(caller.organization("/agents/jk/secret-key"));
        caller.createAgent("gone");
        caller.delete(caller.organization("/agents/gone"));
        caller.get(caller.organization("/agents/gone"));
        caller.get(caller.organization("/environments"));
        caller.get(caller.organization("/environments/" + controlPlane.environmentId()));
        caller.get(caller.organization("/environments/none"));
    }

    private static void speakOfResources(ControlPlaneCaller caller, String path, String name, String yaml) {
        String all = caller.environment(path);
        caller.yaml("PUT", all, yaml);
        caller.yaml("POST", all, yaml);
        caller.yaml("POST", all, yaml);
        JsonNode api = ControlPlaneCaller.json(caller.get(all + "/" + name));
        caller.post(all, api.toString().replace("\"" + name + "\"", "\"copy\""));
        caller.delete(all + "/copy");
        caller.get(all + "/copy");
        caller.yaml("PUT", all + "/" + name, yaml);
        caller.get(all + "?selector=tier%3Dsmoke");
        caller.send(caller.request(all + "/" + name).header("Accept", "text/yaml"));
    }

    private static void speakOfRuns(ControlPlaneCaller caller, String environment) throws Exception {
        String id = caller.run("w", "jk", "{\"who\": \"Ada\"}");
        String one = caller.environment("/test-workflow-executions/" + id);
        caller.get(one + "/logs");
        caller.stream(one + "/notifications?resumeAfterSeqNo=1").readAllBytes();
        caller.awaitEnd(id);
        caller.post(one + "/abort", "");
        caller.logs(id);
        String located = caller.organization("/environments/" + environment + "/test-workflow-executions/" + id);
        caller.get(located + "/logs");
        caller.get(located + "/artifacts/r.xml");
        caller.get(one + "/artifacts");
        caller.get(one + "/artifacts/r.xml");
        caller.stream(one + "/artifact-archive?mask=.*xml").readAllBytes();
        caller.run("w", "jk", "{}");
        caller.get(caller.environment("/test-workflow-executions?tagSelector=build%3Db-1&status=passed&pageSize=5"));
        caller.get(caller.environment("/test-workflows/w/executions"));
        caller.post(caller.environment("/test-workflows/none/executions"), "{}");
        caller.get(caller.environment("/test-workflow-executions/none"));
    }

    @Test
    public void theEmbeddedControlPlaneSpeaksAsTheDocumentsSay() {
        assertThat(life).hasSizeGreaterThan(40);
        OpenApiContract.check(life);
    }

    @Test
    public void everyAmendmentIsNeeded() {
        for (Amendment amendment : Amendment.values()) {
            Set<Amendment> others = EnumSet.allOf(Amendment.class);
            others.remove(amendment);
            OpenApiDocument document = new OpenApiDocument("control-plane.yaml", others);
            List<String> violations = new ArrayList<>();
            life.forEach(exchange -> violations.addAll(document.violations(exchange, exchange.path())));
            assertThat(violations).as(amendment.name()).isNotEmpty();
        }
    }

    private static Exchange first(String method, String pathRegex, int status) {
        return life.stream()
                .filter(e -> e.method().equals(method) && e.status() == status)
                .filter(e -> e.path().matches(pathRegex))
                .findFirst()
                .orElseThrow();
    }

    private static Exchange with(Exchange exchange, String query, String request, String response) {
        return new Exchange(
                exchange.method(),
                URI.create(exchange.path() + query),
                exchange.requestHeaders(),
                request.getBytes(StandardCharsets.UTF_8),
                exchange.status(),
                exchange.responseType(),
                response.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertViolates(Exchange exchange, String part) {
        assertThat(String.join("\n", OpenApiContract.violations(exchange))).contains(part);
    }

    @Test
    public void wrongRequestsAreSeen() {
        Exchange created = first("POST", ".*/agents", 201);
        assertViolates(
                with(created, "", created.requestText().replace("\"name\"", "\"nmae\""), created.responseText()),
                "[\"nmae\"]");
        assertViolates(
                with(created, "", created.requestText().replace("\"jk\"", "\"JK\""), created.responseText()),
                "request: validation.request.body.schema.pattern");
        Exchange started = first("POST", ".*/w/executions", 200);
        assertViolates(
                with(started, "", started.requestText().replace("\"b-1\"", "1"), started.responseText()),
                "request: validation.request.body.schema.type");
        assertViolates(
                with(first("GET", ".*/agents", 200), "?nope=1", "", "{\"elements\": []}"),
                "request: validation.request.parameter.query.unexpected");
    }

    @Test
    public void wrongAnswersAreSeen() {
        Exchange got = first("GET", ".*/test-workflow-executions/[0-9a-f]+", 200);
        assertViolates(with(got, "", "", got.responseText().replace("\"result\"", "\"outcome\"")), "[\"outcome\"]");
        assertViolates(
                with(got, "", "", got.responseText().replaceFirst("\"status\":\"\\w+\"", "\"status\":\"done\"")),
                "response: validation.response.body.schema.enum");
        Exchange missing = first("GET", ".*/agents/gone", 404);
        assertViolates(with(missing, "", "", "{}"), "response: validation.response.body.schema.required");
    }

    @Test
    public void theRuleFailsATestThatPassesButSpeaksWrongly() throws Throwable {
        try (EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start()) {
            Statement speaksWrongly = new Statement() {
                @Override
                public void evaluate() {
                    new ControlPlaneCaller(controlPlane)
                            .get("/organizations/" + controlPlane.organizationId() + "/cats");
                }
            };
            Statement held = new OpenApiContract(() -> controlPlane).apply(speaksWrongly, Description.EMPTY);
            assertThatThrownBy(held::evaluate)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("/cats");
            controlPlane.forgetExchanges();
            new OpenApiContract(() -> controlPlane)
                    .apply(
                            new Statement() {
                                @Override
                                public void evaluate() {
                                    new ControlPlaneCaller(controlPlane)
                                            .get("/organizations/" + controlPlane.organizationId() + "/agents");
                                }
                            },
                            Description.EMPTY)
                    .evaluate();
        }
    }
}
