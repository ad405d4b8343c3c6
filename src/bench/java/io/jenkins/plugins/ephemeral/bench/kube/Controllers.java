package io.jenkins.plugins.ephemeral.bench.kube;

import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The one thread on which all controllers and the kubelet act; none of them waits on it. */
final class Controllers implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Controllers.class.getName());

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "embedded-cluster-controllers");
        thread.setDaemon(true);
        return thread;
    });

    Controllers() {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRemoveOnCancelPolicy(true);
    }

    void onChange(Store store, Consumer<Change> controller) {
        store.listen(change -> soon(() -> controller.accept(change)));
    }

    void soon(Runnable task) {
        later(Duration.ZERO, task);
    }

    void later(Duration delay, Runnable task) {
        try {
            executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOGGER.log(Level.FINE, "the cluster is closed", closed);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "a controller of the embedded cluster failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
