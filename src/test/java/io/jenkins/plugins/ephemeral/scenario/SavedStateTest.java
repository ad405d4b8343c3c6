package io.jenkins.plugins.ephemeral.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;

/** What each running step adds to the saved program: intent and identity, at most 2 KiB of it. */
public class SavedStateTest {
    private static final int LIMIT_BYTES = 2_048;
    private static final String SLOW =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata:
              name: slow
            spec:
              container:
                image: busybox:1.35
              steps:
                - name: wait
                  shell: echo working; sleep 600
            """;

    @Rule
    public final ScenarioRig rig = new ScenarioRig(null);

    @Test
    public void theBlockAndAStageJob() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 'shop', ttl: '1h', quota: [pods: 20],"
                + " labels: [team: 'shop']) {\n"
                + "ephemeralJob name: 'apply', type: 'apply', after: 'none', image: 'busybox:1.35', env: [REGION: 'eu', WORKSPACE: 'shop'],"
                + " resources: [cpu: '500m', memory: '256Mi'], payload: '{\"jobId\":\"1\",\"terraformVersion\":\"1.9.0\"}',"
                + " command: ['sh', '-c', 'echo one; sleep 600']\n}");
        run.waitForMessage("[apply] one");
        assertSmall(run, "ephemeralEnvironment", "ephemeralJob");
        run.abort();
        ScenarioRig.assertResult(run, Result.ABORTED);
        rig.assertNothingIsLeft();
    }

    @Test
    public void aWorkflowRun() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't') {\nephemeralAgent()\n"
                + "ephemeralApply manifests: '''" + SLOW + "'''\n"
                + "ephemeralWorkflow workflows: ['slow'], tags: [team: 'shop'], config: [:]\n}");
        run.waitForMessage("working");
        assertSmall(run, "ephemeralEnvironment", "ephemeralWorkflow");
        run.abort();
        ScenarioRig.assertResult(run, Result.ABORTED);
        rig.assertNothingIsLeft();
    }

    @Test
    public void anAgentThatIsComing() throws Exception {
        rig.stage().controlPlane().beginOutage(io.jenkins.plugins.ephemeral.bench.testkube.Outage.SERVER_ERROR);
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't') { ephemeralAgent() }");
        run.waitForMessage("Environment t-");
        assertSmall(run, "ephemeralEnvironment");
        rig.stage().controlPlane().endOutage();
        ScenarioRig.assertResult(run, Result.SUCCESS);
        rig.assertNothingIsLeft();
    }

    private static void assertSmall(PipelineRun run, String... running) throws Exception {
        Map<String, Integer> bytes = run.build().savedBytes();
        assertThat(bytes).as(bytes.toString()).containsKeys(running);
        assertThat(bytes.values()).as(bytes.toString()).allMatch(size -> size <= LIMIT_BYTES);
    }
}
