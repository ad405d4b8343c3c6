package io.jenkins.plugins.ephemeral.page;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.Assume;
import org.junit.rules.ExternalResource;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** Headless Chromium with Debian's driver; tests that need it are skipped, with a message, where there is none. */
public final class Browser extends ExternalResource {
    private ChromeDriver driver;
    private Path profile;

    @Override
    protected void before() throws Throwable {
        File program = find("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver");
        Assume.assumeTrue(
                "no chromedriver here: the page is not opened in a browser (Debian: apt-get install chromium-driver)",
                program != null);
        profile = Files.createTempDirectory("chromium-profile");
        ChromeOptions options = new ChromeOptions();
        File chromium = find("/usr/bin/chromium", "/usr/bin/google-chrome");
        if (chromium != null) {
            options.setBinary(chromium);
        }
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-quic",
                "--user-data-dir=" + profile);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(program)
                .usingAnyFreePort()
                .build();
        driver = new ChromeDriver(service, options);
        driver.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(30));
        // the page draws a row's content when it opens, a moment after the click
        driver.manage().timeouts().implicitlyWait(Duration.ofSeconds(3));
        driver.manage().window().setSize(new Dimension(1180, 900));
    }

    private static File find(String... candidates) {
        for (String candidate : candidates) {
            if (new File(candidate).canExecute()) {
                return new File(candidate);
            }
        }
        return null;
    }

    /** The browser. */
    public ChromeDriver driver() {
        return driver;
    }

    /** Keeps what the window shows as a PNG. */
    public void screenshot(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    }

    @Override
    protected void after() {
        if (driver != null) {
            driver.quit();
        }
    }
}
