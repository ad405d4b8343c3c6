package io.jenkins.plugins.ephemeral.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.page.EnvironmentRow;
import io.jenkins.plugins.ephemeral.page.EnvironmentsLink;
import io.jenkins.plugins.ephemeral.page.RunReports;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;

/** What pages say of environments is what they are, also when who followed them is gone. */
public class ReportAfterRestartTest {
    @Rule
    public final ScenarioRig rig = new ScenarioRig(null);

    @Test
    public void aReportThatARestartLeftReleasingEndsAsGone() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't') { echo 'body' }");
        ScenarioRig.assertResult(run, Result.SUCCESS);
        rig.assertNothingIsLeft();
        // what a restart leaves that comes between the end of the build and the end of its environment
        ReportFile file = ReportFile.in(run.build().getRootDir().toPath().resolve("ephemeral-environments"));
        rig.stage().bench().kill();
        file.update(report -> report.environments.get(0).state = "RELEASING");
        rig.stage().bench().start();

        RunReports.settle(run.build());

        EnvironmentEntry entry = rig.report(run).environments.get(0);
        assertThat(entry.state).isEqualTo("GONE");
        assertThat(entry.reason).isNull();
    }

    @Test
    public void theReportOfARunningBuildIsItsOwn() throws Exception {
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't') { echo 'body'\nsleep(60) }");
        run.waitForMessage("body");

        RunReports.settle(run.build());

        assertThat(rig.report(run).environments.get(0).state).isEqualTo("READY");
        run.abort();
        ScenarioRig.assertResult(run, Result.ABORTED);
        rig.assertNothingIsLeft();
    }

    @Test
    public void theListOfEnvironmentsAndTheWayOutOfUse() throws Exception {
        EnvironmentsLink page = rig.stage()
                .bench()
                .jenkins()
                .getExtensionList(EnvironmentsLink.class)
                .get(0);
        assertThat(page.getRows()).isEmpty();
        PipelineRun run = rig.start("ephemeralEnvironment(namePrefix: 't', ttl: '3h') { echo 'body'\nsleep(60) }");
        run.waitForMessage("body");

        List<EnvironmentRow> rows = page.getRows();
        assertThat(rows).hasSize(1);
        EnvironmentRow row = rows.get(0);
        assertThat(row.getName()).isEqualTo(rig.report(run).environments.get(0).namespace);
        assertThat(row.getCluster()).isNotEmpty();
        assertThat(row.getState()).isEqualTo("READY");
        assertThat(row.getOwner()).isEqualTo("shop #1");
        assertThat(row.getExpiry()).startsWith("in ");
        assertThat(row.isReleasable()).isTrue();
        assertThat(row.isRetriable()).isFalse();
        assertThat(row.isForgettable()).isFalse();

        page.doForget(row.getName());
        assertThat(page.getRows()).as("one in use is not forgotten").hasSize(1);
        page.doRelease(row.getName());
        rig.assertNothingIsLeft();
        assertThat(page.getRows()).isEmpty();
        run.abort();
        run.await();
    }
}
