package io.jenkins.plugins.ephemeral.cluster;

import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps an API server that takes connections and never answers from holding the threads that other clusters need. No
 * more than {@link #MOST_AT_ONCE} calls are begun at once; while none of them is answered for two seconds one more is
 * tried, and everybody else comes back later. After a call that ended without an answer nobody asks for five seconds,
 * and then one call at a time until one is answered. What fails at once, such as a refused connection, holds no thread
 * and counts for nothing.
 */
final class Silence {
    /** Of the engine's sixteen threads. */
    static final int MOST_AT_ONCE = 10;

    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** While answers come at least this often a place is soon free, and waited for. */
    private static final long OFTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long LONGEST_WAIT_MILLIS = 50;
    private static final long SOON_MILLIS = 20;
    private static final long LATER_MILLIS = 500;

    private final String cluster;
    private final LongSupplier nanoTime;
    private final Set<Call> underWay = new HashSet<>();
    private Call trial;
    private long answeredNanos;
    private boolean silent;
    private long silentSinceNanos;
    private long pausedUntilNanos;

    Silence(String cluster) {
        this(cluster, System::nanoTime);
    }

    Silence(String cluster, LongSupplier nanoTime) {
        this.cluster = cluster;
        this.nanoTime = nanoTime;
        this.answeredNanos = nanoTime.getAsLong();
    }

    /**
     * Begins a call.
     *
     * @param inTheMiddle whether it is one more call of a turn, which would begin anew if it were sent away
     * @throws TransientFault if the server did not answer lately
     * @throws QueuedFault if enough calls are under way
     */
    synchronized Call begin(boolean inTheMiddle) {
        if (!inTheMiddle && isFull() && unansweredNanos(nanoTime.getAsLong()) < OFTEN_NANOS) {
            awaitPlace();
        }
        long now = nanoTime.getAsLong();
        Call call = new Call(now);
        if (silent) {
            if (trial != null || now - pausedUntilNanos < 0) {
                throw silent(now);
            }
            trial = call;
        } else if (isSuspicious(now)) {
            if (trial != null) {
                throw later("it has not answered what it was asked before", LATER_MILLIS);
            }
            trial = call;
        } else if (isFull() && !inTheMiddle) {
            long millis = TimeUnit.NANOSECONDS.toMillis(unansweredNanos(now)) / 4;
            throw later(
                    MOST_AT_ONCE + " requests are under way", Math.min(LATER_MILLIS, Math.max(SOON_MILLIS, millis)));
        }
        underWay.add(call);
        return call;
    }

    private boolean isFull() {
        return underWay.size() >= MOST_AT_ONCE;
    }

    /** For how long somebody has been waiting without that anybody was answered. */
    private long unansweredNanos(long now) {
        long sinceAnswerNanos = now - answeredNanos;
        return underWay.stream()
                .mapToLong(each -> now - each.sinceNanos)
                .map(waiting -> Math.min(waiting, sinceAnswerNanos))
                .max()
                .orElse(0);
    }

    private void awaitPlace() {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MILLIS);
        try {
            for (long left = LONGEST_WAIT_MILLIS; isFull() && left > 0; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether somebody waits for long while nobody was answered; a stream that is read for long is no sign of it. */
    private boolean isSuspicious(long now) {
        long answered = answeredNanos;
        return underWay.stream()
                .anyMatch(each -> now - each.sinceNanos > SILENT_NANOS && each.sinceNanos - answered >= 0);
    }

    private TransientFault silent(long now) {
        long left = trial == null ? pausedUntilNanos - now : TimeUnit.SECONDS.toNanos(1);
        return new TransientFault(
                "asking the API server",
                cluster,
                "it has not answered for " + TimeUnit.NANOSECONDS.toSeconds(now - silentSinceNanos)
                        + " s; one request at a time is tried",
                "",
                Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(left) + 1),
                null);
    }

    private QueuedFault later(String why, long dueMillis) {
        return new QueuedFault("Waiting for the API server", cluster, why, "", Duration.ofMillis(dueMillis));
    }

    private synchronized void end(Call call, boolean answered, boolean unanswered) {
        if (!underWay.remove(call)) {
            return;
        }
        notifyAll();
        long now = nanoTime.getAsLong();
        if (trial == call) {
            trial = null;
        }
        if (answered) {
            answeredNanos = now;
            silent = false;
        } else if (unanswered && now - call.sinceNanos >= SILENT_NANOS && call.sinceNanos - answeredNanos >= 0) {
            silentSinceNanos = silent ? silentSinceNanos : call.sinceNanos;
            silent = true;
            pausedUntilNanos = now + PAUSE_NANOS;
        }
    }

    /** One call that was begun; to be ended in one of three ways. */
    final class Call {
        private final long sinceNanos;

        private Call(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }

        /** The server said something, be it an error. */
        void answered() {
            end(this, true, false);
        }

        /** It failed without an answer. */
        void unanswered() {
            end(this, false, true);
        }

        /** It is over, if nothing else was said of it. */
        void over() {
            end(this, false, false);
        }
    }
}
