package io.jenkins.plugins.ephemeral.agent;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.rules.TestRule;
import org.junit.runner.Description;
import org.junit.runners.BlockJUnit4ClassRunner;
import org.junit.runners.model.InitializationError;
import org.junit.runners.model.RunnerScheduler;
import org.junit.runners.model.Statement;

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

    /** A test beside which no other one may run, as it disturbs what all of them use. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface Alone {}

    /** Lets tests that are {@link Alone} be so; one for a class, in a static field. */
    static final class Turns implements TestRule {
        private final ReadWriteLock cluster = new ReentrantReadWriteLock(true);

        @Override
        public Statement apply(Statement base, Description description) {
            return new Statement() {
                @Override
                public void evaluate() throws Throwable {
                    Lock turn =
                            description.getAnnotation(Alone.class) == null ? cluster.readLock() : cluster.writeLock();
                    turn.lock();
                    try {
                        base.evaluate();
                    } finally {
                        turn.unlock();
                    }
                }
            };
        }
    }
}
