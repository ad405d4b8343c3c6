package io.jenkins.plugins.ephemeral.bench.testkube;

import static io.jenkins.plugins.ephemeral.bench.testkube.ControlPlaneCaller.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class EmbeddedControlPlaneRunsTest {
    private static final String HEAD =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata: {name: w, labels: {tier: smoke}}
            spec:
            """;
    private static final String ZERO = "0001-01-01T00:00:00Z";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);

    private EmbeddedControlPlane controlPlane;
    private ControlPlaneCaller caller;

    @Before
    public void start() {
        start(EmbeddedControlPlane.builder());
    }

    @After
    public void close() {
        controlPlane.close();
    }

    private void start(EmbeddedControlPlane.Builder builder) {
        if (controlPlane != null) {
            controlPlane.close();
        }
        controlPlane = builder.start();
        caller = new ControlPlaneCaller(controlPlane);
    }

    private void workflow(String spec) {
        caller.createWorkflow(HEAD + spec.indent(2));
    }

    private JsonNode runToEnd(String config) {
        caller.connectedAgent("jk");
        return caller.awaitEnd(caller.run("w", "jk", config));
    }

    private static JsonNode step(JsonNode execution, int index) {
        String ref = execution.at("/signature/" + index + "/ref").asText();
        return execution.at("/result/steps/" + ref);
    }

    private static List<String> stepStatuses(JsonNode execution) {
        List<String> statuses = new ArrayList<>();
        for (int i = 0; i < execution.path("signature").size(); i++) {
            statuses.add(step(execution, i).path("status").asText());
        }
        return statuses;
    }

    @Test
    public void anExecutionWaitsForItsAgentAndGoesThroughAllStates() {
        workflow(
                """
                steps:
                - {name: Say, id: say, shell: 'echo hello'}
                """);
        JsonNode agent = caller.createAgent("jk");
        String id = caller.run("w", "jk", "{}");
        JsonNode queued = caller.execution(id);
        assertThat(queued.at("/result/status").asText()).isEqualTo("queued");
        assertThat(queued.at("/result/finishedAt").asText()).isEqualTo(ZERO);
        assertThat(queued.path("assignedAt").asText()).isEqualTo(ZERO);
        assertThat(queued.has("signature")).isFalse();
        assertThat(queued.path("name").asText()).isEqualTo("w-1");
        assertThat(id).matches("[0-9a-f]{24}");

        for (String status : new String[] {"starting", "scheduling", "running"}) {
            controlPlane.holdBefore(status);
        }
        controlPlane.connect(agent.path("id").asText(), agent.path("secretKey").asText());
        caller.awaitStatus(id, "assigned");
        assertThat(caller.execution(id).path("runnerId").asText())
                .isEqualTo(agent.path("id").asText());
        controlPlane.releaseHeld();

        JsonNode done = caller.awaitEnd(id);
        assertThat(done.at("/result/status").asText()).isEqualTo("passed");
        assertThat(done.at("/result/finishedAt").asText()).isNotEqualTo(ZERO);
        assertThat(done.at("/result/initialization/status").asText()).isEqualTo("passed");
        assertThat(done.at("/signature/0/name").asText()).isEqualTo("Say");
        assertThat(done.at("/signature/0/id").asText()).isEqualTo("say");
        assertThat(done.at("/signature/0/category").asText()).isEqualTo("Run shell command");
        assertThat(step(done, 0).has("exitCode")).isFalse();
        assertThat(done.at("/tags/build").asText()).isEqualTo("b-1");
        assertThat(done.at("/workflow/labels/tier").asText()).isEqualTo("smoke");
        assertThat(statesOf(done))
                .containsSubsequence("queued", "assigned", "starting", "scheduling", "running", "passed");
    }

    private List<String> statesOf(JsonNode execution) {
        List<String> states = new ArrayList<>(List.of("queued"));
        for (JsonNode frame : notifications(execution.path("id").asText(), "")) {
            String status = frame.at("/result/status").asText();
            if (!status.isEmpty() && !status.equals(states.get(states.size() - 1))) {
                states.add(status);
            }
        }
        return states;
    }

    @Test
    public void theLogHasTimestampsAndControlLines() {
        workflow(
                """
                steps:
                - {name: One, shell: 'echo first; echo second >&2'}
                - {name: Two, shell: 'echo third'}
                """);
        JsonNode done = runToEnd("{}");
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z ";
        String one = done.at("/signature/0/ref").asText();
        String two = done.at("/signature/1/ref").asText();
        assertThat(caller.logs(done.path("id").asText()))
                .matches("(?s)" + time + "Configuring state\n"
                        + "\n\u0001\u0005\u0006" + one + "\u0003start\u0003\n"
                        + time + "first\n" + time + "second\n"
                        + "\n\u0001\u0005\u0006" + two + "\u0003start\u0003\n"
                        + time + "third\n");
    }

    @Test
    public void thereIsNoLogBeforeTheEnd() {
        workflow("steps: [{shell: 'sleep 30'}]");
        caller.connectedAgent("jk");
        String id = caller.run("w", "jk", "{}");
        caller.awaitStatus(id, "running");
        assertThat(caller.get(caller.environment("/test-workflow-executions/" + id + "/logs"))
                        .statusCode())
                .isEqualTo(500);
    }

    @Test
    public void stepsFailAreSkippedIgnoredNegatedAndRetried() {
        workflow(
                """
                content: {files: [{path: /data/count, content: ''}]}
                steps:
                - {name: ignored, shell: 'exit 4', optional: true}
                - {name: negated, shell: 'exit 5', negative: true}
                - {name: retried, shell: 'echo x >> /data/count; test $(wc -l < /data/count) -ge 3', retry: {count: 5}}
                - {name: slow, shell: 'sleep 30', timeout: 100ms, optional: true}
                - {name: broken, run: {shell: 'exit 3'}}
                - {name: skipped, shell: 'echo never'}
                - {name: kept, condition: always, shell: 'cat /data/count | wc -l'}
                """);
        JsonNode done = runToEnd("{}");
        assertThat(stepStatuses(done))
                .containsExactly("failed", "passed", "passed", "timeout", "failed", "skipped", "passed");
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
        assertThat(step(done, 0).path("exitCode").asDouble()).isEqualTo(4.0);
        assertThat(step(done, 1).path("exitCode").asDouble()).isEqualTo(5.0);
        assertThat(step(done, 4).path("exitCode").asDouble()).isEqualTo(3.0);
        assertThat(done.at("/signature/0/optional").asBoolean()).isTrue();
        assertThat(caller.logs(done.path("id").asText()))
                .contains("Retrying: attempt #2 (of 5)")
                .doesNotContain("attempt #3")
                .doesNotContain("never");
    }

    @Test
    public void configIsResolvedAndItsDefaultsAreUsed() {
        workflow(
                """
                config:
                  who: {type: string}
                  times: {type: integer, default: 2}
                container: {env: [{name: GREETING, value: 'hi {{ config.who }}'}], workingDir: /data/sub}
                steps:
                - {shell: 'echo "$GREETING x{{ config.times }} {{ execution.name }} {{ env.GREETING }}"; pwd'}
                """);
        JsonNode done = runToEnd("{\"who\": \"Ada\"}");
        assertThat(done.at("/result/status").asText()).isEqualTo("passed");
        assertThat(caller.logs(done.path("id").asText()))
                .contains("hi Ada x2 w-1 hi Ada")
                .contains(" /data/sub\n");
        assertThat(done.at("/configParams/who/value").asText()).isEqualTo("Ada");
        assertThat(done.at("/resolvedWorkflow/spec/steps/0/shell").asText()).contains("x2");
    }

    @Test
    public void aMissingOrWrongValueAbortsTheExecutionAtOnce() {
        workflow(
                """
                config: {who: {type: string}, times: {type: integer, default: 1}}
                steps: [{shell: 'echo {{ config.who }} {{ config.times }}'}]
                """);
        JsonNode missing = runToEnd("{}");
        assertThat(missing.at("/result/status").asText()).isEqualTo("aborted");
        assertThat(missing.at("/result/initialization/errorMessage").asText())
                .contains("Cannot inline Test Workflow configuration")
                .contains("error while accessing config.who: unknown variable");
        JsonNode wrong = caller.awaitEnd(caller.run("w", "jk", "{\"who\": \"A\", \"times\": \"many\"}"));
        assertThat(wrong.at("/result/initialization/errorMessage").asText()).contains("'many' is no integer");
    }

    @Test
    public void templatesAreMerged() {
        HttpResponse<String> created = caller.yaml(
                "POST",
                caller.environment("/test-workflow-templates"),
                """
                apiVersion: testworkflows.testkube.io/v1
                kind: TestWorkflowTemplate
                metadata: {name: defaults}
                spec:
                  config: {level: {type: string, default: low}}
                  container: {env: [{name: LEVEL, value: '{{ config.level }}'}], workingDir: /data/t}
                  setup: [{name: prepare, shell: 'echo prepared > /data/mark'}]
                """);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        workflow(
                """
                use: [{name: defaults, config: {level: high}}]
                container: {workingDir: /data/own}
                steps: [{name: show, shell: 'echo $LEVEL $(cat /data/mark); pwd'}]
                """);
        JsonNode done = runToEnd("{}");
        assertThat(done.at("/signature/0/name").asText()).isEqualTo("prepare");
        assertThat(caller.logs(done.path("id").asText()))
                .contains("high prepared")
                .contains("/data/own");
    }

    @Test
    public void aMissingTemplateAbortsTheExecution() {
        workflow("{use: [{name: nowhere}], steps: [{shell: 'true'}]}");
        JsonNode done = runToEnd("{}");
        assertThat(done.at("/result/initialization/errorMessage").asText())
                .contains("Cannot fetch required Test Workflow Templates")
                .contains("nowhere");
    }

    @Test
    public void abortKillsWhatRuns() throws Exception {
        Path alive = folder.getRoot().toPath().resolve("pid");
        workflow(
                """
                steps:
                - {name: long, shell: 'sh -c "echo $$ > %s; sleep 300; true"'}
                - {name: after, condition: always, shell: 'echo no'}
                """
                        .formatted(alive));
        caller.connectedAgent("jk");
        String id = caller.run("w", "jk", "{}");
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(alive) && Files.size(alive) > 0);
        long pid = Long.parseLong(Files.readString(alive).trim());
        String abort = caller.environment("/test-workflow-executions/" + id + "/abort");
        assertThat(caller.post(abort, "").statusCode()).isEqualTo(204);
        JsonNode done = caller.awaitEnd(id);
        assertThat(done.at("/result/status").asText()).isEqualTo("aborted");
        assertThat(stepStatuses(done)).containsExactly("aborted", "skipped");
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        assertThat(caller.post(abort, "").statusCode()).isEqualTo(400);
    }

    @Test
    public void aQueuedExecutionIsAbortedAtOnceAndNeverRuns() {
        start(EmbeddedControlPlane.builder().abortsEndAs("canceled"));
        workflow("steps: [{shell: 'echo no'}]");
        JsonNode agent = caller.createAgent("jk");
        String id = caller.run("w", "jk", "{}");
        caller.post(caller.environment("/test-workflows/w/executions/" + id + "/abort"), "");
        assertThat(caller.execution(id).at("/result/status").asText()).isEqualTo("canceled");
        controlPlane.connect(agent.path("id").asText(), agent.path("secretKey").asText());
        assertThat(caller.execution(id).at("/result/status").asText()).isEqualTo("canceled");
    }

    @Test
    public void anImageThatCannotBePulledFailsTheInitialization() {
        start(EmbeddedControlPlane.builder().unpullableImage("nowhere/none:1"));
        workflow("{container: {image: 'nowhere/none:1'}, steps: [{shell: 'true'}]}");
        JsonNode done = runToEnd("{}");
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
        assertThat(done.at("/result/initialization/errorMessage").asText()).contains("ImagePullBackOff");
        assertThat(stepStatuses(done)).containsExactly("skipped");
    }

    @Test
    public void artifactsAreListedReadAndPacked() throws Exception {
        workflow(
                """
                container: {workingDir: /data/app}
                steps:
                - name: test
                  shell: |
                    mkdir -p out/deep
                    echo '<testsuite><testcase time="0.5"/><testcase><failure/></testcase></testsuite>' > out/TEST-a.xml
                    echo text > 'out/deep/with space+.txt'
                    echo hidden > secret.txt
                    exit 1
                  artifacts: {paths: ['out/**/*']}
                """);
        JsonNode done = runToEnd("{}");
        String base = caller.environment(
                "/test-workflow-executions/" + done.path("id").asText());
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
        List<String> names = new ArrayList<>();
        json(caller.get(base + "/artifacts"))
                .forEach(a -> names.add(a.path("name").asText()));
        assertThat(names).containsExactly("out/TEST-a.xml", "out/deep/with space+.txt");
        assertThat(caller.get(base + "/artifacts/out%2Fdeep%2Fwith%20space%252B.txt")
                        .body())
                .isEqualTo("text\n");
        assertThat(caller.get(base + "/artifacts/missing.txt").statusCode()).isEqualTo(500);
        assertThat(caller.get(base + "/artifacts/..%2F..%2Fetc%2Fpasswd").statusCode())
                .isEqualTo(500);
        assertThat(archive(base + "/artifact-archive")).containsOnlyKeys("out/TEST-a.xml", "out/deep/with space+.txt");
        assertThat(archive(base + "/artifact-archive?mask=.*%5C.txt")).containsOnlyKeys("out/deep/with space+.txt");
        assertThat(done.at("/reports/0/kind").asText()).isEqualTo("junit");
        assertThat(done.at("/reports/0/summary/tests").asInt()).isEqualTo(2);
        assertThat(done.at("/reports/0/summary/failed").asInt()).isEqualTo(1);
        assertThat(done.at("/reports/0/summary/duration").asInt()).isEqualTo(500);
    }

    @Test
    public void presignedUrlsNeedNoTokenAndTakeNone() {
        workflow("steps: [{shell: 'echo hi > a.txt; echo done', artifacts: {paths: ['a.txt']}}]");
        String id = runToEnd("{}").path("id").asText();
        String execution = caller.organization(
                "/environments/" + controlPlane.environmentId() + "/test-workflow-executions/" + id);
        String artifact = url(execution + "/artifacts/a.txt");
        assertThat(caller.send(HttpRequest.newBuilder(URI.create(artifact))).body())
                .isEqualTo("hi\n");
        assertThat(caller.send(HttpRequest.newBuilder(URI.create(artifact)).header("Authorization", "Bearer x"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(caller.send(HttpRequest.newBuilder(URI.create(artifact + "0")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(caller.send(HttpRequest.newBuilder(URI.create(url(execution + "/logs"))))
                        .body())
                .isEqualTo(caller.logs(id));
        assertThat(caller.send(HttpRequest.newBuilder(URI.create(url(execution + "/artifacts/b.txt"))))
                        .statusCode())
                .isEqualTo(404);
        assertThat(caller.get(execution.replace(id, "none") + "/logs").statusCode())
                .isEqualTo(404);
        start(EmbeddedControlPlane.builder().withoutPresignedUrls());
        assertThat(caller.get(execution + "/logs").statusCode()).isEqualTo(404);
    }

    private String url(String path) {
        return json(caller.get(path)).path("url").asText();
    }

    private Map<String, String> archive(String path) throws Exception {
        Map<String, String> files = new TreeMap<>();
        try (InputStream in = caller.stream(path);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                files.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    @Test
    public void notificationsAreReplayedFromAnyPosition() {
        workflow("steps: [{name: Say, shell: 'echo one; echo two'}]");
        String id = runToEnd("{}").path("id").asText();
        List<JsonNode> all = notifications(id, "");
        List<Integer> numbers = all.stream().map(f -> f.path("seqNo").asInt()).toList();
        for (int i = 0; i < numbers.size(); i++) {
            assertThat(numbers.get(i)).isEqualTo(i + 1);
        }
        assertThat(all).extracting(f -> f.path("eventType").asText()).contains("result", "log", "output");
        assertThat(all.get(all.size() - 1).at("/result/status").asText()).isEqualTo("passed");

        int middle = numbers.size() / 2;
        assertThat(notifications(id, "?resumeAfterSeqNo=" + middle)).isEqualTo(all.subList(middle, all.size()));
        List<JsonNode> beyond = notifications(id, "?resumeAfterSeqNo=" + (all.size() + 1));
        assertThat(beyond.get(0).path("eventType").asText()).isEqualTo("resume_unavailable");
        assertThat(beyond.subList(1, beyond.size())).isEqualTo(all);
        assertThat(caller.get(caller.environment(
                                "/test-workflow-executions/" + id + "/notifications?resumeAfterSeqNo=x"))
                        .statusCode())
                .isEqualTo(400);
    }

    private List<JsonNode> notifications(String id, String query) {
        String body = caller.get(caller.environment("/test-workflow-executions/" + id + "/notifications" + query))
                .body();
        return events(body.lines().toList());
    }

    private static List<JsonNode> events(List<String> lines) {
        List<JsonNode> frames = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("data: ")) {
                frames.add(Json.parse(line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8)));
            }
        }
        return frames;
    }

    @Test
    public void notificationsAreLiveAndBeat() throws Exception {
        start(EmbeddedControlPlane.builder().heartbeat(Duration.ofMillis(50)));
        Path go = folder.getRoot().toPath().resolve("go");
        workflow("steps: [{shell: 'echo before; while ! test -e %s; do sleep 0.05; done; echo after'}]".formatted(go));
        caller.connectedAgent("jk");
        String id = caller.run("w", "jk", "{}");
        List<String> seen = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                caller.stream(caller.environment("/test-workflow-executions/" + id + "/notifications")),
                StandardCharsets.UTF_8))) {
            boolean beat = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                seen.add(line);
                beat |= line.equals("event: heartbeat");
                if (beat && String.join("\n", seen).contains("before")) {
                    Files.writeString(go, "");
                }
            }
        }
        assertThat(String.join("\n", seen))
                .contains("event: heartbeat")
                .contains("before")
                .contains("after");
    }

    @Test
    public void listsAreFilteredByTagAndStatus() {
        workflow("steps: [{shell: 'true'}]");
        runToEnd("{}");
        String list = caller.environment("/test-workflow-executions");
        JsonNode mine = json(caller.get(list + "?tagSelector=build%3Db-1&status=passed"));
        assertThat(mine.at("/results/0/name").asText()).isEqualTo("w-1");
        assertThat(mine.at("/results/0/result/status").asText()).isEqualTo("passed");
        assertThat(mine.at("/filtered/passed").asInt()).isEqualTo(1);
        JsonNode others = json(caller.get(list + "?tagSelector=build%3Db-2"));
        assertThat(others.path("results").size()).isZero();
        assertThat(others.at("/totals/results").asInt()).isEqualTo(1);
        assertThat(json(caller.get(caller.environment("/test-workflows/w/executions?pageSize=1")))
                        .path("results")
                        .size())
                .isEqualTo(1);
    }

    @Test
    public void requestsThatCannotBeScheduledAreRefused() {
        workflow("steps: [{shell: 'true'}]");
        String executions = caller.environment("/test-workflows/w/executions");
        HttpResponse<String> noMatch = caller.post(
                executions,
                "{\"target\": {\"match\": {\"name\": [\"nobody\"]}, \"schedulerPolicy\": \"OnlyWhenMatches\"}}");
        assertThat(noMatch.statusCode()).isEqualTo(400);
        assertThat(json(noMatch).path("detail").asText()).contains("no runner matches");
        HttpResponse<String> queues = caller.post(executions, "{\"target\": {\"match\": {\"name\": [\"nobody\"]}}}");
        assertThat(json(queues).at("/result/status").asText()).isEqualTo("queued");
        assertThat(caller.post(executions, "{\"config\": {\"n\": 1}}").statusCode())
                .isEqualTo(400);
        HttpResponse<String> unknown = caller.post(caller.environment("/test-workflows/none/executions"), "{}");
        assertThat(unknown.statusCode()).isEqualTo(500);
        assertThat(json(unknown).path("detail").asText()).contains("invalid workflow id");
    }

    @Test
    public void anIndependentRunnerTakesOnlyRunsThatNameIt() {
        workflow("steps: [{shell: 'true'}]");
        caller.connectedAgent("jk");
        JsonNode untargeted = json(caller.post(caller.environment("/test-workflows/w/executions"), "{}"));
        caller.awaitEnd(caller.run("w", "jk", "{}"));
        assertThat(caller.execution(untargeted.path("id").asText())
                        .at("/result/status")
                        .asText())
                .isEqualTo("queued");
    }

    @Test
    public void workflowsAreCreatedReadChangedAndDeleted() {
        String all = caller.environment("/test-workflows");
        workflow("{config: {n: {type: integer, default: 3}}, steps: [{run: {shell: 'echo 1'}}]}");
        HttpResponse<String> again = caller.yaml("POST", all, HEAD + "  steps: []");
        assertThat(again.statusCode()).isEqualTo(400);
        assertThat(caller.yaml("POST", all, "kind: Pod").statusCode()).isEqualTo(400);
        assertThat(caller.yaml("PUT", all, HEAD + "  steps: []").statusCode()).isEqualTo(204);

        JsonNode api = json(caller.get(all + "/w"));
        assertThat(api.at("/spec/config/n/default/value").asText()).isEqualTo("3");
        assertThat(api.at("/spec/steps/0/run/shell/value").asText()).isEqualTo("echo 1");
        HttpResponse<String> yaml = caller.send(caller.request(all + "/w").header("Accept", "text/yaml"));
        assertThat(yaml.headers().firstValue("Content-Type")).contains("text/yaml");
        JsonNode resource = Json.parseYaml(yaml.body().getBytes(StandardCharsets.UTF_8));
        assertThat(resource.at("/metadata/name").asText()).isEqualTo("w");
        assertThat(resource.at("/spec/steps/0/run/shell").asText()).isEqualTo("echo 1");

        assertThat(caller.post(all, api.toString().replace("\"w\"", "\"copy\"")).statusCode())
                .isEqualTo(200);
        assertThat(json(caller.get(all + "/copy")).path("spec")).isEqualTo(api.path("spec"));
        assertThat(json(caller.get(all + "?selector=tier%3Dsmoke")).size()).isEqualTo(2);
        assertThat(json(caller.get(all + "?selector=tier%3Dother")).size()).isZero();

        assertThat(caller.yaml("PUT", all + "/w", HEAD + "  steps: [{shell: 'echo 2'}]")
                        .statusCode())
                .isEqualTo(200);
        assertThat(json(caller.get(all + "/w")).at("/spec/steps/0/shell").asText())
                .isEqualTo("echo 2");
        assertThat(caller.delete(all + "/w").statusCode()).isEqualTo(204);
        assertThat(caller.get(all + "/w").statusCode()).isEqualTo(404);
        assertThat(caller.yaml("PUT", all + "/w", HEAD + "  steps: []").statusCode())
                .isEqualTo(404);
    }
}
