package io.jenkins.plugins.ephemeral.benchmark;

import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Exchange;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunSpec;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunState;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunner;
import io.jenkins.plugins.ephemeral.workflow.WorkflowsResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Many builds that each run ten workflows at once, through the embedded control plane: requests per run, how long after
 * the end of its last run a step ends, and threads. {@code -Denvironments=50 -Dworkflows=10 -Dseconds=20}. With
 * {@code -Dclient=stream} or {@code poll} the same runs are followed as by {@link CommandLine}, one client for each.
 */
public final class WorkflowLoad {
    private final int environments = Integer.getInteger("environments", 50);
    private final int workflows = Integer.getInteger("workflows", 10);
    private final int seconds = Integer.getInteger("seconds", 20);
    private final List<Long> lags = new ArrayList<>();
    private CountDownLatch ends = new CountDownLatch(environments);

    private WorkflowLoad() {}

    /** Prints Markdown. */
    public static void main(String[] arguments) throws Exception {
        new WorkflowLoad().run();
        System.exit(0);
    }

    private void run() throws Exception {
        Path folder = Files.createTempDirectory("workflow-load");
        try (EmbeddedControlPlane controlPlane = EmbeddedControlPlane.start()) {
            Connection connection = new Connection(
                    controlPlane.url(),
                    controlPlane.organizationId(),
                    controlPlane.environmentId(),
                    controlPlane.apiToken());
            TestkubeClients clients =
                    new TestkubeClients(connection.alone(), TestkubeClients.newHttpClient(), new Outside());
            prepare(controlPlane, clients.client(""));
            int before = controlPlane.exchanges().size();
            int threadsBefore = engineThreads();
            Driver driver = new Driver("load", 16);
            WorkflowRunner runner = new WorkflowRunner(
                    clients, new ConfiguredClusters(List::of, () -> 1, () -> 1, new Outside(), "load"));
            Instant begun = Instant.now();
            String client = System.getProperty("client", "");
            if (!client.isEmpty()) {
                ends = new CountDownLatch(environments * workflows);
            }
            for (int i = 0; i < environments; i++) {
                if (client.isEmpty()) {
                    begin(driver, runner, folder.resolve("build-" + i), i);
                } else {
                    beginClients(connection, client, i);
                }
            }
            int most = 0;
            while (!ends.await(100, TimeUnit.MILLISECONDS)) {
                most = Math.max(most, engineThreads());
            }
            Duration took = Duration.between(begun, Instant.now());
            List<Exchange> all = controlPlane.exchanges();
            print(all.subList(before, all.size()), took, most - threadsBefore);
            driver.close();
        }
    }

    private void prepare(EmbeddedControlPlane controlPlane, TestkubeClient client) throws InterruptedException {
        for (int i = 0; i < environments; i++) {
            TestkubeAgent agent = client.createAgent(new AgentRequest("agent-" + i, Map.of(), true))
                    .orElseThrow();
            controlPlane.connect(agent.id(), agent.secretKey());
        }
        for (int i = 0; i < workflows; i++) {
            client.upsert(
                    TestkubeResourceKind.WORKFLOW,
                    "w" + i,
                    "{\"apiVersion\":\"testworkflows.testkube.io/v1\",\"kind\":\"TestWorkflow\",\"metadata\":{\"name\":\"w"
                            + i
                            + "\"},\"spec\":{\"steps\":[" + step() + "]}}");
        }
    }

    /** What a run does: it costs nothing, unless processes are asked for. */
    private String step() {
        return Boolean.getBoolean("processes")
                ? "{\"name\":\"work\",\"shell\":\"echo begin; sleep " + seconds + "; echo end\"}"
                : "{\"name\":\"work\",\"delay\":\"" + seconds + "s\"}";
    }

    private void begin(Driver driver, WorkflowRunner runner, Path build, int number) {
        WorkflowRunSpec spec = new WorkflowRunSpec();
        spec.agentName = "agent-" + number;
        for (int i = 0; i < workflows; i++) {
            spec.workflows.add("w" + i);
        }
        ReportFile report = ReportFile.in(build);
        NamespaceRef environment = new NamespaceRef("env-" + number, "dev", "env-" + number, "uid");
        RunRef run = new RunRef("load", "load", number + 1, "");
        var reconciler =
                runner.run(environment, spec, new WorkflowRunState(), run, build, () -> {}, line -> {}, report);
        driver.drive("load", reconciler, Duration.ofMinutes(5), line -> {}, new Drive.Listener<WorkflowsResult>() {
            @Override
            public void done(WorkflowsResult result) {
                ended(report);
            }

            @Override
            public void failed(Throwable failure) {
                System.err.println(failure.getMessage());
                ends.countDown();
            }
        });
    }

    /** One thread for each run, as there would be one process of Testkube's command line. */
    private void beginClients(Connection connection, String kind, int number) {
        for (int i = 0; i < workflows; i++) {
            String workflow = "w" + i;
            Thread thread = new Thread(
                    () -> {
                        try {
                            CommandLine line = new CommandLine(connection);
                            long lag = kind.equals("stream")
                                    ? line.runAndStream(workflow, "agent-" + number)
                                    : line.runAndPoll(workflow, "agent-" + number);
                            synchronized (this) {
                                lags.add(lag);
                            }
                        } catch (Exception e) {
                            System.err.println(e);
                        }
                        ends.countDown();
                    },
                    "load-client");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private synchronized void ended(ReportFile report) {
        Instant last = Instant.EPOCH;
        for (WorkflowEntry workflow : report.read().workflows) {
            for (WorkflowEntry.Execution run : workflow.executions) {
                last = run.finishedAt.isAfter(last) ? run.finishedAt : last;
            }
        }
        lags.add(Duration.between(last, Instant.now()).toMillis());
        ends.countDown();
    }

    /** Without those of the control plane, which is in this process too. */
    private static int engineThreads() {
        // not by their stacks: to take those of all threads stops the whole process each time
        Thread[] all = new Thread[Thread.activeCount() * 2 + 100];
        int count = Thread.enumerate(all);
        return (int) Stream.of(all)
                .limit(count)
                .map(Thread::getName)
                .filter(name -> name.startsWith("load") || name.startsWith("HttpClient"))
                .count();
    }

    private void print(List<Exchange> exchanges, Duration took, int threads) {
        int runs = environments * workflows;
        Map<String, Integer> byKind = new TreeMap<>();
        for (Exchange exchange : exchanges) {
            String path = exchange.path()
                    .replaceAll(".*/(agent|environments/[^/]+)/", "")
                    .replaceAll("/storage/.*", "presigned file")
                    .replaceAll("[0-9a-f]{24}", "ID")
                    .replaceAll("w[0-9]+", "NAME");
            byKind.merge(exchange.method() + ' ' + path, 1, Integer::sum);
        }
        lags.sort(null);
        System.out.printf(
                "%d environments, %d runs of %d s, %d s in all; %d threads more than before%n",
                environments, runs, seconds, took.toSeconds(), threads);
        System.out.printf(
                "step ends after its last run: p50 %d ms, p95 %d ms, most %d ms%n",
                lags.get(lags.size() / 2), lags.get(lags.size() * 95 / 100), lags.get(lags.size() - 1));
        System.out.printf("requests per run: %.1f%n", exchanges.size() / (double) runs);
        byKind.forEach((kind, count) -> System.out.printf("| `%s` | %.2f |%n", kind, count / (double) runs));
    }
}
