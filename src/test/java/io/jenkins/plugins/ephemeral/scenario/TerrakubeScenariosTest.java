package io.jenkins.plugins.ephemeral.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import hudson.util.FormValidation;
import io.jenkins.plugins.ephemeral.bench.demo.BenchCredentials;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube;
import io.jenkins.plugins.ephemeral.bench.terrakube.EmbeddedTerrakube.Fault;
import io.jenkins.plugins.ephemeral.bench.terrakube.TerrakubeWorkspace;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.config.TerrakubeControlPlane;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Stages that a Terrakube control plane runs, from the Jenkinsfile to its jobs. */
public class TerrakubeScenariosTest {
    private static final String PLAN =
            "def p = ephemeralJob(name: 'plan', type: 'plan', executor: terrakube(workspace: 'net', template: 'full'))\n"
                    + "echo \"plan: ${p.outcome}, waiting: ${p.waiting}, create ${p.created}\"\n";
    private static final String APPROVE =
            "def a = ephemeralJob(name: 'apply', type: 'apply', after: 'plan', decision: 'approve')\n"
                    + "echo \"apply: ${a.outcome}, url: ${a.outputs.url}, password: ${a.outputs.password}\"\n";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private EmbeddedTerrakube server;
    private TerrakubeWorkspace net;
    private PipelineBench bench;

    @Before
    public void start() throws Exception {
        server = EmbeddedTerrakube.start();
        net = server.workspace("net");
        server.template(
                "full",
                "flow:\n- {type: terraformPlan, name: Plan, step: 100}\n"
                        + "- {type: approval, name: Approve, step: 150, team: SRE}\n"
                        + "- {type: terraformApply, name: Apply, step: 200}\n");
        bench = new PipelineBench(folder.getRoot().toPath());
        BenchCredentials.secretText("terrakube", server.token());
        TerrakubeControlPlane terrakube = new TerrakubeControlPlane("tk", server.url(), "acme", "terrakube");
        terrakube.setUiUrl("https://terrakube.example.org");
        EphemeralConfiguration.get().setTerrakubes(List.of(terrakube));
    }

    @After
    public void stop() throws Exception {
        bench.close();
        server.close();
    }

    private static void assertResult(PipelineRun run, Result expected) {
        Result result = run.await();
        assertThat(result).as(run.console()).isEqualTo(expected);
    }

    private static Report report(PipelineRun run) {
        return ReportFile.in(run.build().getRootDir().toPath().resolve("ephemeral-environments"))
                .read();
    }

    private static StageEntry stage(PipelineRun run, String name) {
        return report(run).stages.stream()
                .filter(entry -> entry.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @Test
    public void planApproveApply() throws Exception {
        PipelineRun run = bench.run(PLAN + APPROVE);

        assertResult(run, Result.SUCCESS);
        assertThat(run.console())
                .contains("[plan] job 1 created in workspace net of control plane tk: https://terrakube.example.org/")
                .contains("[plan › Plan] Plan: 1 to add")
                .contains("[plan] job 1 waits for the approval of step 150 Approve by team SRE")
                .contains("[plan] would create 1, change 0, delete 0")
                .contains("plan: CHANGES, waiting: true, create 1")
                .contains("[apply] job 1 approved")
                .contains("[apply › Apply] null_resource.web: Creation complete")
                .contains("apply: SUCCEEDED, url: http://web, password: null");
        assertThat(count(run.console(), "Plan: 1 to add")).isEqualTo(1);
        assertThat(net.applied()).containsExactly("null_resource.web");
        assertThat(server.jobIds()).hasSize(1);
        StageEntry plan = stage(run, "plan");
        assertThat(plan.outcome).isEqualTo("CHANGES");
        assertThat(plan.verdict).isEqualTo(Verdict.PASSED);
        assertThat(plan.logTail).contains("Plan: 1 to add");
        assertThat(plan.terrakube.changes).singleElement().satisfies(change -> {
            assertThat(change.address).isEqualTo("null_resource.web");
            assertThat(change.action).isEqualTo("create");
        });
        StageEntry apply = stage(run, "apply");
        assertThat(apply.terrakube.jobId).isEqualTo(1);
        assertThat(apply.terrakube.workspace).isEqualTo("net");
        assertThat(apply.terrakube.status).isEqualTo("completed");
        assertThat(apply.terrakube.changes.get(0).status).isEqualTo("completed");
        assertThat(apply.terrakube.outputs)
                .extracting(output -> output.name + "=" + output.value)
                .containsExactly("url=http://web", "password=null");
        assertThat(apply.startedAt).isNotNull();
        await().untilAsserted(() -> assertThat(report(run).finishedAt).isNotNull());
        assertThat(report(run).notices).isEmpty();
    }

    @Test
    public void theExampleRuns() throws Exception {
        String example = Files.readString(Path.of("examples/Jenkinsfile.terrakube"));
        PipelineRun run = bench.run(example);
        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("SUCCEEDED: [url:http://web, password:null]");
        assertThat(net.applied()).hasSize(1);

        bench.jenkins().setInputAnswer(false);
        PipelineRun refused = bench.run(example);
        refused.await();
        assertThat(refused.console()).contains("REJECTED: [:]");
        assertThat(server.status(2)).isEqualTo("rejected");
        assertThat(net.applied()).hasSize(1);
    }

    @Test
    public void aRejectionIsNoFailure() throws Exception {
        PipelineRun run = bench.run(
                PLAN + "def r = ephemeralJob(after: 'plan', decision: 'reject')\necho \"${r.name}: ${r.outcome}\"");

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("plan-reject: REJECTED");
        assertThat(server.status(1)).isEqualTo("rejected");
        assertThat(stage(run, "plan-reject").verdict).isEqualTo(Verdict.SKIPPED);
        assertThat(net.applied()).isEmpty();
    }

    @Test
    public void aPlanThatFindsNothingSkipsTheDecision() throws Exception {
        net.creates();
        PipelineRun run = bench.run(
                PLAN
                        + "def a = ephemeralJob(name: 'apply', after: 'plan', decision: 'approve')\necho \"apply: ${a.outcome}\"");

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("plan: NO_CHANGES, waiting: false", "apply: SKIPPED");
    }

    @Test
    public void aFailedPlanSaysWhy() throws Exception {
        net.fails("terraformPlan");
        PipelineRun run = bench.run(PLAN);

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("[plan › Plan] Error: Invalid provider configuration")
                .contains("Stage plan ended as FAILED: Step 100 Plan failed: Invalid provider configuration: Provider"
                        + " requires a region.");
        assertThat(stage(run, "plan").verdict).isEqualTo(Verdict.FAILED);
    }

    @Test
    public void aFlowOfOnesOwnThatCannotBeRead() throws Exception {
        PipelineRun run = bench.run(
                "ephemeralJob name: 'x', executor: terrakube(workspace: 'net', flow: 'flow: [{typ: terraformPlan}]')");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage x ended as FAILED: Step 100 Template Yaml Error failed.");
    }

    @Test
    public void abortCancelsAndSaysThatTheExecutorGoesOn() throws Exception {
        net.hold();
        PipelineRun run = bench.run(PLAN);
        run.waitForMessage("[plan › Plan] Plan: 1 to add").abort();

        assertResult(run, Result.ABORTED);
        assertThat(server.status(1)).isEqualTo("cancelled");
        assertThat(run.console())
                .contains("[plan] job 1 is cancelled", "Terrakube does not stop the executor that was at work");
        assertThat(stage(run, "plan").outcome).isEqualTo("ABORTED");
    }

    @Test
    public void aLateExecutorThatRevivesACancelledJobIsCancelledAgain() throws Exception {
        net.holdInQueue().hold().deafToCancel();
        PipelineRun run = bench.run(PLAN);
        run.waitForMessage("[plan] job 1 waits for its executor").abort();
        run.waitForMessage("[plan] job 1 is cancelled");
        net.heldInQueueNoMore();

        assertResult(run, Result.ABORTED);
        assertThat(run.console()).contains("an executor that came late goes on with it");
        assertThat(server.status(1)).isEqualTo("cancelled");
    }

    @Test
    public void killedWhileThePlanRunsAndWhileItIsApplied() throws Exception {
        net.hold().planLogs("one", "two", "three");
        PipelineRun run = bench.run(PLAN + APPROVE);
        run.waitForMessage("[plan › Plan] three").kill().resume();
        run.waitForMessage("[plan] following job 1");
        net.release();
        run.waitForMessage("[Pipeline] echo");
        net.hold();
        run.waitForMessage("[apply] job 1 approved").kill();
        net.release();
        run.resume();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("apply: SUCCEEDED");
        assertThat(net.applied()).containsExactly("null_resource.web");
        assertThat(server.jobIds()).hasSize(1);
        assertThat(run.console()).contains("[plan › Plan] one", "[plan › Plan] two", "[plan › Plan] three");
    }

    @Test
    public void anOrderlyRestartPrintsNoLineTwice() throws Exception {
        net.hold().planLogs("one", "two", "three");
        PipelineRun run = bench.run(PLAN);
        run.waitForMessage("[plan › Plan] three").restart();
        run.waitForMessage("[plan] following job 1");
        net.release();

        assertResult(run, Result.SUCCESS);
        for (String line : List.of("one", "two", "three")) {
            assertThat(count(run.console(), "[plan › Plan] " + line))
                    .as(run.console())
                    .isEqualTo(1);
        }
    }

    @Test
    public void aCreationWhoseAnswerIsLostIsFoundAgain() throws Exception {
        server.failNext("POST", "/job", Fault.answerLost());
        PipelineRun run = bench.run(PLAN);

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("[plan] job 1 was created already");
        assertThat(server.jobIds()).hasSize(1);
    }

    @Test
    public void anApprovalWhoseAnswerIsLostIsNotSentTwice() throws Exception {
        server.failNext("PATCH", "/job/1", Fault.answerLost());
        PipelineRun run = bench.run(PLAN + APPROVE);

        assertResult(run, Result.SUCCESS);
        assertThat(net.applied()).containsExactly("null_resource.web");
        assertThat(run.console()).doesNotContain("somebody else");
    }

    @Test
    public void aControlPlaneThatGoesAwayAndComesBack() throws Exception {
        net.hold();
        PipelineRun run = bench.run(PLAN + APPROVE);
        run.waitForMessage("[plan › Plan] Plan: 1 to add");
        server.goAway();
        run.waitForMessage("Trying again.");
        net.release();
        server.comeBack();

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("no connection to " + server.url());
        assertThat(count(run.console(), "[plan › Plan] Plan: 1 to add")).isEqualTo(1);
        assertThat(net.applied()).hasSize(1);
    }

    @Test
    public void somebodyElseDecides() throws Exception {
        PipelineRun approved = bench.run(PLAN + "sleep(time: 3, unit: 'SECONDS')\n" + APPROVE);
        approved.waitForMessage("plan: CHANGES");
        server.setStatus(1, "approved");
        assertResult(approved, Result.SUCCESS);
        assertThat(net.applied()).hasSize(1);

        PipelineRun rejected = bench.run(PLAN + "sleep(time: 3, unit: 'SECONDS')\n" + APPROVE);
        rejected.waitForMessage("plan: CHANGES");
        server.setStatus(2, "rejected");
        assertResult(rejected, Result.FAILURE);
        assertThat(rejected.console()).contains("Stage apply ended as ABORTED: Somebody rejected it in Terrakube.");
        assertThat(net.applied()).hasSize(1);

        PipelineRun late =
                bench.run(PLAN + "sleep(time: 3, unit: 'SECONDS')\nephemeralJob(after: 'plan', decision: 'reject')");
        late.waitForMessage("plan: CHANGES");
        server.setStatus(3, "approved");
        assertResult(late, Result.FAILURE);
        assertThat(late.console()).contains("deciding on job 3 (control plane tk): ");
    }

    @Test
    public void aTerrakubeThatStreamsNothingIsHeardAtTheEndOfEachStep() throws Exception {
        server.streams(false);
        PipelineRun run = bench.run(PLAN + APPROVE);

        assertResult(run, Result.SUCCESS);
        assertThat(count(run.console(), "[plan › Plan] Plan: 1 to add")).isEqualTo(1);
        assertThat(count(run.console(), "[apply › Apply] Apply complete!")).isEqualTo(1);
        assertThat(count(run.console(), "Plan: 1 to add")).isEqualTo(1);
    }

    @Test
    public void aJobThatTakesTooLongIsCancelled() throws Exception {
        net.hold();
        PipelineRun run = bench.run(
                "ephemeralJob name: 'plan', timeout: '2s', executor: terrakube(workspace: 'net', template: 'full')");

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage plan ended as TIMED_OUT");
        assertThat(server.status(1)).isEqualTo("cancelled");
    }

    @Test
    public void aJobThatSomebodyDeletesIsLost() throws Exception {
        net.hold();
        PipelineRun run = bench.run(PLAN);
        run.waitForMessage("[plan › Plan]");
        server.delete(1);

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("Stage plan ended as LOST: Terrakube knows no job 1 any more");
    }

    @Test
    public void whatIsWrongIsNamed() throws Exception {
        for (String[] each : new String[][] {
            {"workspace: 'nett', template: 'full'", "there is no workspace of that name; the token sees net"},
            {"workspace: 'net', template: 'ful'", "there is no template of that name; the token sees full"},
            {"workspace: 'net'", "(template): is missing, and so is flow"},
            {"workspace: 'net', template: 'full', flow: 'x'", "(template): is given beside flow"},
            {"workspace: 'net', template: 'full', controlPlane: 'no'", "configured are tk"}
        }) {
            PipelineRun run = bench.run("ephemeralJob name: 'x', executor: terrakube(" + each[0] + ")");
            assertResult(run, Result.FAILURE);
            assertThat(run.console()).contains(each[1]);
        }
        PipelineRun pod = bench.run("ephemeralJob name: 'x', image: 'a', env: [A: 'b'], serviceAccount: 's',"
                + " executor: terrakube(workspace: 'net', template: 'full')");
        assertResult(pod, Result.FAILURE);
        assertThat(pod.console()).contains("env, image, serviceAccount: with executor: terrakube(...) there is no Pod");
        PipelineRun none = bench.run("ephemeralJob after: 'plan', decision: 'approve'");
        assertResult(none, Result.FAILURE);
        assertThat(none.console()).contains("no stage of that name has run in this build");
        assertThat(server.jobIds()).isEmpty();
    }

    @Test
    public void theConnectionIsTestedWithWhatIsInTheForm() throws Exception {
        TerrakubeControlPlane.DescriptorImpl form = new TerrakubeControlPlane.DescriptorImpl();

        assertThat(form.doTestConnection("new", server.url() + "/", "acme", "terrakube").kind)
                .isEqualTo(FormValidation.Kind.OK);
        assertThat(form.doTestConnection("new", server.url(), "acne", "terrakube")
                        .getMessage())
                .contains("there is no organization of that name; the token sees acme");
        assertThat(form.doTestConnection("new", server.url(), "acme", "missing").getMessage())
                .contains("there is no secret text of id missing");
        assertThat(form.doTestConnection("new", "ftp://x", "acme", "terrakube").getMessage())
                .contains("An http or https URL");
    }

    @Test
    public void refusalsAreTheUsersAndCarryNoToken() throws Exception {
        server.rights(true, false);
        PipelineRun approve = bench.run(PLAN + APPROVE);
        assertResult(approve, Result.FAILURE);
        assertThat(approve.console()).contains("it answered 403: UpdatePermission Denied", "\"approve job\"");
        assertThat(stage(approve, "apply").verdict).isEqualTo(Verdict.ERROR);
        await().untilAsserted(() -> assertThat(report(approve).notices)
                .singleElement()
                .asString()
                .contains("Terrakube job 1 of stage plan still waits for an approval", "in workspace net"));
        assertThat(net.applied()).isEmpty();

        EphemeralConfiguration.get()
                .setTerrakubes(List.of(new TerrakubeControlPlane("tk", server.url(), "acme", "other")));
        BenchCredentials.secretText("other", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl");
        PipelineRun refused = bench.run(PLAN);
        assertResult(refused, Result.FAILURE);
        assertThat(refused.console())
                .contains("it answered 401. The token is not valid or has expired")
                .doesNotContain("eyJhbG");
    }
}
