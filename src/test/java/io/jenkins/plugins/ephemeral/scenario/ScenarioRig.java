package io.jenkins.plugins.ephemeral.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.demo.DemoStage;
import io.jenkins.plugins.ephemeral.bench.pipeline.BenchJob;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentService;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;

/** A stage for scenarios, and what has to be true after each of them: nothing of ours is left on either side. */
public final class ScenarioRig extends ExternalResource {
    private final TemporaryFolder folder = new TemporaryFolder();
    private final String kubeconfig;
    private DemoStage stage;

    ScenarioRig(String kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    @Override
    protected void before() throws Throwable {
        folder.create();
        stage = new DemoStage(folder.getRoot().toPath().resolve("home"), kubeconfig, new ByteArrayOutputStream());
    }

    @Override
    protected void after() {
        try {
            stage.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            folder.delete();
        }
    }

    DemoStage stage() {
        return stage;
    }

    /** Starts a scripted or declarative program whose files: come from examples/. */
    PipelineRun start(String program) throws Exception {
        BenchJob job = (BenchJob) stage.bench().jenkins().getItem("shop");
        if (job == null) {
            job = stage.bench().jenkins().createJob("shop", program);
        } else {
            job.setJenkinsfile(program);
        }
        job.setRevision(Path.of("examples").toAbsolutePath().toFile());
        return stage.bench().run(job, Map.of());
    }

    static String example() throws Exception {
        return Files.readString(Path.of("examples/Jenkinsfile"));
    }

    Report report(PipelineRun run) {
        return ReportFile.in(run.build().getRootDir().toPath().resolve("ephemeral-environments"))
                .read();
    }

    static void assertResult(PipelineRun run, Result expected) {
        Result result = run.await();
        assertThat(result).as(run.console()).isEqualTo(expected);
    }

    /** Files below JENKINS_HOME that hold a text, as it is or in base64. */
    List<Path> filesThatHold(String text) throws IOException {
        String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        List<Path> holding = new java.util.ArrayList<>();
        try (Stream<Path> files = Files.walk(folder.getRoot().toPath())) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (content.contains(text) || content.contains(encoded)) {
                    holding.add(file);
                }
            }
        }
        return holding;
    }

    /** Namespaces and agents of ours, listed on both sides. */
    List<String> left() {
        List<String> left = new java.util.ArrayList<>(stage.controlPlane().agentNames());
        stage.client()
                .namespaces()
                .withLabel(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                // this Jenkins alone: tests of several processes share the real cluster
                .withLabel(Labels.CONTROLLER, EphemeralEngine.get().settings().controllerId())
                .list()
                .getItems()
                .forEach(namespace -> left.add(namespace.getMetadata().getName()));
        return left;
    }

    /** What a person does on the administrator's page. */
    void endBranchEnvironments() {
        EnvironmentService environments = EphemeralEngine.get().engine().environments();
        environments.all().forEach(each -> environments.release(each.name, null, Ending.PERSON, Console.NONE));
    }

    void assertNothingIsLeft() {
        Awaitility.await("nothing of ours is left")
                .atMost(Duration.ofSeconds(150))
                .untilAsserted(() -> assertThat(left()).isEmpty());
    }
}
