package io.jenkins.plugins.ephemeral.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

public class HistoryTest {
    private static Report build(int number, String commit, Verdict... verdicts) {
        Report report = new Report();
        report.buildNumber = number;
        report.commit = commit;
        for (int i = 0; i < verdicts.length; i++) {
            Merging.execution(report, "smoke", number + "-" + i).verdict = verdicts[i];
        }
        Merging.conclude(report);
        return report;
    }

    private static WorkflowEntry smoke(Report report, List<Report> earlier) {
        History.add(report, earlier);
        return report.workflows.get(0);
    }

    private static List<Report> builds(Verdict... newestFirst) {
        List<Report> builds = new ArrayList<>();
        for (int i = 0; i < newestFirst.length; i++) {
            builds.add(build(newestFirst.length - i, "c" + i, newestFirst[i]));
        }
        return builds;
    }

    @Test
    public void earlierBuildsAreListedOldestFirst() {
        List<Report> earlier = builds(Verdict.PASSED, Verdict.ERROR, Verdict.FAILED);
        earlier.add(new Report());

        WorkflowEntry smoke = smoke(build(4, "new", Verdict.PASSED), earlier);

        assertThat(smoke.history).extracting(past -> past.build).containsExactly(1, 2, 3);
        assertThat(smoke.history)
                .extracting(past -> past.verdict)
                .containsExactly(Verdict.FAILED, Verdict.ERROR, Verdict.PASSED);
        assertThat(smoke.flaky).isNull();
    }

    @Test
    public void bothVerdictsOnOneCommitAreFlaky() {
        String commit = "0123456789abcdef";
        assertThat(smoke(build(2, commit, Verdict.PASSED), List.of(build(1, commit, Verdict.FAILED))).flaky)
                .isEqualTo("It passed and failed on commit 01234567.");
        assertThat(smoke(build(2, commit, Verdict.PASSED, Verdict.FAILED), List.of()).flaky)
                .as("in two environments of one build")
                .isEqualTo("It passed and failed on commit 01234567.");
        assertThat(smoke(build(2, commit, Verdict.PASSED), List.of(build(1, commit, Verdict.ABORTED))).flaky)
                .as("an abort says nothing")
                .isNull();
        assertThat(smoke(build(2, null, Verdict.PASSED), List.of(build(1, null, Verdict.FAILED))).flaky)
                .as("unknown commits are not the same one")
                .isNull();
    }

    @Test
    public void aVerdictThatChangesOftenIsFlaky() {
        Verdict p = Verdict.PASSED;
        Verdict f = Verdict.FAILED;
        assertThat(smoke(build(9, "x", p), builds(f, p, p, f)).flaky)
                .isEqualTo("Its verdict changed 3 times in the last 5 builds that ran it.");
        assertThat(smoke(build(9, "x", p), builds(p, p, f, f, f)).flaky).isNull();
        assertThat(smoke(build(9, "x", p), builds(f, p, f)).flaky).as("too few").isNull();
        assertThat(smoke(build(99, "x", p), builds(p, p, p, p, p, p, p, p, p, p, f, p, f, p, f, p)).flaky)
                .as("long ago")
                .isNull();
    }
}
