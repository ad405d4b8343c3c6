package io.jenkins.plugins.ephemeral.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.ephemeral.bench.testkube.EmbeddedControlPlane;
import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.Connection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.EnvironmentEntry;
import io.jenkins.plugins.ephemeral.report.Merging;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.report.Verdict;
import io.jenkins.plugins.ephemeral.report.WorkflowEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Runs on an embedded control plane, whose steps are real processes. */
public class WorkflowRunnerTest {
    private static final NamespaceRef ENVIRONMENT = new NamespaceRef("shop-1", "dev", "shop-1", "uid-1");
    private static final RunRef BUILD = new RunRef("ctl-1", "shop/web/PR-41", 7, "");
    private static final String SUITE = "<testsuite name='Api'><testcase classname='c' name='ok'/>"
            + "<testcase classname='c' name='bad'><failure message='no'/></testcase></testsuite>";

    /** None of these runs needs a cluster. */
    private static final Clusters CLUSTERS = new ConfiguredClusters(List::of, () -> 1, () -> 1, new Outside(), "ctl-1");

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Rule
    public final OpenApiContract contract = new OpenApiContract(() -> this.controlPlane);

    private final HttpClient http = TestkubeClients.newHttpClient();
    private final List<String> console = new CopyOnWriteArrayList<>();
    private final WorkflowRunSpec spec = new WorkflowRunSpec();
    private EmbeddedControlPlane controlPlane;
    private Driver driver;
    private volatile int life;
    private TestkubeClients clients;
    private ReportFile report;

    @Before
    public void start() throws Exception {
        controlPlane = EmbeddedControlPlane.builder()
                .unpullableImage("registry.example.org/none:1")
                .start();
        begin(new Outside());
        report = ReportFile.in(folder.getRoot().toPath().resolve("report"));
        TestkubeAgent agent = clients.client("")
                .createAgent(new AgentRequest("jk-shop-1", Map.of(), true))
                .orElseThrow();
        assertThat(controlPlane.connect(agent.id(), agent.secretKey())).isTrue();
        spec.agentName = "jk-shop-1";
    }

    @After
    public void stop() {
        driver.close();
        controlPlane.close();
    }

    /** Begins another life of the controller. */
    private void begin(Outside outside) {
        if (driver != null) {
            driver.close();
        }
        life++;
        driver = new Driver("test", 4);
        Connection connection = new Connection(
                controlPlane.url(),
                controlPlane.organizationId(),
                controlPlane.environmentId(),
                controlPlane.apiToken());
        clients = new TestkubeClients(connection.alone(), http, outside);
    }

    private void workflow(String name, String steps) throws Exception {
        String json =
                "{\"apiVersion\":\"testworkflows.testkube.io/v1\",\"kind\":\"TestWorkflow\",\"metadata\":{\"name\":\""
                        + name + "\",\"labels\":{\"tier\":\"smoke\"}},\"spec\":{\"steps\":" + steps + "}}";
        clients.client("").upsert(TestkubeResourceKind.WORKFLOW, name, json);
    }

    private static String shell(String name, String script) {
        return "{\"name\":\"" + name + "\",\"shell\":\"" + script + "\"}";
    }

    private Path artifacts() {
        return folder.getRoot().toPath().resolve("report").resolve("artifacts");
    }

    /** The build's log as this life writes it: a process that is dead, unlike its threads in this JVM, writes no more. */
    private io.jenkins.plugins.ephemeral.outside.Console console() {
        int own = life;
        return text -> {
            if (own == life) {
                console.add(text);
            }
        };
    }

    private Reconciler<WorkflowsResult> running(WorkflowRunState state) {
        return new WorkflowRunner(clients, CLUSTERS)
                .run(ENVIRONMENT, spec, state, BUILD, artifacts(), () -> {}, console(), report);
    }

    private Reconciler<Void> abortion(WorkflowRunState state) {
        return new WorkflowRunner(clients, CLUSTERS).abort(ENVIRONMENT, spec, state, console(), report);
    }

    private <T> CompletableFuture<T> drive(Reconciler<T> reconciler) {
        CompletableFuture<T> end = new CompletableFuture<>();
        driver.drive("test", reconciler, Duration.ofSeconds(30), console(), new Drive.Listener<T>() {
            @Override
            public void done(T result) {
                end.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                end.completeExceptionally(failure);
            }
        });
        return end;
    }

    private <T> T finish(Reconciler<T> reconciler) throws Throwable {
        try {
            return drive(reconciler).get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private WorkflowEntry.Execution only(String workflow) {
        return report.read().workflows.stream()
                .filter(entry -> entry.name.equals(workflow))
                .flatMap(entry -> entry.executions.stream())
                .reduce((one, other) -> {
                    throw new AssertionError("two runs of " + workflow);
                })
                .orElseThrow();
    }

    private List<String> statuses() {
        return controlPlane.executions().stream()
                .map(execution -> execution.at("/result/status").asText())
                .toList();
    }

    private static WorkflowRunState saved(WorkflowRunState state) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (WorkflowRunState) in.readObject();
        }
    }

    @Test
    public void runsAreFollowedPrintedAndCollected() throws Throwable {
        workflow("smoke", '[' + shell("Hello", "echo hello tkcapi_secret; echo größer") + ']');
        workflow(
                "api-junit",
                '['
                        + shell(
                                "API tests",
                                "mkdir -p out; echo \\\"" + SUITE + "\\\" > out/TEST-a.xml; echo 3 > out/n.txt; exit 3")
                        + ",{\"name\":\"Keep\",\"condition\":\"always\",\"artifacts\":{\"paths\":[\"out/*\"]}}]");
        spec.workflows.addAll(List.of("smoke", "api-junit", "smoke"));
        spec.tags.put("commit", "abc");

        WorkflowsResult result = finish(running(new WorkflowRunState()));

        assertThat(result.passed).containsExactly("smoke");
        assertThat(result.failed).containsExactly("api-junit");
        assertThat(result.tests).isEqualTo(2);
        assertThat(result.failedTests).isEqualTo(1);
        assertThat(result.reasons).hasSize(1);
        assertThat(result.reasons.get(0))
                .contains("api-junit")
                .contains("API tests")
                .contains("exit code 3");
        assertThat(console).contains("[smoke › Hello] hello tkcapi_****", "[smoke › Hello] größer");
        assertThat(console).noneMatch(line -> line.contains("\u0001") || line.contains("tkcapi_secret"));
        WorkflowEntry.Execution entry = only("api-junit");
        assertThat(entry.verdict).isEqualTo(Verdict.FAILED);
        assertThat(entry.environment).isEqualTo("shop-1");
        assertThat(entry.link).startsWith("https://app.example.org/organization/");
        assertThat(entry.steps).extracting(step -> step.name).contains("API tests", "Keep");
        assertThat(entry.suites).hasSize(1);
        assertThat(entry.artifacts).hasSize(2).allSatisfy(artifact -> assertThat(
                        artifacts().resolve(artifact.path))
                .isRegularFile());
        assertThat(only("smoke").log).contains("hello tkcapi_****").doesNotContain("\u0001", "tkcapi_secret");
        JsonNode run = controlPlane.executions().get(0);
        assertThat(run.at("/tags/commit").asText()).isEqualTo("abc");
        assertThat(run.at("/runningContext/interface/name").asText()).isEqualTo("jenkins");
        assertThat(run.at("/runningContext/interface/type").asText()).isEqualTo("ci/cd");
        // no control plane takes a tag in a selector that is no label value
        run.path("tags")
                .forEach(tag -> assertThat(tag.asText()).matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"));
    }

    @Test
    public void aRunThatCannotStartIsAnErrorOfItsSurroundings() throws Throwable {
        workflow("pull", "[{\"name\":\"a\",\"run\":{\"image\":\"registry.example.org/none:1\",\"shell\":\"true\"}}]");
        spec.workflows.add("pull");

        WorkflowsResult result = finish(running(new WorkflowRunState()));

        assertThat(result.failed).containsExactly("pull");
        assertThat(only("pull").verdict).isEqualTo(Verdict.ERROR);
        assertThat(result.reasons.get(0)).startsWith("pull: It could not start: ");
    }

    @Test
    public void unknownWorkflowsAreNamedWithTheKnownOnes() throws Exception {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.addAll(List.of("smoke", "smoek"));

        assertThatThrownBy(() -> finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("there is no workflow smoek; known are smoke");
        assertThat(controlPlane.executions()).isEmpty();
    }

    @Test
    public void aSelectorThatMatchesNothingIsSaid() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.selector = "tier=none";
        assertThatThrownBy(() -> finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("no workflow has the labels tier=none");

        spec.selector = "tier=smoke";
        assertThat(finish(running(new WorkflowRunState())).passed).containsExactly("smoke");
    }

    @Test
    public void aLostAnswerToTheStartMakesNoSecondRun() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        controlPlane.failNext("POST", "/executions$", ServerFault.answerLost());

        assertThat(finish(running(new WorkflowRunState())).passed).containsExactly("smoke");
        assertThat(controlPlane.executions()).hasSize(1);
    }

    @Test
    public void anotherLifeGoesOnWithTheSavedStateAndPrintsNothingTwice() throws Throwable {
        workflow("smoke", '[' + shell("a", "echo first") + ',' + shell("b", "echo second") + ']');
        Path go = folder.getRoot().toPath().resolve("go");
        workflow(
                "slow",
                '[' + shell("wait", "echo begun; while ! test -f " + go + "; do sleep 0.05; done; echo ended") + ']');
        spec.workflows.addAll(List.of("smoke", "slow"));
        WorkflowRunState state = new WorkflowRunState();
        drive(running(state));
        await().until(() -> console.contains("[slow › wait] begun") && state.runs.get(0).collected);

        WorkflowRunState resumed = saved(state);
        begin(new Outside());
        CompletableFuture<WorkflowsResult> end = drive(running(resumed));
        java.nio.file.Files.createFile(go);
        WorkflowsResult result = end.get(60, TimeUnit.SECONDS);

        assertThat(result.passed).containsExactly("smoke", "slow");
        assertThat(controlPlane.executions()).hasSize(2);
        for (String line :
                List.of("[smoke › a] first", "[smoke › b] second", "[slow › wait] begun", "[slow › wait] ended")) {
            assertThat(console).as(line).containsOnlyOnce(line);
        }
    }

    @Test
    public void anOutageInTheMiddleIsBorne() throws Throwable {
        Path go = folder.getRoot().toPath().resolve("go");
        workflow("slow", '[' + shell("wait", "while ! test -f " + go + "; do sleep 0.05; done") + ']');
        spec.workflows.add("slow");
        CompletableFuture<WorkflowsResult> end = drive(running(new WorkflowRunState()));
        await().until(() -> statuses().contains("running"));
        controlPlane.beginOutage(Outage.CONNECTION_REFUSED);
        java.nio.file.Files.createFile(go);
        await().until(() -> statuses().contains("passed"));
        controlPlane.endOutage();

        assertThat(end.get(60, TimeUnit.SECONDS).passed).containsExactly("slow");
    }

    @Test
    public void whatTakesTooLongIsAbortedAndSaidOnce() throws Throwable {
        workflow("slow", '[' + shell("wait", "sleep 60") + ']');
        spec.workflows.add("slow");
        spec.timeout = Duration.ofSeconds(1);

        WorkflowsResult result = finish(running(new WorkflowRunState()));

        assertThat(result.aborted).containsExactly("slow");
        assertThat(result.reasons.get(0)).contains("1 s");
        assertThat(console.stream().filter(line -> line.contains("Aborting"))).hasSize(1);
    }

    @Test
    public void whenOneCannotBeStartedTheOthersDoNotGoOn() throws Throwable {
        workflow("slow", '[' + shell("wait", "sleep 60") + ']');
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.addAll(List.of("slow", "smoke"));
        controlPlane.failNext("POST", "/smoke/executions$", ServerFault.status(402));

        assertThatThrownBy(() -> finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("starting workflow smoke");
        assertThat(statuses()).containsExactly("aborted");
    }

    @Test
    public void abortEndsWhatRunsAndSaysSo() throws Throwable {
        workflow("slow", '[' + shell("wait", "sleep 60") + ']');
        spec.workflows.add("slow");
        WorkflowRunState state = new WorkflowRunState();
        drive(running(state));
        await().until(() -> statuses().contains("running"));
        begin(new Outside());

        finish(abortion(saved(state)));

        assertThat(statuses()).containsExactly("aborted");
        assertThat(only("slow").verdict).isEqualTo(Verdict.ABORTED);
    }

    @Test
    public void abortFindsARunWhoseStartIsStillUnderWay() throws Throwable {
        workflow("slow", '[' + shell("wait", "sleep 60") + ']');
        WorkflowRunState state = new WorkflowRunState();
        state.resolved = true;
        state.deadlineMillis = Long.MAX_VALUE;
        WorkflowRunState.Run run = new WorkflowRunState.Run();
        run.workflow = "slow";
        run.tag = "11111111-2222-3333-4444-555555555555";
        run.requested = true;
        state.runs.add(run);
        CompletableFuture<Void> end = drive(abortion(state));
        await().until(() -> controlPlane.count("GET", "/slow/executions$") > 0);
        clients.client("")
                .start(
                        "slow",
                        new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                                "jk-shop-1", Map.of(), Map.of(WorkflowRuns.TAG, run.tag)));

        end.get(30, TimeUnit.SECONDS);

        assertThat(statuses()).containsExactly("aborted");
    }

    @Test
    public void aRunIsSavedAsCollectedOnlyOnceTheReportHasIt() throws Exception {
        for (int i = 0; i < 3; i++) {
            workflow("w" + i, "[" + shell("a", "echo hello") + "]");
            spec.workflows.add("w" + i);
        }
        WorkflowRunState state = new WorkflowRunState();
        AtomicInteger collected = new AtomicInteger();
        Reconciler<WorkflowsResult> runs = new WorkflowRunner(clients, CLUSTERS)
                .run(
                        ENVIRONMENT,
                        spec,
                        state,
                        BUILD,
                        artifacts(),
                        () -> state.runs.stream().filter(run -> run.collected).forEach(run -> {
                            WorkflowEntry.Execution entry =
                                    Merging.execution(report.read(), run.workflow, run.executionId);
                            assertThat(entry.verdict).isEqualTo(Verdict.PASSED);
                            assertThat(entry.log).contains("hello");
                            collected.incrementAndGet();
                        }),
                        console(),
                        report);

        assertThat(drive(runs).get(60, TimeUnit.SECONDS).passed).containsExactly("w0", "w1", "w2");
        assertThat(collected.get()).isGreaterThanOrEqualTo(3);
    }

    @Test
    public void onlySoManyRunAtOnce() throws Throwable {
        for (int i = 0; i < 4; i++) {
            workflow("w" + i, '[' + shell("a", "sleep 0.5") + ']');
            spec.workflows.add("w" + i);
        }
        spec.maxConcurrent = 2;
        AtomicInteger most = new AtomicInteger();
        CompletableFuture<WorkflowsResult> end = drive(running(new WorkflowRunState()));
        while (!end.isDone()) {
            long now = statuses().stream()
                    .filter(status -> !status.equals("passed"))
                    .count();
            most.accumulateAndGet((int) now, Math::max);
            Thread.sleep(20);
        }

        assertThat(end.get().passed).containsExactly("w0", "w1", "w2", "w3");
        assertThat(most.get()).isEqualTo(2);
    }

    @Test
    public void failFastAbortsWhatRunsAndStartsNoOthers() throws Throwable {
        workflow("bad", '[' + shell("a", "exit 2") + ']');
        workflow("slow", '[' + shell("wait", "sleep 60") + ']');
        workflow("next", '[' + shell("a", "true") + ']');
        spec.workflows.addAll(List.of("bad", "slow", "next"));
        spec.maxConcurrent = 2;
        spec.failFast = true;

        WorkflowsResult result = finish(running(new WorkflowRunState()));

        assertThat(result.failed).containsExactly("bad");
        assertThat(result.aborted).containsExactly("slow", "next");
        assertThat(controlPlane.executions()).hasSize(2);
        assertThat(result.reasons)
                .contains(
                        "slow: Another workflow did not pass, and failFast is set.",
                        "next: not run: Another workflow did not pass, and failFast is set.");
        assertThat(statuses()).containsExactlyInAnyOrder("failed", "aborted");
        assertThat(console)
                .contains("[slow] Another workflow did not pass, and failFast is set. Aborting it.")
                .anyMatch(line -> line.matches("\\[bad › a] failed after [0-9.]+ s, exit code 2"))
                .anyMatch(line -> line.matches("\\[bad] failed after [0-9.]+ s \\(queued [0-9.]+ s\\): Step .*"));
    }

    @Test
    public void whatTheControlPlaneAbortedIsRunAgain() throws Throwable {
        Path go = folder.getRoot().toPath().resolve("go");
        workflow("w", '[' + shell("a", "test -f " + go + " || sleep 60") + ']');
        spec.workflows.add("w");
        spec.retries = 2;
        CompletableFuture<WorkflowsResult> end = drive(running(new WorkflowRunState()));
        await().until(() -> statuses().contains("running"));
        java.nio.file.Files.createFile(go);
        clients.client("").abort(controlPlane.executions().get(0).path("id").asText());

        assertThat(end.get(60, TimeUnit.SECONDS).passed).containsExactly("w");
        assertThat(statuses()).containsExactly("aborted", "passed");
        assertThat(console).contains("[w] is run again, 1 of 2 times");
        WorkflowEntry entry = report.read().workflows.get(0);
        assertThat(entry.executions)
                .extracting(execution -> execution.superseded)
                .containsExactly(true, false);
        assertThat(entry.verdict).isEqualTo(Verdict.PASSED);
    }

    @Test
    public void triggeredRunsAreWaitedFor() throws Throwable {
        workflow("smoke", '[' + shell("a", "echo hello") + ']');
        spec.awaitTriggered.add("smoke");
        CompletableFuture<WorkflowsResult> end = drive(running(new WorkflowRunState()));
        await().until(() -> controlPlane.count("GET", "/smoke/executions$") > 1);
        assertThat(controlPlane.executions()).isEmpty();
        var none = new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                "jk-shop-1", Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-1", WorkflowRuns.TAG, "of-a-step"));
        clients.client("").start("smoke", none);
        var foreign = new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                "jk-shop-1", Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-2"));
        clients.client("").start("smoke", foreign);
        var anotherControllers = new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                "jk-shop-1", Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-1", RunTags.CONTROLLER, "ctl-2"));
        clients.client("").start("smoke", anotherControllers);
        String id = clients.client("")
                .start(
                        "smoke",
                        new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                                "jk-shop-1",
                                Map.of(),
                                Map.of(RunTags.ENVIRONMENT, "shop-1", RunTags.CONTROLLER, "ctl-1")))
                .id();

        WorkflowsResult result = end.get(60, TimeUnit.SECONDS);

        assertThat(result.passed).containsExactly("smoke");
        assertThat(result.executionIds).containsExactly(id);
        assertThat(only("smoke").triggered).isTrue();
    }

    @Test
    public void aTriggerThatDoesNotFireIsSaid() throws Throwable {
        workflow("smoke", '[' + shell("a", "echo hello") + ']');
        spec.awaitTriggered.add("smoke");
        spec.timeout = Duration.ofSeconds(1);

        WorkflowsResult result = finish(running(new WorkflowRunState()));

        assertThat(result.aborted).containsExactly("smoke");
        assertThat(result.reasons).containsExactly("smoke: not run: no trigger started it within 1 s.");
    }

    @Test
    public void aTargetNamesTheAgentsThatMayTakeIt() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        spec.target.put("group", "eu, us");
        assertThatThrownBy(() -> finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("no runner matches the target");

        spec.onlyWhenMatches = false;
        spec.timeout = Duration.ofSeconds(2);
        WorkflowsResult result = finish(running(new WorkflowRunState()));
        assertThat(result.aborted).as("queued until the timeout").containsExactly("smoke");
        assertThat(controlPlane.executions().get(0).at("/runnerOriginalTarget/match/group"))
                .hasSize(2);
    }

    @Test
    public void aVariantIsRunInPlaceOfTheSharedOneAndReportedUnderItsName() throws Throwable {
        workflow("smoke", '[' + shell("a", "exit 1") + ']');
        workflow("smoke-00c0ffee", '[' + shell("a", "true") + ']');
        report.update(written -> {
            EnvironmentEntry entry = Merging.environment(written, "shop-1");
            entry.resources.add("TestWorkflow/smoke");
            entry.variants.put("smoke", "smoke-00c0ffee");
        });

        assertThat(finish(running(new WorkflowRunState())).passed).containsExactly("smoke");
        assertThat(only("smoke").variant).isEqualTo("smoke-00c0ffee");

        spec.selector = "tier=smoke";
        WorkflowRunState state = new WorkflowRunState();
        assertThat(finish(running(state)).passed).containsExactly("smoke");
        assertThat(state.runs).hasSize(1);
    }

    private String trigger(String workflow) throws Exception {
        return clients.client("")
                .start(
                        workflow,
                        new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                                "jk-shop-1", Map.of(), Map.of(RunTags.ENVIRONMENT, "shop-1")))
                .id();
    }

    @Test
    public void aRunThatWasTriggeredInAnEarlierBuildIsNotTakenForThisBuilds() throws Throwable {
        workflow("smoke", '[' + shell("a", "echo hello") + ']');
        trigger("smoke");
        java.time.Instant newest = clients.client("").runs().newest(RunTags.ENVIRONMENT, "shop-1");
        assertThat(newest).isNotNull();
        assertThat(clients.client("").runs().newest(RunTags.ENVIRONMENT, "shop-2"))
                .isNull();
        report.update(written -> {
            EnvironmentEntry entry = Merging.environment(written, "shop-1");
            entry.applied = true;
            entry.runsBefore = newest;
        });
        spec.awaitTriggered.add("smoke");
        WorkflowRunState state = new WorkflowRunState();
        drive(running(state));
        await().until(() -> controlPlane.count("GET", "/smoke/executions$") > 1);
        assertThat(state.runs.get(0).executionId).isNull();

        // what another life has to know as well
        begin(new Outside());
        CompletableFuture<WorkflowsResult> end = drive(running(saved(state)));
        String id = trigger("smoke");

        assertThat(end.get(60, TimeUnit.SECONDS).executionIds).containsExactly(id);
    }

    private Reconciler<WorkflowsResult> patient(WorkflowRunState state, Duration patience) {
        return new WorkflowRunner(clients, CLUSTERS, patience)
                .run(ENVIRONMENT, spec, state, BUILD, artifacts(), () -> {}, console(), report);
    }

    private String startedLate(WorkflowRunState state) throws Exception {
        return clients.client("")
                .start(
                        "smoke",
                        new io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest(
                                "jk-shop-1", Map.of(), Map.of(WorkflowRuns.TAG, state.runs.get(0).tag)))
                .id();
    }

    @Test
    public void aRunThatTheListsDoNotShowAtOnceIsWaitedForAndNotStartedTwice() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        controlPlane.failNext("POST", "/executions$", ServerFault.droppedBefore());
        WorkflowRunState state = new WorkflowRunState();
        CompletableFuture<WorkflowsResult> end = drive(patient(state, Duration.ofMinutes(5)));
        await().atMost(Duration.ofSeconds(30)).until(() -> controlPlane.count("GET", "/smoke/executions$") > 2);
        assertThat(console)
                .containsOnlyOnce(
                        "[smoke] its start was asked for and not answered; it is looked for, for 300 s, before"
                                + " it is started again");
        assertThat(controlPlane.count("POST", "/smoke/executions$")).isEqualTo(1);
        String late = startedLate(state);

        assertThat(end.get(60, TimeUnit.SECONDS).executionIds).containsExactly(late);
        assertThat(controlPlane.executions()).hasSize(1);
    }

    @Test
    public void aStartThatWasGivenUpForLostAndComesToPassIsAborted() throws Throwable {
        Path go = folder.getRoot().toPath().resolve("go");
        workflow("smoke", '[' + shell("a", "while ! test -f " + go + "; do sleep 0.05; done") + ']');
        spec.workflows.add("smoke");
        controlPlane.failNext("POST", "/executions$", ServerFault.droppedBefore());
        WorkflowRunState state = new WorkflowRunState();
        CompletableFuture<WorkflowsResult> end = drive(patient(state, Duration.ofMillis(500)));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !state.runs.isEmpty() && state.runs.get(0).executionId != null);
        String late = startedLate(state);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> clients.client("").execution(late).orElseThrow().isOver());
        java.nio.file.Files.createFile(go);

        assertThat(end.get(60, TimeUnit.SECONDS).executionIds).doesNotContain(late);
        assertThat(statuses()).containsExactlyInAnyOrder("passed", "aborted");
        assertThat(console)
                .containsOnlyOnce(
                        "[smoke] a start that was given up for lost has come to pass: its run smoke-2 is aborted");
    }

    @Test
    public void whatWasCertainlyNotStartedIsAskedForAgainAtOnce() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        controlPlane.failNext("POST", "/executions$", ServerFault.status(429));

        assertThat(drive(patient(new WorkflowRunState(), Duration.ofMinutes(5))).get(30, TimeUnit.SECONDS).passed)
                .containsExactly("smoke");
        assertThat(controlPlane.executions()).hasSize(1);
        assertThat(console).noneMatch(line -> line.contains("looked for"));
    }

    @Test
    public void aStartThatALimiterHeldBackIsNotLookedFor() throws Throwable {
        AtomicInteger starts = new AtomicInteger();
        begin(new Outside(new Outside.Cut() {
            @Override
            public void before(String point) {
                if (point.startsWith("Testkube: starting") && starts.getAndIncrement() == 0) {
                    throw new QueuedFault(point, "", "the limiter lets it wait", "", Duration.ofMillis(1));
                }
            }

            @Override
            public void after(String point) {}
        }));
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");

        assertThat(drive(patient(new WorkflowRunState(), Duration.ofMinutes(5))).get(30, TimeUnit.SECONDS).passed)
                .containsExactly("smoke");
        assertThat(starts.get()).isEqualTo(2);
        assertThat(console).noneMatch(line -> line.contains("looked for"));
    }

    @Test
    public void aRunWhoseStartNobodyAnsweredAndThatHasToStopIsNotStartedAgain() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        spec.timeout = Duration.ofSeconds(1);
        controlPlane.failNext("POST", "/executions$", ServerFault.droppedBefore());

        WorkflowsResult result =
                drive(patient(new WorkflowRunState(), Duration.ofSeconds(2))).get(30, TimeUnit.SECONDS);

        assertThat(result.aborted).containsExactly("smoke");
        assertThat(result.reasons).containsExactly("smoke: not run: It ran longer than the timeout of 1 s.");
        assertThat(controlPlane.count("POST", "/smoke/executions$")).isEqualTo(1);
    }

    @Test
    public void aRunThatALimitOfTheControlPlaneAbortedSaysSo() throws Throwable {
        controlPlane.holdBefore("running");
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        CompletableFuture<WorkflowsResult> end = drive(running(new WorkflowRunState()));
        await().until(() -> statuses().size() == 1);
        clients.client("").abort(controlPlane.executions().get(0).path("id").asText());
        controlPlane.releaseHeld();

        assertThat(end.get(60, TimeUnit.SECONDS).reasons)
                .containsExactly(
                        "smoke: It was aborted in the control plane: by a person, a limit, or since its Pod was"
                                + " lost.");
    }

    @Test
    public void anAgentThatIsNotThereIsSaid() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        spec.agentName = "jk-gone";

        assertThatThrownBy(() -> finish(running(new WorkflowRunState())))
                .isInstanceOf(UserFault.class)
                .hasMessageStartingWith("starting workflow smoke (control plane testkube): it answered 400: ")
                .hasMessageEndingWith(
                        "Check that agent jk-gone is connected. With onlyWhenMatches: false the run waits for one.");
        assertThat(controlPlane.executions()).isEmpty();
    }

    @Test
    public void anAgentThatIsOfflineIsSaidWhenTheTimeIsOver() throws Throwable {
        workflow("smoke", '[' + shell("a", "true") + ']');
        spec.workflows.add("smoke");
        spec.timeout = Duration.ofMillis(1500);
        controlPlane.disconnect(
                clients.client("").findAgent("jk-shop-1").orElseThrow().id());

        assertThat(finish(running(new WorkflowRunState())).reasons)
                .containsExactly("smoke: It ran longer than the timeout of 1 s. No agent took it: check that agent"
                        + " jk-shop-1 is connected.");
    }
}
