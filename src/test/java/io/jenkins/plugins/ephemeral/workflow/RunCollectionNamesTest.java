package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Files with names that a run chose to do harm with: no file system lets a real run upload these, a server could. */
public class RunCollectionNamesTest {
    private static final TestkubeExecution RUN = new TestkubeExecution(
            "66c5", "smoke-1", "smoke", "passed", null, null, Instant.now(), null, List.of(), List.of());

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private HttpServer server;
    private final Map<String, String> contents = new ConcurrentHashMap<>();
    private String listing;

    @Before
    public void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getRawPath();
            boolean direct = path.contains("/agent/");
            String body = path.endsWith("/artifacts")
                    ? listing
                    : contents.getOrDefault(path.substring(path.lastIndexOf('/') + 1), "content");
            if (direct && path.endsWith("/broken.txt")) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                throw new IOException("the connection breaks");
            }
            int status = direct ? 200 : 404;
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @After
    public void stop() {
        server.stop(0);
    }

    private ReportFile collect(String... names) {
        return collect(new Outside(), names);
    }

    private ReportFile collect(Outside outside, String... names) {
        listing = Stream.of(names)
                .map(name -> "{\"name\":\"" + name + "\",\"size\":7,\"status\":\"ready\"}")
                .toList()
                .toString();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        TestkubeClient client = new TestkubeClients(
                        new Connection(url, "o", "e", "t").alone(), TestkubeClients.newHttpClient(), outside)
                .client("");
        ReportFile report = ReportFile.in(folder.getRoot().toPath().resolve("report"));
        RunCollection collection = new RunCollection(
                client, RUN, RUN.workflow(), folder.getRoot().toPath().resolve("artifacts"), "**/*.xml", () -> {});
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    try {
                        return collection.proceed(report);
                    } catch (TransientFault comesAgain) {
                        return false;
                    }
                });
        return report;
    }

    private List<String> files() throws Exception {
        Path root = folder.getRoot().toPath();
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(name -> !name.startsWith("report"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    public void namesThatLeadOutOfTheFolderAreRefusedAndSaid() throws Exception {
        ReportFile report = collect("../../evil", "/etc/evil", "C:/evil", "a/../../evil", "..\\\\evil", "good.txt");

        assertThat(files()).containsExactly("artifacts/66c5/good.txt");
        assertThat(report.read().notices).hasSize(5).allMatch(notice -> notice.contains("is not kept"));
    }

    @Test
    public void aNameThatCannotBeWrittenCostsThatFileAndNoMore() throws Exception {
        ReportFile report = collect("a", "a/b", "good.txt");

        assertThat(files()).containsExactly("artifacts/66c5/a", "artifacts/66c5/good.txt");
        assertThat(report.read().notices).hasSize(1);
        assertThat(report.read().workflows.get(0).executions.get(0).log).contains("content");
    }

    @Test
    public void namesThatDifferInCaseOnlyDoNotOverwriteEachOther() throws Exception {
        ReportFile report = collect("Report.txt", "report.txt");

        assertThat(files()).containsExactly("artifacts/66c5/Report.txt");
        assertThat(report.read().notices).hasSize(1);
    }

    @Test
    public void aQueueForRequestsCostsNoFile() throws Exception {
        Map<String, Integer> calls = new ConcurrentHashMap<>();
        Outside busy = new Outside(new Outside.Cut() {
            @Override
            public void before(String point) {
                if (calls.merge(point, 1, Integer::sum) < 8) {
                    throw new QueuedFault(point, "", "the limiter lets it wait", "", Duration.ofMillis(1));
                }
            }

            @Override
            public void after(String point) {}
        });

        ReportFile report = collect(busy, "a.txt", "b.txt");

        assertThat(files()).containsExactly("artifacts/66c5/a.txt", "artifacts/66c5/b.txt");
        assertThat(report.read().notices).isEmpty();
        assertThat(report.read().workflows.get(0).executions.get(0).log).contains("content");
    }

    @Test
    public void aFileThatDoesNotArriveWholeIsSaidAndNotKept() throws Exception {
        ReportFile report = collect("broken.txt", "good.txt");

        assertThat(files()).containsExactly("artifacts/66c5/good.txt");
        assertThat(report.read().notices).singleElement().asString().contains("fetching artifact broken.txt");
    }

    @Test
    public void namesOfDevicesAndThoseThatWindowsChangesAreRefused() throws Exception {
        ReportFile report = collect("CON", "out/nul.txt", "a./b", "b ", "console.txt");

        assertThat(files()).containsExactly("artifacts/66c5/console.txt");
        assertThat(report.read().notices)
                .hasSize(4)
                .contains(
                        "smoke: artifact \"CON\" is not kept: its name leads out of the build's folder, or is none on every"
                                + " system.");
    }

    @Test
    public void aHundredThousandFilesAreCappedWithANote() throws Exception {
        String[] names = new String[100_000];
        java.util.Arrays.setAll(names, i -> "f" + i);
        ReportFile report = collect(names);

        assertThat(files()).hasSize(RunCollection.MAX_FILES);
        assertThat(report.read().notices)
                .hasSize(21)
                .contains("smoke: artifact \"f200\" is not kept: more than 200 files.")
                .contains("smoke: 99780 more artifacts are not kept.");
    }

    @Test
    public void aLinkThatLiesInTheFolderIsNoWayOut() throws Exception {
        Path outside = folder.newFolder("outside").toPath();
        Path run = folder.getRoot().toPath().resolve("artifacts/66c5");
        Files.createDirectories(run);
        Files.createSymbolicLink(run.resolve("link"), outside);

        ReportFile report = collect("link/evil.txt", "good.txt");

        assertThat(outside).isEmptyDirectory();
        assertThat(run.resolve("good.txt")).isRegularFile();
        assertThat(report.read().notices).hasSize(1).allMatch(notice -> notice.contains("is not kept"));
    }

    @Test
    public void secretsInTestReportsAreMaskedAsInTheLog() throws Exception {
        contents.put(
                "a.xml",
                "<testsuite name='with tkcapi_1'><testcase classname='c.tkckey_2' name='n tkcagnt_3'>"
                        + "<failure message='m tkcapi_4'>d tkcapi_5</failure><system-out>o tkcapi_6</system-out>"
                        + "</testcase></testsuite>");
        ReportFile report = collect("a.xml");

        var suite = report.read().workflows.get(0).executions.get(0).suites.get(0);
        var test = suite.cases.get(0);
        assertThat(List.of(suite.name, test.className, test.name, test.message, test.details, test.output))
                .containsExactly(
                        "with tkcapi_****",
                        "c.tkckey_****",
                        "n tkcagnt_****",
                        "m tkcapi_****",
                        "d tkcapi_****",
                        "o tkcapi_****");
    }

    @Test
    public void tooManyCasesAreANoteInTheReport() throws Exception {
        contents.put(
                "a.xml",
                "<testsuites>" + "<testsuite name='s'><testcase name='a'/></testsuite>".repeat(1001) + "</testsuites>");
        ReportFile report = collect("a.xml");

        assertThat(report.read().notices).contains("smoke: 1 test suites beyond 1000 are counted as one.");
        assertThat(report.read().workflows.get(0).executions.get(0).suites).hasSize(1001);
    }

    @Test
    public void aReportThatUnpacksWithoutEndIsRefused() throws Exception {
        contents.put(
                "a.xml",
                "<!DOCTYPE t [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                        + "<testsuite name='s'><testcase name='&b;'/></testsuite>");
        ReportFile report = collect("a.xml", "good.txt");

        assertThat(report.read().notices)
                .containsExactly("smoke: a.xml: a document type is not allowed in a test report");
        assertThat(files()).contains("artifacts/66c5/good.txt");
    }
}
