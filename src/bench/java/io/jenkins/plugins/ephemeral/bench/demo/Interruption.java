package io.jenkins.plugins.ephemeral.bench.demo;

import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What Ctrl-C does to a run: it is aborted, and the process ends when what it made is gone. Pods of the embedded cluster
 * are processes that would live on, and namespaces of a real cluster would stay.
 */
final class Interruption implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 150;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupted, "demo-interrupted");
    private volatile PipelineRun run;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From now on it is this run that is aborted. */
    void aborts(PipelineRun begun) {
        run = begun;
    }

    private void interrupted() {
        PipelineRun begun = run;
        if (begun != null) {
            System.out.println("Interrupted: the build is aborted, and what it made is deleted.");
            begun.abort();
        }
        try {
            if (begun != null && !over.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.out.println("Given up: look for what is left by the label app.kubernetes.io/managed-by.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All is closed: the process may end. */
    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // it is the hook that has waited for this
        }
    }
}
