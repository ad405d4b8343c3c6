package io.jenkins.plugins.ephemeral.agent;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.runners.BlockJUnit4ClassRunner;
import org.junit.runners.model.InitializationError;
import org.junit.runners.model.RunnerScheduler;

/** Runs the tests of a class beside each other: ones that mostly wait for a cluster, and have nothing else in common. */
public final class SideBySide extends BlockJUnit4ClassRunner {
    private static final int AT_ONCE = 4;

    /** Made by JUnit. */
    public SideBySide(Class<?> tests) throws InitializationError {
        super(tests);
        setScheduler(new RunnerScheduler() {
            private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);

            @Override
            public void schedule(Runnable test) {
                threads.execute(test);
            }

            @Override
            public void finished() {
                threads.shutdown();
                try {
                    if (!threads.awaitTermination(30, TimeUnit.MINUTES)) {
                        throw new AssertionError("tests did not end");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            }
        });
    }
}
