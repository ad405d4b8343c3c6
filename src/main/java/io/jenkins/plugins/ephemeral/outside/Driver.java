package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs reconcilers: a bounded pool makes the turns, one timer thread calls for them. A waiting reconciler costs an
 * entry in the timer's queue and no thread. Transient faults are retried here, visibly and within a bound, so that no
 * room has a retry loop of its own.
 */
public final class Driver implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger(Driver.class.getName());

    private final Set<Drive> alive = ConcurrentHashMap.newKeySet();
    private final ExecutorService pool;
    private final ScheduledExecutorService timer;

    /**
     * @param name prefix of the threads' names
     * @param threads how many turns run at once at most
     */
    public Driver(String name, int threads) {
        this(turns(name, threads), timer(name));
    }

    /** With executors of one's own, as for a test whose time passes when it says so. */
    Driver(ExecutorService pool, ScheduledExecutorService timer) {
        this.pool = pool;
        this.timer = timer;
    }

    private static ExecutorService turns(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons(name + "-timer"));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /**
     * Begins to drive a reconciler; its first turn is due at once.
     *
     * @param name for thread names and the log
     * @param reconciler what to drive
     * @param giveUpAfter how long transient faults in a row are borne before the drive fails with the last of them
     * @param console hears of retries that take longer than two seconds
     * @param listener hears the end
     */
    public <T> Drive drive(
            String name,
            Reconciler<T> reconciler,
            Duration giveUpAfter,
            Console console,
            Drive.Listener<? super T> listener) {
        Turning<T> drive = new Turning<>(pool, timer, name, reconciler, giveUpAfter, console, listener);
        alive.add(drive);
        drive.whenOver(() -> alive.remove(drive));
        drive.wake();
        return drive;
    }

    /** Runs a short piece of outside work soon on the pool. Exceptions are logged. Does nothing once this is closed. */
    public void submit(String name, Runnable work) {
        try {
            pool.execute(() -> named(name, work));
        } catch (RejectedExecutionException closed) {
            LOGGER.log(Level.FINE, closed, () -> name + " came after the end");
        }
    }

    /**
     * Runs a short piece of outside work on the pool after a delay. Exceptions are logged. Does nothing once this is
     * closed.
     */
    public void schedule(String name, Duration delay, Runnable work) {
        try {
            timer.schedule(() -> submit(name, work), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOGGER.log(Level.FINE, closed, () -> name + " came after the end");
        }
    }

    /** The pool that makes the turns, for asynchronous clients that want an executor. */
    public ExecutorService executor() {
        return pool;
    }

    /**
     * Drops everything that waits, interrupts what runs, and has streams and subscriptions let go; listeners are not
     * called any more.
     */
    @Override
    public void close() {
        timer.shutdownNow();
        pool.shutdownNow();
        alive.forEach(Drive::cancel);
        alive.clear();
    }

    static void named(String name, Runnable work) {
        Thread thread = Thread.currentThread();
        String before = thread.getName();
        thread.setName(before + ": " + name);
        try {
            work.run();
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, name + " failed", e);
        } finally {
            thread.setName(before);
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + '-' + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
