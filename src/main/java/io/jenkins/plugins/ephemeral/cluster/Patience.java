package io.jenkins.plugins.ephemeral.cluster;

import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** For the thread that looks after watches: it may wait, and while no watch stands everybody looks every second. */
final class Patience {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private Patience() {}

    /**
     * Makes a call; waits as long as the limiter does not let it through, within a bound.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.Fault as the call does
     */
    static <T> T with(Supplier<T> call) {
        long begun = System.nanoTime();
        while (true) {
            try {
                return call.get();
            } catch (QueuedFault fault) {
                if (System.nanoTime() - begun + fault.retryAfter().toNanos() > LONGEST_NANOS) {
                    throw fault;
                }
                sleep(fault);
            }
        }
    }

    private static void sleep(QueuedFault fault) {
        try {
            TimeUnit.NANOSECONDS.sleep(fault.retryAfter().toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the watches are closed
            throw fault;
        }
    }
}
