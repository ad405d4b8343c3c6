package io.jenkins.plugins.ephemeral.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.bench.demo.Demo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;

/** The demo of the README runs, and its page is looked at as a person would: stages, workflows, a failing case, a log. */
public class DemoPageBrowserTest {
    private static final Path PAGE = Path.of("target", "demo", "index.html");

    @Rule
    public Browser browser = new Browser();

    @BeforeClass
    public static void runTheDemo() throws Exception {
        assertThat(Demo.run(Path.of("examples/Jenkinsfile"), null)).isTrue();
        assertThat(PAGE).exists();
    }

    @Test
    public void thePageTellsWhatHappenedAndWhy() throws Exception {
        browser.driver().manage().window().setSize(new Dimension(1180, 1000));
        browser.driver().get(PAGE.toUri().toString());
        Path screenshots = Path.of(System.getProperty("ephemeral.screenshots", "target/screenshots"));
        browser.screenshot(screenshots.resolve("report.png"));

        assertThat(text(".eph-head")).contains("shop #1", "14 tests, 1 failed, 1 skipped", "team=shop");
        assertThat(names("stage:")).containsExactly("plan", "apply");
        assertThat(names("workflow:")).containsExactly("http-smoke", "api-junit");

        // a failed workflow is open already; its failing case opens on a click
        row("case:shop.OrderApi.odd amounts are rounded in favour of the customer")
                .findElement(By.tagName("summary"))
                .click();
        await().untilAsserted(() -> assertThat(text(".eph-case .eph-reason")).contains("expected 949 but was 950"));
        WebElement log = browser.driver()
                .findElements(By.cssSelector("details[data-key^='log:']"))
                .get(0);
        log.findElement(By.tagName("summary")).click();
        await().untilAsserted(() -> assertThat(
                        log.findElement(By.cssSelector(".eph-log")).getText())
                .contains("14 tests, 1 failed, 1 skipped"));

        row("stage:plan").findElement(By.tagName("summary")).click();
        await().untilAsserted(() ->
                assertThat(row("stage:plan").getText()).contains("Plan: 3 to add", "changes", "busybox:1.35"));
        row("environment:" + environment()).findElement(By.tagName("summary")).click();
        await().untilAsserted(() ->
                assertThat(row("environment:" + environment()).getText()).contains("gone", "TestWorkflow/api-junit"));
        browser.screenshot(screenshots.resolve("report-open.png"));
    }

    @Test
    public void nothingIsInlineAndNothingComesFromOutside() throws Exception {
        browser.driver().get(PAGE.toUri().toString());

        for (WebElement script : browser.driver().findElements(By.tagName("script"))) {
            assertThat(script.getDomAttribute("src")).isEqualTo("report.js");
            assertThat(script.getDomProperty("textContent")).isEmpty();
        }
        assertThat(Files.readString(PAGE))
                .doesNotContainPattern("\\son[a-z]+=\"")
                .doesNotContain("<style");
        List<?> loaded = (List<?>) browser.driver()
                .executeScript("return performance.getEntriesByType('resource').map(function (e) { return e.name; })");
        assertThat(loaded).allSatisfy(name -> assertThat(String.valueOf(name)).startsWith("file:"));
    }

    private String environment() {
        return browser.driver()
                .findElement(By.cssSelector("details[data-key^='environment:'] .eph-name"))
                .getText();
    }

    private List<String> names(String kind) {
        return browser
                .driver()
                .findElements(By.cssSelector("details[data-key^='" + kind + "'] > summary .eph-name"))
                .stream()
                .map(WebElement::getText)
                .toList();
    }

    private WebElement row(String key) {
        return browser.driver().findElement(By.cssSelector("details[data-key='" + key + "']"));
    }

    private String text(String selector) {
        return browser.driver().findElement(By.cssSelector(selector)).getText();
    }
}
