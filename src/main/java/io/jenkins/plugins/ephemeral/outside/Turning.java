package io.jenkins.plugins.ephemeral.outside;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One drive of the {@link Driver}: its turns, one after the other, its back-off and its end. */
final class Turning<T> implements Drive {
    private static final Logger LOGGER = Logger.getLogger(Turning.class.getName());
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    /** Whoever waits for less than this does not want to read about it. */
    private static final Duration WORTH_A_LINE = Duration.ofSeconds(2);

    private final ExecutorService pool;
    private final ScheduledExecutorService timer;
    private final String name;
    private final Reconciler<T> reconciler;
    private final Duration giveUpAfter;
    private final Console console;
    private final Drive.Listener<? super T> listener;
    private ScheduledFuture<?> next;
    private boolean running;
    private boolean wanted;
    private boolean over;
    private boolean heldBack;
    private int faultsInRow;
    private long firstFaultNanos;
    private long lastSaidNanos;
    private final List<Runnable> toLetGo = new ArrayList<>(1);
    private boolean queued;
    private long queuedNanos;
    private boolean saidQueued;
    private volatile String trouble;

    Turning(
            ExecutorService pool,
            ScheduledExecutorService timer,
            String name,
            Reconciler<T> reconciler,
            Duration giveUpAfter,
            Console console,
            Drive.Listener<? super T> listener) {
        this.pool = pool;
        this.timer = timer;
        this.name = name;
        this.reconciler = reconciler;
        this.giveUpAfter = giveUpAfter;
        this.console = console;
        this.listener = listener;
    }

    @Override
    public synchronized void wake() {
        if (running) {
            wanted = true;
        } else if (!heldBack) {
            begin();
        }
    }

    /** The delay is over. */
    private synchronized void due() {
        heldBack = false;
        if (!running) {
            begin();
        }
    }

    private synchronized void begin() {
        if (over || pool.isShutdown()) {
            return;
        }
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        running = true;
        try {
            pool.execute(() -> Driver.named(name, this::turn));
        } catch (RejectedExecutionException e) {
            // the driver was closed between the look and the call
            over = true;
        }
    }

    @Override
    public void cancel() {
        synchronized (this) {
            over = true;
            if (next != null) {
                next.cancel(false);
            }
            if (running) {
                return; // the turn that runs lets go when it is over
            }
        }
        letGo();
    }

    @Override
    public void whenOver(Runnable letGo) {
        synchronized (this) {
            if (!over || running) {
                toLetGo.add(letGo);
                return;
            }
        }
        letGo.run();
    }

    private void letGo() {
        List<Runnable> those;
        synchronized (this) {
            those = List.copyOf(toLetGo);
            toLetGo.clear();
        }
        for (Runnable letGo : those) {
            try {
                letGo.run();
            } catch (RuntimeException e) {
                LOGGER.log(Level.WARNING, name + " could not let go", e);
            }
        }
    }

    @Override
    public synchronized boolean isOver() {
        return over;
    }

    @Override
    public String status() {
        String text = trouble;
        return text == null ? reconciler.status() : text;
    }

    private void turn() {
        if (isOver()) {
            lastTurnOver();
        } else {
            takeTurn();
        }
    }

    /** Cancelled while it ran. */
    private void lastTurnOver() {
        synchronized (this) {
            running = false;
        }
        letGo();
    }

    private void takeTurn() {
        Turn turn = new Turn(this);
        turn.enter();
        Progress<T> progress;
        try {
            progress = reconciler.reconcile();
        } catch (QueuedFault fault) {
            later(inQueue(fault), true);
            return;
        } catch (TransientFault fault) {
            Duration delay = backOff(fault);
            if (delay == null) {
                end(null, fault);
            } else {
                later(delay, true);
            }
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
            lastTurnOver();
            return;
        } catch (RuntimeException | Error e) {
            // an Error too: whoever waits for the end must not wait for ever
            end(null, e);
            return;
        } finally {
            turn.leave();
        }
        faultsInRow = 0;
        queued = false;
        trouble = null;
        if (progress.isDone()) {
            end(progress.result(), null);
        } else {
            later(progress.delay(), false);
        }
    }

    /** How long a gate of our own lets it wait; said once, and only when it is worth a line. */
    private Duration inQueue(QueuedFault fault) {
        long now = System.nanoTime();
        if (!queued) {
            queued = true;
            queuedNanos = now;
        }
        Duration wait = Duration.ofNanos(now - queuedNanos).plus(fault.retryAfter());
        trouble = "waiting: " + fault.getMessage();
        if (!saidQueued && wait.compareTo(WORTH_A_LINE) > 0) {
            saidQueued = true;
            console.line(fault.getMessage());
        }
        return fault.retryAfter();
    }

    /** How long to wait after a fault, or null when it has gone on for too long. */
    private Duration backOff(TransientFault fault) {
        long now = System.nanoTime();
        if (faultsInRow++ == 0) {
            firstFaultNanos = now;
            lastSaidNanos = 0;
        }
        Duration since = Duration.ofNanos(now - firstFaultNanos);
        if (since.plus(fault.retryAfter()).compareTo(giveUpAfter) >= 0) {
            return null;
        }
        Duration delay = FIRST_BACKOFF.multipliedBy(1L << Math.min(faultsInRow - 1, 6));
        delay = delay.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : delay;
        delay = delay.plusMillis(ThreadLocalRandom.current().nextLong(delay.toMillis() / 4 + 1));
        // the last attempt is made when the bound is reached, not half a minute after it
        Duration left = giveUpAfter.minus(since).plusMillis(1);
        delay = delay.compareTo(left) > 0 ? left : delay;
        delay = delay.compareTo(fault.retryAfter()) < 0 ? fault.retryAfter() : delay;
        trouble = "retrying, attempt " + (faultsInRow + 1) + ": " + fault.getMessage();
        boolean saidLately = lastSaidNanos != 0 && now - lastSaidNanos < TimeUnit.MINUTES.toNanos(1);
        if (since.plus(delay).compareTo(WORTH_A_LINE) > 0 && !saidLately) {
            lastSaidNanos = now;
            String reason = fault.getMessage();
            console.line(reason + (reason.endsWith(".") ? "" : ".") + " Trying again.");
        }
        return delay;
    }

    /** @param held whether the delay stands though somebody calls: a back-off, or a place in a queue */
    private void later(Duration delay, boolean held) {
        if (!scheduled(delay, held)) {
            lastTurnOver();
        }
    }

    private synchronized boolean scheduled(Duration delay, boolean held) {
        if (over) {
            return false;
        }
        running = false;
        boolean now = wanted && !held;
        wanted = false;
        heldBack = held;
        if (now) {
            begin();
            return true;
        }
        try {
            next = timer.schedule(this::due, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            over = true; // the driver was closed meanwhile
        }
        return !over;
    }

    private void end(T result, Throwable failure) {
        boolean heard;
        synchronized (this) {
            heard = !over && !pool.isShutdown();
            over = true;
        }
        lastTurnOver();
        if (!heard) {
            return;
        }
        if (failure == null) {
            listener.done(result);
        } else {
            listener.failed(failure);
        }
    }
}
