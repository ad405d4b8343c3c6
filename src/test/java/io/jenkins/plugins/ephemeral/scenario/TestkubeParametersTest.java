package io.jenkins.plugins.ephemeral.scenario;

import static io.jenkins.plugins.ephemeral.scenario.ScenarioRig.assertResult;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.demo.BenchCredentials;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Jenkinsfiles with the parameters of ephemeralAgent, ephemeralApply and ephemeralWorkflow that few need. */
public class TestkubeParametersTest {
    @Rule
    public final ScenarioRig rig = new ScenarioRig(null);

    @Rule
    public final TemporaryFolder files = new TemporaryFolder();

    private static String workflow(String name, String shell) {
        return "---\napiVersion: testworkflows.testkube.io/v1\nkind: TestWorkflow\nmetadata: {name: " + name
                + "}\nspec:\n  steps:\n  - name: Step\n    shell: " + shell + "\n";
    }

    private static String in(String body) {
        return "ephemeralEnvironment(namePrefix: 't') {\n" + body + "\n}";
    }

    private static String apply(String manifests, String more) {
        return "ephemeralApply(manifests: '''" + manifests + "'''" + more + ")\n";
    }

    private TestkubeClient client() {
        var controlPlane = rig.stage().controlPlane();
        Connection connection = new Connection(
                controlPlane.url(),
                controlPlane.organizationId(),
                controlPlane.environmentId(),
                controlPlane.apiToken());
        return new TestkubeClients(connection.alone(), TestkubeClients.newHttpClient(), new Outside()).client("");
    }

    private List<String> statuses() {
        return rig.stage().controlPlane().executions().stream()
                .map(run -> run.at("/workflow/name").asText()
                        + ' '
                        + run.at("/result/status").asText())
                .toList();
    }

    @Test
    public void oneAtATimeTheFirstThatFailsEndsTheOthers() throws Exception {
        PipelineRun run = rig.start(in("def agent = ephemeralAgent()\n"
                + apply(workflow("good", "exit 0") + workflow("bad", "exit 3") + workflow("last", "exit 0"), "")
                + "def r = ephemeralWorkflow(workflows: ['good', 'bad', 'last'], maxConcurrent: 1, failFast: true,"
                + " failBuild: false, target: [name: agent.name], tags: [why: 'scenario'])\n"
                + "echo \"passed ${r.passedWorkflows} failed ${r.failedWorkflows} aborted ${r.abortedWorkflows}"
                + " of ${r.total}, ${r.executionIds.size()} runs, outputs ${r.outputs}\""));

        assertResult(run, Result.SUCCESS);
        assertThat(run.console())
                .contains("passed [good] failed [bad] aborted [last] of 3, 2 runs, outputs [:]")
                .contains("[last] not run: Another workflow did not pass, and failFast is set.");
        assertThat(statuses()).containsExactly("good passed", "bad failed");
        assertThat(rig.stage().controlPlane().executions())
                .allMatch(execution -> execution.at("/tags/why").asText().equals("scenario"));
        rig.assertNothingIsLeft();
    }

    @Test
    public void aTargetThatNobodyHasSaysSo() throws Exception {
        PipelineRun run = rig.start(in("ephemeralAgent()\n" + apply(workflow("good", "exit 0"), "")
                + "ephemeralWorkflow(workflows: ['good'], target: [group: 'eu,us'])"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("no runner matches the target")
                .contains("Check that an agent with the labels of target is connected. With onlyWhenMatches: false the"
                        + " run waits for one.");
        rig.assertNothingIsLeft();
    }

    @Test
    public void whatTheControlPlaneAbortsIsRepeated() throws Exception {
        Path go = files.getRoot().toPath().resolve("go");
        PipelineRun run = rig.start(
                in(
                        "ephemeralAgent()\n"
                                + apply(workflow("w", "echo under way; test -f " + go + " || sleep 300"), "")
                                + "def r = ephemeralWorkflow(workflows: ['w'], retries: 1)\necho \"passed ${r.passed} of ${r.total}\""));
        run.waitForMessage("under way");
        Files.createFile(go);
        client().abort(rig.stage().controlPlane().executions().get(0).path("id").asText());

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("[w] is run again, 1 of 1 times", "passed 1 of 1");
        List<WorkflowEntry.Execution> runs = rig.report(run).workflows.get(0).executions;
        assertThat(runs).extracting(each -> each.superseded).containsExactly(true, false);
        rig.assertNothingIsLeft();
    }

    @Test
    public void anApplicationIsWaitedForAndItsTriggersRunIsTaken() throws Exception {
        EphemeralConfiguration.get().setApplicationKinds("Deployment");
        String web = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
                + "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
                + "      containers:\n      - {name: web, image: 'busybox:1.35', command: [sleep, '600']}\n";
        String trigger = "---\napiVersion: tests.testkube.io/v1\nkind: TestTrigger\nmetadata: {name: rollout}\nspec:\n"
                + "  resource: deployment\n  resourceSelector: {labelSelector: {matchLabels: {app: web}}}\n"
                + "  event: modified\n  action: run\n  execution: testworkflow\n  testSelector: {name: smoke}\n";
        PipelineRun run = rig.start(in("ephemeralAgent(triggers: true)\n"
                + apply(workflow("smoke", "exit 0") + trigger + web, ", waitFor: 'available', timeout: '1m'")
                + "def r = ephemeralWorkflow(awaitTriggered: ['smoke'], timeout: '1m')\n"
                + "echo \"triggered ${r.passedWorkflows} ${r.executionIds}\""));
        run.waitForMessage("[Pipeline] ephemeralWorkflow");
        var known = rig.stage().controlPlane().triggers().get(0);
        Map<String, String> tags = new java.util.TreeMap<>();
        known.at("/actionParameters/tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        assertThat(tags).containsKeys("ephemeral-environment", "jenkins-controller");
        // the bench's triggers never fire: this is what the listener would ask for
        String agent = known.at("/listener/match/name/0").asText();
        String id = client().start("smoke", new ExecutionRequest(agent, Map.of(), tags))
                .id();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("triggered [smoke] [" + id + "]");
        rig.assertNothingIsLeft();
        assertThat(rig.stage().controlPlane().triggers()).isEmpty();
    }

    @Test
    public void aDefinitionOfSomebodyElseIsLeftAloneAndItsOwnerNamed() throws Exception {
        client().upsert(
                        TestkubeResourceKind.WORKFLOW,
                        "smoke",
                        "{\"apiVersion\": \"testworkflows.testkube.io/v1\", \"kind\": \"TestWorkflow\", \"metadata\":"
                                + " {\"name\": \"smoke\", \"labels\": {\"jenkins.io/controller\": \"another\"}},"
                                + " \"spec\": {}}");
        PipelineRun run =
                rig.start(in("ephemeralAgent()\n" + apply(workflow("smoke", "exit 0"), ", definitions: 'own'")));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("one of that name is there, which says something else and belongs to another Jenkins"
                        + " controller, another.");
        rig.assertNothingIsLeft();
    }

    @Test
    public void nestedBlocksDoNotWaitForEachOthersSharedAgent() throws Exception {
        TestkubeAgent shared = client().createAgent(new AgentRequest("the-shared-one", Map.of(), true))
                .orElseThrow();
        BenchCredentials.secretText(
                "shared-agent", "runner.id=" + shared.id() + " runner.secret=" + shared.secretKey());
        var testkube = EphemeralConfiguration.get().getTestkubes().get(0);
        testkube.setSharedCredentialsId("shared-agent");
        testkube.setQueueNamespace("default");
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 'outer') {\nephemeralAgent(mode: 'shared')\n"
                + "ephemeralEnvironment(namePrefix: 'inner') {\nephemeralAgent(mode: 'shared')\n}\n}");

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("waiting for the shared agent")
                .contains("around this one has it, or gets it before, and keeps it until its block ends");
        await().until(() -> rig.left().equals(List.of("the-shared-one")));
    }
}
