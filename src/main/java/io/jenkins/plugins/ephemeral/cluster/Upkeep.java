package io.jenkins.plugins.ephemeral.cluster;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Work that one thread does now and then, when it was asked for; there is no thread while nothing is to be done. */
final class Upkeep {
    private static final Logger LOGGER = Logger.getLogger(Upkeep.class.getName());

    private final ScheduledThreadPoolExecutor thread;
    private final Runnable work;
    private ScheduledFuture<?> round;
    private boolean closed;

    /** @param name of the thread */
    Upkeep(String name, Runnable work) {
        this.work = work;
        thread = new ScheduledThreadPoolExecutor(1, run -> {
            Thread made = new Thread(run, name);
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setKeepAliveTime(10, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** Has it done once, no later than that. */
    synchronized void within(long delayMillis) {
        if (closed || round != null && round.getDelay(TimeUnit.MILLISECONDS) <= delayMillis) {
            return;
        }
        if (round != null) {
            round.cancel(false);
        }
        try {
            round = thread.schedule(this::run, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "closed meanwhile", e);
        }
    }

    private void run() {
        synchronized (this) {
            round = null;
        }
        work.run();
    }

    /** No more of it. */
    synchronized void close() {
        closed = true;
        thread.shutdownNow();
    }
}
