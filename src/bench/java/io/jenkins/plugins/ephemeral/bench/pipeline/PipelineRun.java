package io.jenkins.plugins.ephemeral.bench.pipeline;

import hudson.model.Result;
import hudson.model.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jenkinsci.plugins.workflow.graph.FlowNode;

/** One build, followed through the lives of its controller. */
public final class PipelineRun {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private final PipelineBench bench;
    private final String id;
    private BenchRun run;

    PipelineRun(PipelineBench bench, BenchRun run) {
        this.bench = bench;
        this.run = run;
        this.id = run.getExternalizableId();
    }

    /** The build as the controller that lives now has it. */
    public BenchRun build() {
        return run;
    }

    public String console() {
        return run.getLog();
    }

    /** The nodes of its graph that this life made. */
    public List<FlowNode> nodes() {
        return List.copyOf(build().nodes().values());
    }

    /** Waits until the console has {@code text}; fails when the build ends before. */
    public PipelineRun waitForMessage(String text) {
        Awaitility.await("\u201c" + text + "\u201d in the console")
                .pollInterval(Duration.ofMillis(10))
                .atMost(PATIENCE)
                .until(() -> {
                    boolean ended = run.isOver();
                    if (console().contains(text)) {
                        return true;
                    }
                    if (ended) {
                        throw new AssertionError("the build ended without \u201c" + text + "\u201d:\n" + console());
                    }
                    return false;
                });
        return this;
    }

    /** Kills the controller under the build. */
    public PipelineRun kill() throws IOException, InterruptedException {
        bench.kill();
        return this;
    }

    /** Starts a controller again after {@link #kill()}; the build goes on in it. */
    public PipelineRun resume() throws IOException {
        bench.start();
        run = (BenchRun) Run.fromExternalizableId(id);
        return this;
    }

    /** An orderly restart of the controller. */
    public PipelineRun restart() throws IOException, InterruptedException {
        bench.restart();
        run = (BenchRun) Run.fromExternalizableId(id);
        return this;
    }

    /** Presses the stop button as user alice. */
    public PipelineRun abort() {
        run.stop("alice");
        return this;
    }

    /** Waits for the end and tells how it ended. */
    public Result await() {
        try {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(10))
                    .atMost(PATIENCE)
                    .until(() -> run.isOver());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no end of " + id + ":\n" + console(), e);
        }
        return run.getResult();
    }
}
