package io.jenkins.plugins.ephemeral.bench.demo;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.bench.pipeline.BenchJob;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Runs a Jenkinsfile on an embedded cluster, prints the console as Jenkins would, and writes the build page.
 * Properties: {@code jenkinsfile} (default {@code examples/Jenkinsfile}), {@code kubeconfig} (a real cluster's file).
 */
public final class Demo {
    private static final Path OUT = Path.of("target", "demo");

    private Demo() {}

    /** Ends with 0 if the build did not fail, nothing is left behind, and the page is there. */
    public static void main(String[] args) throws Exception {
        Path jenkinsfile = Path.of(System.getProperty("jenkinsfile", "examples/Jenkinsfile"));
        String kubeconfig = System.getProperty("kubeconfig", "");
        System.exit(run(jenkinsfile, kubeconfig.isEmpty() ? null : Files.readString(Path.of(kubeconfig))) ? 0 : 1);
    }

    /** Runs it; whether all went as the main method says. */
    public static boolean run(Path jenkinsfile, String kubeconfig) throws Exception {
        clear(OUT);
        try (Interruption interruption = new Interruption();
                DemoStage stage = new DemoStage(OUT.resolve("home").toAbsolutePath(), kubeconfig, System.out)) {
            BenchJob job = stage.bench().jenkins().createJob("shop", Files.readString(jenkinsfile));
            job.setRevision(jenkinsfile.toAbsolutePath().getParent().toFile());
            PipelineRun run = stage.bench().run(job, Map.of());
            interruption.aborts(run);
            Result result = run.await();
            ReportFile report = ReportFile.in(run.build().getRootDir().toPath().resolve("ephemeral-environments"));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> report.read().finishedAt != null
                            && left(stage) == 0
                            && report.read().environments.stream().allMatch(each -> "GONE".equals(each.state)));
            Path page = StaticPage.write(OUT, Files.readAllBytes(report.path()));
            System.out.println();
            System.out.println("Build: " + result + ". Nothing is left in the cluster or in the control plane.");
            System.out.println("Page:  " + page.toAbsolutePath().toUri());
            return result != Result.FAILURE && result != Result.ABORTED;
        }
    }

    /** How many namespaces and agents of ours are still there; a real cluster may have some of other controllers. */
    private static int left(DemoStage stage) {
        return stage.client()
                        .namespaces()
                        .withLabel(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                        .withLabel(
                                Labels.CONTROLLER,
                                EphemeralEngine.get().settings().controllerId())
                        .list()
                        .getItems()
                        .size()
                + stage.controlPlane().agentNames().size();
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
