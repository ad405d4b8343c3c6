package io.jenkins.plugins.ephemeral.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.bench.demo.StaticPage;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.nio.file.Path;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** The page over reports that try to break it: markup in names, links that are none, many cases. */
public class ReportPageBrowserTest {
    @Rule
    public Browser browser = new Browser();

    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    private final Report report = new Report();

    @Before
    public void begin() {
        report.jobFullName = "shop/web";
        report.buildNumber = 7;
    }

    @Test
    public void markupInAReportStaysText() throws Exception {
        StageEntry stage = Merging.stage(report, "<img src=x onerror=\"document.title='broken'\">");
        stage.verdict = Verdict.FAILED;
        stage.reason = "</template><script>document.title='broken'</script>";
        stage.logTail = "<b>bold</b>\n";
        open();

        assertThat(browser.driver().getTitle()).isEqualTo("Ephemeral Environments: report");
        assertThat(browser.driver().findElements(By.tagName("img"))).isEmpty();
        assertThat(browser.driver()
                        .findElement(By.cssSelector(".eph-row .eph-reason"))
                        .getText())
                .isEqualTo("</template><script>document.title='broken'</script>");
        assertThat(browser.driver().findElement(By.cssSelector(".eph-log")).getText())
                .isEqualTo("<b>bold</b>");
    }

    @Test
    public void onlyWebLinksAreLinks() throws Exception {
        execution("good", "https://app.testkube.io/x");
        execution("bad", "javascript:document.title='broken'");
        open();
        browser.driver().findElements(By.tagName("summary")).forEach(WebElement::click);

        assertThat(browser.driver().findElements(By.tagName("a")))
                .extracting(link -> link.getAttribute("href"))
                .containsExactly("https://app.testkube.io/x");
    }

    @Test
    public void aTerrakubeJobShowsWhatItChanges() throws Exception {
        StageEntry stage = Merging.stage(report, "apply");
        stage.verdict = Verdict.PASSED;
        stage.terrakube = new TerrakubeEntry();
        stage.terrakube.jobId = 42;
        stage.terrakube.workspace = "net";
        stage.terrakube.link = "https://terrakube.example.org/runs/42";
        stage.terrakube.created = 1;
        TerrakubeEntry.Change change = new TerrakubeEntry.Change();
        change.action = "create";
        change.address = "<i>null_resource.web</i>";
        change.status = "completed";
        stage.terrakube.changes.add(change);
        TerrakubeEntry.Output secret = new TerrakubeEntry.Output();
        secret.name = "password";
        secret.sensitive = true;
        stage.terrakube.outputs.add(secret);
        open();
        browser.driver().findElements(By.tagName("summary")).get(0).click();
        browser.driver()
                .findElement(By.cssSelector("[data-key='changes:42'] summary"))
                .click();

        assertThat(browser.driver()
                        .findElement(By.linkText("job 42 in workspace net"))
                        .getAttribute("href"))
                .isEqualTo("https://terrakube.example.org/runs/42");
        assertThat(browser.driver()
                        .findElement(By.cssSelector("[data-key='changes:42']"))
                        .getText())
                .contains("1 created, 0 changed, 0 deleted", "create", "<i>null_resource.web</i>", "completed");
        assertThat(browser.driver().findElement(By.cssSelector(".eph-facts")).getText())
                .contains("Output password", "(sensitive)");
    }

    @Test
    public void failedCasesComeFirstAndTheOthersOnRequest() throws Exception {
        WorkflowEntry.Execution execution = execution("api", null);
        execution.verdict = Verdict.FAILED;
        WorkflowEntry.Suite suite = new WorkflowEntry.Suite();
        suite.name = "OrderApi";
        suite.tests = 3;
        suite.failed = 1;
        for (String name : new String[] {"first", "second", "third"}) {
            WorkflowEntry.Case test = new WorkflowEntry.Case();
            test.className = "OrderApi";
            test.name = name;
            test.verdict = name.equals("second") ? Verdict.FAILED : Verdict.PASSED;
            test.message = name.equals("second") ? "expected 3 but was 4" : null;
            suite.cases.add(test);
        }
        execution.suites.add(suite);
        open();

        assertThat(texts(".eph-cases .eph-name")).containsExactly("second");
        browser.driver().findElement(By.cssSelector(".eph-more")).click();
        assertThat(texts(".eph-cases .eph-name")).containsExactly("second", "first", "third");
        browser.driver().findElement(By.cssSelector(".eph-case > summary")).click();
        assertThat(browser.driver()
                        .findElement(By.cssSelector(".eph-case .eph-reason"))
                        .getText())
                .isEqualTo("expected 3 but was 4");
    }

    @Test
    public void earlierBuildsAndFlakinessAreShown() throws Exception {
        execution("smoke", null);
        WorkflowEntry smoke = report.workflows.get(0);
        smoke.flaky = "It passed and failed on commit 01234567.";
        WorkflowEntry.Past past = new WorkflowEntry.Past();
        past.build = 6;
        past.verdict = Verdict.FAILED;
        smoke.history.add(past);
        open();

        assertThat(texts(".eph-flaky")).containsExactly("flaky");
        WebElement dot = browser.driver().findElement(By.cssSelector(".eph-dot"));
        assertThat(dot.getAttribute("title")).isEqualTo("#6 failed");
        assertThat(dot.getSize().getWidth()).isPositive();
        browser.driver()
                .findElement(By.cssSelector("[data-key='workflow:smoke'] > summary"))
                .click();
        assertThat(texts(".eph-reason")).contains("It passed and failed on commit 01234567.");
    }

    private java.util.List<String> texts(String selector) {
        return browser.driver().findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList();
    }

    private WorkflowEntry.Execution execution(String workflow, String link) {
        WorkflowEntry.Execution execution = Merging.execution(report, workflow, workflow + "-1");
        execution.verdict = Verdict.PASSED;
        execution.link = link;
        return execution;
    }

    private void open() throws Exception {
        ReportFile file = ReportFile.in(folder.getRoot().toPath());
        file.update(written -> {
            written.jobFullName = report.jobFullName;
            written.buildNumber = report.buildNumber;
            written.stages = report.stages;
            written.workflows = report.workflows;
        });
        Path page = StaticPage.write(folder.getRoot().toPath().resolve("page"), ReportFile.toJson(file.read()));
        browser.driver().get(page.toUri().toString());
        assertThat(browser.driver()
                        .findElement(By.cssSelector(".ephemeral-report"))
                        .getAttribute("data-drawn"))
                .isEqualTo("true");
    }
}
