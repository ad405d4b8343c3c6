package jenkins.util;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Stand-in: the shared scheduler, for what returns at once. */
public class Timer {
    private static ScheduledExecutorService executor;

    public static synchronized ScheduledExecutorService get() {
        if (executor == null) {
            executor = Executors.newScheduledThreadPool(10, r -> {
                Thread t = new Thread(r, "jenkins.util.Timer");
                t.setDaemon(true);
                return t;
            });
        }
        return executor;
    }

    public static synchronized void shutdown() {
        if (executor != null) {
            executor.shutdownNow();
            executor = null;
        }
    }
}
