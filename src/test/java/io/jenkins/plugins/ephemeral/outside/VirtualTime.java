package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Drivers whose time passes only when the test says so, and whose turns are made by the test's thread, one after the
 * other. Wakes may come from other threads; they wait for the next {@link #advance}.
 */
public final class VirtualTime {
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>(
            Comparator.<Task<?>>comparingLong(task -> task.dueMillis).thenComparingLong(task -> task.number));
    private long nowMillis;
    private long numbers;

    /** A driver of this time. */
    public Driver driver() {
        Line line = new Line();
        return new Driver(line, line);
    }

    /** Lets time pass, with all that is due in it; returns how many pieces of work that were. */
    public int advance(Duration by) {
        long until = nowMillis + by.toMillis();
        int done = 0;
        for (Task<?> task = next(until); task != null; task = next(until)) {
            task.run();
            done++;
        }
        return done;
    }

    private synchronized Task<?> next(long until) {
        for (; ; ) {
            Task<?> task = tasks.peek();
            if (task == null || task.dueMillis > until) {
                nowMillis = until;
                return null;
            }
            tasks.remove();
            nowMillis = Math.max(nowMillis, task.dueMillis);
            if (!task.line.down) {
                return task;
            }
        }
    }

    private synchronized <T> Task<T> add(Line line, Callable<T> work, long delayMillis) {
        Task<T> task = new Task<>(line, work, nowMillis + Math.max(0, delayMillis), numbers++);
        tasks.add(task);
        return task;
    }

    private static final class Task<T> extends FutureTask<T> implements ScheduledFuture<T> {
        private final Line line;
        private final long dueMillis;
        private final long number;

        Task(Line line, Callable<T> work, long dueMillis, long number) {
            super(work);
            this.line = line;
            this.dueMillis = dueMillis;
            this.number = number;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(dueMillis, other.getDelay(TimeUnit.MILLISECONDS));
        }
    }

    /** The executors of one driver. */
    private final class Line extends AbstractExecutorService implements ScheduledExecutorService {
        private volatile boolean down;

        @Override
        public void execute(Runnable work) {
            add(this, Executors.callable(work), 0);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
            return add(this, Executors.callable(work), unit.toMillis(delay));
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
            return add(this, work, unit.toMillis(delay));
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long first, long period, TimeUnit unit) {
            throw new UnsupportedOperationException("drivers do not ask for this");
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long first, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException("drivers do not ask for this");
        }

        @Override
        public void shutdown() {
            down = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            down = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return down;
        }

        @Override
        public boolean isTerminated() {
            return down;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return down;
        }
    }
}
