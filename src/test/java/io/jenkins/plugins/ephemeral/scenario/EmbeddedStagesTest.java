package io.jenkins.plugins.ephemeral.scenario;

import static io.jenkins.plugins.ephemeral.scenario.ScenarioRig.assertResult;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The stages' scenarios on the embedded cluster, and those of which a real one would show nothing else. */
public class EmbeddedStagesTest extends StageScenarios {
    private static final String ONE = "sha256:" + "1".repeat(64);
    private static final String OTHER = "sha256:" + "2".repeat(64);

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    public EmbeddedStagesTest() {
        super(null);
    }

    private static StageEntry entry(io.jenkins.plugins.ephemeral.report.Report report, String name) {
        return report.stages.stream()
                .filter(stage -> stage.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    public void anApplyRunsTheImageThatItsPlanRanThoughTheTagHasMoved() throws Exception {
        rig.stage().embedded().images().digest("busybox:1.35", ONE);
        Path go = folder.getRoot().toPath().resolve("go");
        PipelineRun run = rig.start(in(job(
                        "plan",
                        "type: 'plan', commit: 'abc123'",
                        "echo begun; while [ ! -e " + go + " ]; do sleep 0.1; done; exit 2")
                + job("apply", "type: 'apply', after: 'plan'", "echo of $EPHEMERAL_COMMIT; sleep 1")
                + job("check", "after: 'apply'", "sleep 1")
                + job("late", "type: 'apply', after: 'plan'", "echo never")
                        .replace("busybox:1.35", "busybox@" + OTHER)));
        run.waitForMessage("[plan] begun");
        rig.stage().embedded().images().digest("busybox:1.35", OTHER);
        Files.createFile(go);

        assertResult(run, Result.FAILURE);
        assertThat(entry(rig.report(run), "plan").imageDigest).isEqualTo(ONE);
        for (String name : new String[] {"apply", "check"}) {
            StageEntry entry = entry(rig.report(run), name);
            assertThat(entry.outcome).as(run.console()).isEqualTo("SUCCEEDED");
            assertThat(entry.image).isEqualTo("busybox:1.35@" + ONE);
            assertThat(entry.imageDigest).as("what the node ran").isEqualTo(ONE);
            assertThat(entry.commit).isEqualTo("abc123");
        }
        assertThat(run.console())
                .contains("[apply] of abc123")
                .contains(
                        "it ran image busybox:1.35 with digest " + ONE + ", and this stage would run busybox@" + OTHER)
                .doesNotContain("[late] never");
        rig.assertNothingIsLeft();
    }

    @Test
    public void outputsAreArchivedAlsoAfterARestartInTheMiddle() throws Exception {
        Path go = folder.getRoot().toPath().resolve("go");
        PipelineRun run = rig.start(in(job(
                "plan",
                "type: 'plan', outputs: 'tf.plan', archiveOutputs: true",
                "echo the plan >tf.plan; echo begun; while [ ! -e " + go + " ]; do sleep 0.1; done; exit 2")));
        run.waitForMessage("[plan] begun");
        run.kill();
        Files.createFile(go);
        run.resume();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("[plan] outputs are archived as ephemeral-outputs/plan.tar");
        Path artifact = run.build().getArtifactsDir().toPath().resolve("ephemeral-outputs/plan.tar");
        assertThat(Files.readString(artifact, StandardCharsets.ISO_8859_1)).contains("tf.plan", "the plan");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aStageThatEndsByAFaultHoldsItsLockAsLongAsItsPodRuns() throws Exception {
        Path end = folder.getRoot().toPath().resolve("end");
        PipelineRun run = rig.start(in("try {\n"
                + job("first", "lock: 'net'", "echo in; while [ ! -e " + end + " ]; do sleep 0.1; done")
                + "} catch (e) { echo 'caught' }\n" + job("second", "lock: 'net'", "echo in")));
        run.waitForMessage("[first] in");
        rig.stage().embedded().faults().on("GET", ".*/pods").status(403);
        run.waitForMessage("caught");
        rig.stage().embedded().faults().clear();
        run.waitForMessage("[second] waiting for lock 'net', still taken by dev/");
        Files.createFile(end);

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("caught", "[first] lock 'net' stays taken", "[second] in");
        assertThat(entry(rig.report(run), "first").verdict).isEqualTo(Verdict.ERROR);
        rig.assertNothingIsLeft();
    }

    @Test
    public void aNameBelongsToOneStage() throws Exception {
        PipelineRun run = rig.start(in(job("check", "type: 'custom'", "echo one")
                + "try {\n" + job("check", "type: 'custom'", "echo two")
                + "} catch (e) { echo \"caught ${e.message}\" }\n"
                + "for (int i = 0; i < 2; i++) {\n" + job("round", "type: 'custom'", "echo round") + "}"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains(
                        "caught Stage 'check': there is a stage of this name in this build already, which ended as SUCCEEDED")
                .contains("Stage 'round': there is a stage of this name in this build already")
                .doesNotContain("[check] two");
        assertThat(entry(rig.report(run), "check").outcome).isEqualTo("SUCCEEDED");
        rig.assertNothingIsLeft();
    }

    @Test
    public void namesThatComeToTheSameVariableAreRefused() throws Exception {
        PipelineRun run = rig.start(in(job("net-a", "type: 'custom'", "echo one")
                + "ephemeralJob name: 'Net A', executor: terrakube(workspace: 'net', template: 'Plan and apply')\n"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("Stage 'Net A': there is a stage 'net-a' in this build")
                .contains("the outcome of both would be in EPHEMERAL_NET_A_OUTCOME");
        rig.assertNothingIsLeft();
    }

    @Test
    public void branchesDoNotShareAName() throws Exception {
        PipelineRun run = rig.start(in("parallel(\n" + "a: { " + job("same", "type: 'custom'", "echo begun; exit 1")
                + " },\n" + "b: { " + job("same", "type: 'custom'", "echo begun; exit 1") + " })"));

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("Stage 'same': there is a stage of this name in this build already")
                .containsOnlyOnce("[same] begun");
        rig.assertNothingIsLeft();
    }

    @Test
    public void theSameStageMayBeRepeated() throws Exception {
        PipelineRun run = rig.start(in("int rounds = 0\n" + "retry(2) {\n" + job("plan", "type: 'plan'", "echo planned")
                + "  rounds++\n  if (rounds < 2) { error 'flaky' }\n}\n"
                + "try {\n" + job("check", "type: 'custom'", "echo first; exit 1") + "} catch (e) {\n"
                + job("check", "type: 'custom'", "echo second") + "}"));

        assertResult(run, Result.SUCCESS);
        assertThat(run.console().split("\\[plan\\] planned", -1)).hasSize(3);
        assertThat(run.console()).contains("[check] first", "[check] second");
        assertThat(rig.report(run).stages).hasSize(2);
        assertThat(entry(rig.report(run), "check").outcome).isEqualTo("SUCCEEDED");
        rig.assertNothingIsLeft();
    }
}
