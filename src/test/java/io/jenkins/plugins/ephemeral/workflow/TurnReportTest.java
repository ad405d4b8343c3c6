package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What many runs say in one turn is one write. */
public class TurnReportTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private int writes;
    private boolean full;

    @Test
    public void theChangesOfATurnAreWrittenOnceAndInOrder() {
        TurnReport report = new TurnReport(disk());
        for (int i = 0; i < 100; i++) {
            String notice = "notice " + i;
            report.update(written -> written.notices.add(notice));
        }
        assertThat(writes).isZero();
        report.flush();
        report.flush();
        assertThat(writes).isEqualTo(1);
        assertThat(report.read().notices)
                .hasSize(100)
                .startsWith("notice 0", "notice 1")
                .endsWith("notice 99");
    }

    @Test
    public void whoReadsFindsWhatWasChanged() {
        TurnReport report = new TurnReport(disk());
        report.update(written -> written.notices.add("here"));
        assertThat(report.read().notices).containsExactly("here");
    }

    @Test
    public void whatCouldNotBeWrittenIsWrittenTheNextTime() {
        TurnReport report = new TurnReport(disk());
        report.update(written -> written.notices.add("first"));
        full = true;
        assertThatThrownBy(report::flush).isInstanceOf(UncheckedIOException.class);
        full = false;
        report.update(written -> written.notices.add("second"));
        assertThat(report.read().notices).containsExactly("first", "second");
    }

    private ReportStore disk() {
        ReportFile file = ReportFile.in(folder.getRoot().toPath());
        return new ReportStore() {
            @Override
            public void update(Consumer<Report> change) {
                if (full) {
                    throw new UncheckedIOException(new java.io.IOException("No space left on device"));
                }
                writes++;
                file.update(change);
            }

            @Override
            public Report read() {
                return file.read();
            }
        };
    }
}
