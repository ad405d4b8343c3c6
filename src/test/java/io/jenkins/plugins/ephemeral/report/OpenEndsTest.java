package io.jenkins.plugins.ephemeral.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.Test;

/** What the report says about what a build left open. */
public class OpenEndsTest {
    private final Report report = new Report();

    private StageEntry stage(String name, int jobId, String status, String waitingStepId) {
        StageEntry stage = Merging.stage(report, name);
        stage.verdict = Verdict.PASSED;
        stage.terrakube = new TerrakubeEntry();
        stage.terrakube.workspace = "net";
        stage.terrakube.jobId = jobId;
        stage.terrakube.status = status;
        stage.terrakube.waitingStepId = waitingStepId;
        return stage;
    }

    @Test
    public void aJobThatWaitsIsNoticed() {
        stage("plan", 42, "waitingApproval", "step");
        stage("other", 43, "completed", null);

        Merging.noteOpenEnds(report);

        assertThat(report.notices)
                .containsExactly("Terrakube job 42 of stage plan still waits for an approval, and the jobs behind it in"
                        + " workspace net wait for it: decide on it in Terrakube.");
    }

    @Test
    public void oneThatWasDecidedOrCancelledIsNot() {
        stage("plan", 42, "waitingApproval", "step");
        stage("apply", 42, "completed", null);
        stage("plan 2", 43, "waitingApproval", "step");
        stage("apply 2", 43, null, null).verdict = Verdict.ABORTED;

        Merging.noteOpenEnds(report);

        assertThat(report.notices).isEmpty();
    }

    @Test
    public void oneThatCouldNotBeDecidedIs() {
        stage("plan", 42, "waitingApproval", "step");
        stage("apply", 42, null, null).verdict = Verdict.ERROR;

        Merging.noteOpenEnds(report);

        assertThat(report.notices).hasSize(1);
    }

    @Test
    public void aStageThatNobodyFollowsAnyMoreIsNotRunning() {
        stage("plan", 42, null, null).verdict = Verdict.RUNNING;
        StageEntry passed = stage("passed", 43, "completed", null);

        Merging.noteOpenEnds(report);

        assertThat(report.stages.get(0).verdict).isEqualTo(Verdict.ERROR);
        assertThat(report.stages.get(0).reason).startsWith("The build ended before it was known");
        assertThat(passed.verdict).isEqualTo(Verdict.PASSED);
        assertThat(passed.reason).isNull();
    }
}
