package io.jenkins.plugins.ephemeral.scenario;

import static io.jenkins.plugins.ephemeral.scenario.ScenarioRig.assertResult;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.fabric8.kubernetes.api.model.Pod;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import java.util.List;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.junit.Rule;
import org.junit.Test;

/** Stages that belong together, from Jenkinsfiles; the embedded and the real cluster run the same. */
public abstract class StageScenarios {
    @Rule
    public final ScenarioRig rig;

    /** @param kubeconfig that of the cluster, or null for the embedded one */
    StageScenarios(String kubeconfig) {
        rig = new ScenarioRig(kubeconfig);
    }

    static String in(String body) {
        return "ephemeralEnvironment(cloud: 'dev') {\n" + body + "\n}";
    }

    static String job(String name, String parameters, String script) {
        return "ephemeralJob(name: '" + name + "', image: 'busybox:1.35', " + parameters + ", command: ['sh', '-c', '"
                + script + "'])\n";
    }

    @Test
    public void aStageWithoutChangesIsSkippedWithAWarningOnItsNode() throws Exception {
        PipelineRun run = rig.start(in(job("plan", "type: 'plan'", "exit 0")
                + job("apply", "type: 'apply', after: 'plan'", "echo never")
                + job("check", "after: 'apply'", "echo never")));

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("[apply] skipped: Stage plan found nothing to do", "[check] skipped");
        assertThat(run.console()).doesNotContain("[apply] never");
        assertThat(run.nodes().stream()
                        .flatMap(node -> node.getActions(WarningAction.class).stream())
                        .map(WarningAction::getMessage))
                .hasSize(2)
                .anyMatch(message -> message.startsWith("apply skipped: Stage plan found nothing to do"));
        rig.assertNothingIsLeft();
    }

    @Test
    public void anApplySaysWhatItComesAfter() throws Exception {
        PipelineRun run = rig.start(in(job("loose", "type: 'apply', after: 'none'", "echo applied")
                + job("apply", "type: 'apply'", "echo never")));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("[loose] applied", "parameter after", "after: 'none'");
        assertThat(run.console()).doesNotContain("[apply] never");
        rig.assertNothingIsLeft();
    }

    @Test
    public void theCommitIsHandedOn() throws Exception {
        PipelineRun run =
                rig.start(in(job("plan", "type: 'plan', commit: 'abc123'", "echo of $EPHEMERAL_COMMIT; exit 2")
                        + job("apply", "type: 'apply', after: 'plan'", "echo also of $EPHEMERAL_COMMIT")
                        + job("late", "type: 'apply', after: 'plan', commit: 'def456'", "echo never")));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("[apply] also of abc123", "it is of commit abc123");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aLostStageIsRunAgainAndAProgramsFailureIsNot() throws Exception {
        PipelineRun run = rig.start(in("retry(count: 3, conditions: [ephemeralInfrastructure()]) {\n"
                + job("plan", "type: 'plan'", "trap \"\" TERM; echo begun; sleep 4; exit 3")
                + "}"));
        run.waitForMessage("[plan] begun");
        deleteThePod();

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage plan ended as DISRUPTED", "Stage plan ended as FAILED (exit code 3)");
        assertThat(count(run.console(), "[plan] begun")).isEqualTo(2);
        assertThat(rig.report(run).stages).singleElement().satisfies(stage -> assertThat(stage.exitCode)
                .isEqualTo(3));
        rig.assertNothingIsLeft();
    }

    @Test
    public void anApplyIsNeverRunAgain() throws Exception {
        PipelineRun run = rig.start(in("retry(count: 3, conditions: [ephemeralInfrastructure()]) {\n"
                + job(
                        "apply",
                        "type: 'apply', after: 'none', terminationGracePeriodSeconds: 1",
                        "trap \"\" TERM; echo begun; sleep 60")
                + "}"));
        run.waitForMessage("[apply] begun");
        deleteThePod();

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage apply ended as DISRUPTED");
        assertThat(count(run.console(), "[apply] begun")).isEqualTo(1);
        rig.assertNothingIsLeft();
    }

    /** It takes its grace, as it does not hear the signal: so it can be seen that it is being deleted. */
    private void deleteThePod() {
        List<Pod> pods = rig.stage()
                .client()
                .pods()
                .inNamespace(rig.left().get(0))
                .withLabel(Labels.STAGE)
                .list()
                .getItems();
        rig.stage().client().resource(pods.get(0)).withGracePeriod(1).delete();
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }
}
