package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs Jenkinsfiles against the real steps, in a controller of its own that may be killed and started again.
 *
 * <pre>{@code
 * try (PipelineBench bench = new PipelineBench(directory)) {
 *     bench.run("node { sh 'make' }").waitForMessage("compiling").kill().resume().await();
 * }
 * }</pre>
 */
public final class PipelineBench implements AutoCloseable {
    private final Path home;
    private final OutputStream liveConsole;
    private BenchJenkins jenkins;
    private int jobs;

    public PipelineBench(Path home) throws IOException {
        this(home, OutputStream.nullOutputStream());
    }

    /**
     * @param home a {@code JENKINS_HOME}, new or of an earlier bench
     * @param liveConsole where the consoles of all builds are shown while they run; never closed
     */
    public PipelineBench(Path home, OutputStream liveConsole) throws IOException {
        this.home = home;
        this.liveConsole = liveConsole;
        start();
    }

    /** The controller that lives now. */
    public BenchJenkins jenkins() {
        return jenkins;
    }

    /** Starts a build of a new job. */
    public PipelineRun run(String jenkinsfile) throws IOException {
        return run(jenkins.createJob("job-" + ++jobs, jenkinsfile), Map.of());
    }

    public PipelineRun run(BenchJob job, Map<String, ?> parameters) throws IOException {
        return new PipelineRun(this, job.start(parameters));
    }

    /** Starts a controller on what is on disk; running builds go on. */
    public void start() throws IOException {
        jenkins = BenchJenkins.start(
                home.toFile(), liveConsole, jenkins == null ? List.of() : List.copyOf(jenkins.clouds));
    }

    /** The process is killed: nothing is saved that was not on disk. */
    public void kill() throws IOException, InterruptedException {
        jenkins.end(false);
    }

    /** An orderly restart: programs are saved, terminators run, then a new controller starts. */
    public void restart() throws IOException, InterruptedException {
        jenkins.end(true);
        start();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (!jenkins.isTerminating()) {
            jenkins.end(true);
        }
    }
}
