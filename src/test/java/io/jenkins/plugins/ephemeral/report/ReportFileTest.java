package io.jenkins.plugins.ephemeral.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The report file is whole at any time, and what is merged in it follows from its entries. */
public class ReportFileTest {
    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void whatWasWrittenIsReadByAnotherObject() {
        Instant time = Instant.parse("2026-01-02T03:04:05.678Z");
        ReportFile.in(folder.getRoot().toPath()).update(report -> {
            report.jobFullName = "shop/web";
            Merging.environment(report, "shop-1").requestedAt = time;
        });

        Report read = ReportFile.in(folder.getRoot().toPath()).read();

        assertThat(read.jobFullName).isEqualTo("shop/web");
        assertThat(read.environments.get(0).requestedAt).isEqualTo(time);
    }

    @Test
    public void concurrentChangesAreAllThere() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "stage-" + i;
            threads.add(new Thread(() -> ReportFile.in(folder.getRoot().toPath())
                    .update(report -> Merging.stage(report, name).verdict = Verdict.PASSED)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(ReportFile.in(folder.getRoot().toPath()).read().stages).hasSize(8);
    }

    @Test
    public void runsOfOneWorkflowInTwoNamespacesAreOneEntryWithTheWorstVerdict() {
        ReportFile file = ReportFile.in(folder.getRoot().toPath());
        file.update(report -> {
            Merging.execution(report, "smoke", "1").verdict = Verdict.PASSED;
            Merging.execution(report, "smoke", "2").verdict = Verdict.FAILED;
            Merging.execution(report, "other", "3").verdict = Verdict.PASSED;
            Merging.stage(report, "plan").verdict = Verdict.PASSED;
        });

        Report report = file.read();

        assertThat(report.workflows).hasSize(2);
        assertThat(report.workflows.get(0).executions).hasSize(2);
        assertThat(report.workflows.get(0).verdict).isEqualTo(Verdict.FAILED);
        assertThat(report.workflows.get(1).verdict).isEqualTo(Verdict.PASSED);
        assertThat(report.verdict).isEqualTo(Verdict.FAILED);
    }

    @Test
    public void fieldsOfALaterReleaseAreSkipped() throws Exception {
        ReportFile file = ReportFile.in(folder.getRoot().toPath());
        Files.writeString(file.path(), "{\"formatVersion\":1,\"later\":{\"a\":[1]},\"jobFullName\":\"x\"}");

        assertThat(file.read().jobFullName).isEqualTo("x");
    }
}
