package io.jenkins.plugins.ephemeral.bench.testkube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.Assume.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** How steps nest, depend on each other and come out. */
public class StepsTest {
    private final EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start();
    private final ControlPlaneCaller caller = new ControlPlaneCaller(controlPlane);

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> controlPlane);

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Before
    public void agent() {
        caller.connectedAgent("jk");
    }

    @After
    public void close() {
        controlPlane.close();
    }

    private JsonNode run(String spec) {
        caller.createWorkflow(
                """
                apiVersion: testworkflows.testkube.io/v1
                kind: TestWorkflow
                metadata: {name: w}
                spec:
                """
                        + spec.indent(2));
        return caller.awaitEnd(caller.run("w", "jk", "{}"));
    }

    /** {@code label=status}, groups before what they contain. */
    private static List<String> outcome(JsonNode execution) {
        List<String> outcome = new ArrayList<>();
        collect(execution.path("signature"), execution.at("/result/steps"), outcome);
        return outcome;
    }

    private static void collect(JsonNode signature, JsonNode steps, List<String> outcome) {
        for (JsonNode step : signature) {
            String label = step.path("name").asText(step.path("category").asText());
            outcome.add(label + "="
                    + steps.path(step.path("ref").asText()).path("status").asText());
            collect(step.path("children"), steps, outcome);
        }
    }

    private String log(JsonNode execution) {
        return caller.logs(execution.path("id").asText());
    }

    @Test
    public void aStepWithSeveralOperationsIsAGroup() {
        JsonNode done = run(
                """
                container: {workingDir: /data}
                steps:
                - name: tests
                  content: {files: [{path: /data/in.txt, content: input}]}
                  setup: [{name: prepare, shell: 'cp in.txt copy.txt'}]
                  shell: 'cat copy.txt; exit 1'
                  artifacts: {paths: [copy.txt]}
                - {name: only on failure, condition: failed, shell: 'echo sorry'}
                - {name: never, condition: never, shell: 'echo never'}
                """);
        assertThat(outcome(done))
                .containsExactly(
                        "tests=failed",
                        "prepare=passed",
                        "Run shell command=failed",
                        "Upload artifacts=passed",
                        "only on failure=passed",
                        "never=skipped");
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
        assertThat(log(done)).contains("input").contains("sorry").contains("Found and uploaded 1 files.");
    }

    @Test
    public void anUploadAloneInItsStepIsSkippedAfterAFailureUnlessItSaysSo() {
        JsonNode done = run(
                """
                steps:
                - {name: broken, shell: 'exit 1'}
                - {name: skipped upload, artifacts: {paths: ['*.txt']}}
                - {name: upload, condition: always, artifacts: {paths: ['*.txt']}}
                """);
        assertThat(outcome(done)).containsExactly("broken=failed", "skipped upload=skipped", "upload=passed");
    }

    @Test
    public void aGroupEndsAtItsTimeLimit() {
        JsonNode done = run(
                """
                steps:
                - name: group
                  timeout: 200ms
                  steps:
                  - {name: slow, shell: 'sleep 30'}
                  - {name: after, shell: 'true'}
                """);
        assertThat(outcome(done)).containsExactly("group=timeout", "slow=timeout", "after=skipped");
        assertThat(done.at("/result/status").asText()).isEqualTo("failed");
    }

    @Test
    public void anOptionalOrNegatedGroupDoesNotFail() {
        JsonNode done = run(
                """
                steps:
                - {name: optional, optional: true, steps: [{name: a, shell: 'exit 1'}, {name: b, shell: 'true'}]}
                - {name: negated, negative: true, steps: [{name: c, shell: 'exit 1'}, {name: d, shell: 'true'}]}
                """);
        assertThat(outcome(done))
                .containsExactly("optional=failed", "a=failed", "b=skipped", "negated=passed", "c=failed", "d=skipped");
        assertThat(done.at("/result/status").asText()).isEqualTo("passed");
    }

    @Test
    public void commandsAndDelaysRunAsTheyAre() {
        JsonNode done = run(
                """
                steps:
                - {name: wait, delay: 10ms}
                - {name: command, run: {command: [printf], args: ['%s-', 'a b', c]}}
                """);
        assertThat(outcome(done)).containsExactly("wait=passed", "command=passed");
        assertThat(log(done)).contains(" a b-c-\n");
        assertThat(done.at("/signature/0/category").asText()).isEqualTo("Delay: 10ms");
        assertThat(done.at("/signature/1/category").asText()).isEqualTo("Run");
    }

    @Test
    public void aTemplateInAStepBringsItsSteps() {
        caller.yaml(
                "POST",
                caller.environment("/test-workflow-templates"),
                """
                apiVersion: testworkflows.testkube.io/v1
                kind: TestWorkflowTemplate
                metadata: {name: official--say--v1}
                spec:
                  config: {text: {type: string, default: nothing}}
                  steps: [{name: say, shell: 'echo "said {{ config.text }}"'}]
                """);
        JsonNode done = run("steps: [{name: outer, template: {name: official/say/v1, config: {text: much}}}]");
        assertThat(log(done)).contains("said much");
    }

    @Test
    public void aRepositoryIsCloned() throws Exception {
        File repository = folder.newFolder("repository");
        assumeTrue("git is needed", git(repository, "init", "-q"));
        Files.writeString(repository.toPath().resolve("hello.txt"), "from the repository\n");
        git(repository, "add", "hello.txt");
        git(repository, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "one");
        JsonNode done = run(
                """
                content: {git: {uri: 'file://%s'}}
                container: {workingDir: /data/repo}
                steps: [{name: show, shell: 'cat hello.txt'}]
                """
                        .formatted(repository));
        assertThat(outcome(done)).containsExactly("Clone Git repository=passed", "show=passed");
        assertThat(log(done)).contains("from the repository");
    }

    private static boolean git(File directory, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command).directory(directory).start().waitFor() == 0;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    public void whatOnlyARealAgentCanDoIsRefusedByName() {
        String[] unsupported = {
            "services: {db: {image: x}}\nsteps: [{shell: 'true'}]",
            "steps: [{execute: {workflows: [{name: x}]}}]",
            "steps: [{parallel: {count: 2, shell: 'true'}}]",
            "content: {tarball: [{url: x, path: /data/x}]}\nsteps: [{shell: 'true'}]",
            "steps: [{shell: 'true', condition: 'a == b'}]",
            "steps: [{shell: 'true', retry: {count: 1, until: 'a == b'}}]",
            "steps: [{shell: 'true', timeout: 5 minutes}]",
            "steps: [{run: {image: x}}]",
            "steps: []",
        };
        StepPlanner planner = new StepPlanner(new Identifiers(Clock.systemUTC()));
        for (String spec : unsupported) {
            ObjectNode tree = Json.parseYaml(spec.getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> planner.plan(tree))
                    .as(spec)
                    .isInstanceOf(SpecificationError.class)
                    .hasMessageStartingWith("Cannot process Test Workflow specification\n");
        }
    }

    @Test
    public void onlyAccessorsAndConstantsAreExpressions() {
        JsonNode done =
                run("""
                steps: [{shell: 'echo "{{"{{"}} {{ workflow.name }}"'}]
                """);
        assertThat(log(done)).contains(" {{ w\n");
        caller.delete(caller.environment("/test-workflows/w"));
        JsonNode refused = run("steps: [{shell: 'echo {{ 1 + 2 }}'}]");
        assertThat(refused.at("/result/initialization/errorMessage").asText()).contains("accessors and constants only");
        caller.delete(caller.environment("/test-workflows/w"));
        JsonNode unknown = run("steps: [{shell: 'echo {{ execution.colour }}'}]");
        assertThat(unknown.at("/result/initialization/errorMessage").asText())
                .contains("error while accessing execution.colour: unknown variable");
    }
}
