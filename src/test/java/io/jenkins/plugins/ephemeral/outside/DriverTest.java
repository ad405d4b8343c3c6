package io.jenkins.plugins.ephemeral.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Test;

/** What rooms may rely on when they hand a reconciler over. */
public class DriverTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final Driver driver = new Driver("test", 2);
    private final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
    private final Console console = said::add;

    @After
    public void close() {
        driver.close();
    }

    @Test
    public void waitingReconcilersHoldNoThread() {
        AtomicInteger turns = new AtomicInteger();
        for (int i = 0; i < 500; i++) {
            driver.drive("waiting " + i, () -> again(turns, LONG), LONG, console, new Ended<>());
        }
        await().untilAtomic(turns, org.hamcrest.Matchers.is(500));
        long busy = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("waiting "))
                .count();
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("test-"))
                .count();
        assertThat(busy).isZero();
        assertThat(threads).isLessThanOrEqualTo(3);
    }

    @Test
    public void wakingBringsTheNextTurnForward() {
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        Drive drive = driver.drive(
                "woken",
                () -> turns.incrementAndGet() < 3 ? Progress.again(LONG) : Progress.done("done"),
                LONG,
                console,
                ended);
        await().until(() -> turns.get() == 1);
        drive.wake();
        await().until(() -> turns.get() == 2);
        drive.wake();
        await().until(() -> "done".equals(ended.result));
        assertThat(drive.isOver()).isTrue();
        assertThat(ended.calls).hasValue(1);
    }

    @Test
    public void aWakeDuringATurnIsNotLost() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        Drive drive = driver.drive(
                "woken in a turn",
                () -> {
                    if (turns.incrementAndGet() == 1) {
                        inTurn.countDown();
                        assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
                        return Progress.again(LONG);
                    }
                    return Progress.done("second");
                },
                LONG,
                console,
                ended);
        assertThat(inTurn.await(10, TimeUnit.SECONDS)).isTrue();
        drive.wake();
        goOn.countDown();
        await().until(() -> "second".equals(ended.result));
    }

    @Test
    public void turnsOfOneDriveNeverOverlap() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        Drive drive = driver.drive(
                "stormed",
                () -> {
                    if (inside.incrementAndGet() > 1) {
                        overlaps.incrementAndGet();
                    }
                    Thread.yield();
                    inside.decrementAndGet();
                    return again(turns, Duration.ZERO);
                },
                LONG,
                console,
                new Ended<>());
        await().until(() -> {
            for (int i = 0; i < 100; i++) {
                drive.wake();
            }
            return turns.get() > 2_000;
        });
        assertThat(overlaps).hasValue(0);
    }

    @Test
    public void aTurnCanHandOutItsOwnWaker() {
        AtomicReference<Runnable> waker = new AtomicReference<>();
        Ended<String> ended = new Ended<>();
        driver.drive(
                "hands out its waker",
                () -> waker.compareAndSet(null, Turn.waker()) ? Progress.again(LONG) : Progress.done("woken"),
                LONG,
                console,
                ended);
        await().until(() -> waker.get() != null);
        waker.get().run();
        await().until(() -> "woken".equals(ended.result));
        assertThat(Turn.current()).isNull();
    }

    @Test
    public void workOnBehalfOfATurnPassesWhatTheTurnPassed() {
        Object gate = new Object();
        Object other = new Object();
        List<Boolean> passed = new CopyOnWriteArrayList<>();
        AtomicReference<Drive> carriedDrive = new AtomicReference<>();
        Drive drive = driver.drive(
                "carries",
                () -> {
                    if (carriedDrive.get() == null) {
                        Turn.current().passed(gate);
                        driver.executor().execute(Turn.carry(() -> {
                            passed.add(Turn.current().hasPassed(gate));
                            passed.add(Turn.current().hasPassed(other));
                            carriedDrive.set(Turn.current().drive());
                            Turn.waker().run();
                        }));
                        return Progress.again(LONG);
                    }
                    passed.add(Turn.current().hasPassed(gate));
                    return Progress.done(null);
                },
                LONG,
                console,
                new Ended<>());
        await().until(drive::isOver);
        assertThat(passed).as("the turn's, no other, and not for the next turn").containsExactly(true, false, false);
        assertThat(carriedDrive.get()).isSameAs(drive);
        Turn.carry(() -> assertThat(Turn.current()).isNull()).run();
    }

    @Test
    public void nothingIsHeardAfterCancel() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        Ended<String> ended = new Ended<>();
        Drive drive = driver.drive(
                "cancelled",
                () -> {
                    inTurn.countDown();
                    goOn.await();
                    left.countDown();
                    return Progress.done("late");
                },
                LONG,
                console,
                ended);
        assertThat(inTurn.await(10, TimeUnit.SECONDS)).isTrue();
        drive.cancel();
        goOn.countDown();
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(drive.isOver()).isTrue();
        Ended<String> other = new Ended<>();
        driver.drive("after it", () -> Progress.done("other"), LONG, console, other);
        await().until(() -> "other".equals(other.result));
        assertThat(ended.calls).hasValue(0);
    }

    @Test
    public void transientFaultsAreRetriedAndForgottenBySuccess() {
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        driver.drive(
                "flaky",
                () -> {
                    if (turns.incrementAndGet() < 3) {
                        throw outage(Duration.ZERO);
                    }
                    return Progress.done("there again");
                },
                LONG,
                console,
                ended);
        await().until(() -> "there again".equals(ended.result));
        assertThat(turns).hasValue(3);
    }

    @Test
    public void anOutageIsBorneForItsBoundAndSaid() {
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        Drive drive = driver.drive(
                "out",
                () -> {
                    turns.incrementAndGet();
                    throw outage(Duration.ZERO);
                },
                Duration.ofSeconds(3),
                console,
                ended);
        // whichever of its attempts is seen by a slow machine
        await().until(() -> drive.status().matches("(?s).*retrying, attempt [2-9].*"));
        await().until(() -> ended.failure != null);
        assertThat(ended.failure).isInstanceOf(TransientFault.class).hasMessageContaining("connection refused");
        // 0 s, 0.5 s, 1.5 s, 3 s, each a little later than that
        assertThat(turns.get()).isBetween(3, 5);
        assertThat(said).hasSize(1).first().asString().contains("connection refused", "Trying again");
    }

    @Test
    public void aWakeDoesNotBreakTheBackOff() {
        AtomicInteger turns = new AtomicInteger();
        Drive drive = driver.drive(
                "asked to wait",
                () -> {
                    turns.incrementAndGet();
                    throw outage(Duration.ofSeconds(60));
                },
                LONG,
                console,
                new Ended<>());
        await().until(() -> drive.status().startsWith("retrying"));
        for (int i = 0; i < 100; i++) {
            drive.wake();
        }
        AtomicInteger others = new AtomicInteger();
        driver.drive("bystander", () -> again(others, Duration.ofMillis(10)), LONG, console, new Ended<>());
        await().until(() -> others.get() > 20);
        assertThat(turns).hasValue(1);
    }

    @Test
    public void whoAsksForALongerWaitThanTheBoundFailsAtOnce() {
        Ended<String> ended = new Ended<>();
        driver.drive(
                "asked to come back tomorrow",
                () -> {
                    throw outage(Duration.ofHours(24));
                },
                Duration.ofMinutes(10),
                console,
                ended);
        await().until(() -> ended.failure != null);
        assertThat(ended.failure).isInstanceOf(TransientFault.class);
    }

    @Test
    public void aPlaceInAQueueIsNoOutage() {
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        driver.drive(
                "queued",
                () -> {
                    if (turns.incrementAndGet() < 20) {
                        throw queued(Duration.ofMillis(5));
                    }
                    return Progress.done("served");
                },
                Duration.ZERO,
                console,
                ended);
        await().until(() -> "served".equals(ended.result));
        assertThat(said).isEmpty();
    }

    @Test
    public void aLongQueueIsSaidOnce() {
        AtomicInteger turns = new AtomicInteger();
        Ended<String> ended = new Ended<>();
        driver.drive(
                "queued for long",
                () -> {
                    switch (turns.incrementAndGet()) {
                        case 1:
                        case 2:
                            throw queued(Duration.ofMillis(2_100));
                        default:
                            return Progress.done("served");
                    }
                },
                Duration.ZERO,
                console,
                ended);
        await().until(() -> "served".equals(ended.result));
        assertThat(said).hasSize(1).first().asString().contains("limiter");
    }

    @Test
    public void userAndLostFaultsAndErrorsEndIt() {
        List<Throwable> ends = new ArrayList<>();
        for (Throwable end : List.of(
                new UserFault("doing", "", "wrong", ""),
                new LostFault("doing", "", "gone", ""),
                new IllegalStateException("bug"),
                new NoClassDefFoundError("half a plugin"))) {
            Ended<String> ended = new Ended<>();
            driver.drive("fails", () -> sneaky(end), LONG, console, ended);
            await().until(() -> ended.failure != null);
            ends.add(ended.failure);
            assertThat(ended.failure).isSameAs(end);
        }
        assertThat(ends).hasSize(4);
    }

    @Test
    public void nothingIsHeardAfterTheDriverIsClosed() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        Ended<String> ended = new Ended<>();
        Drive drive = driver.drive(
                "interrupted",
                () -> {
                    inTurn.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException("what a client library makes of it", e);
                    }
                    return Progress.done("never");
                },
                LONG,
                console,
                ended);
        assertThat(inTurn.await(10, TimeUnit.SECONDS)).isTrue();
        driver.close();
        assertThat(driver.executor().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.calls).hasValue(0);
        drive.wake();
    }

    private static <T> Progress<T> again(AtomicInteger turns, Duration delay) {
        turns.incrementAndGet();
        return Progress.again(delay);
    }

    private static <T> T sneaky(Throwable failure) {
        if (failure instanceof Error) {
            throw (Error) failure;
        }
        throw (RuntimeException) failure;
    }

    private static TransientFault outage(Duration retryAfter) {
        return new TransientFault("reading Job plan", "dev/shop/plan", "connection refused", "", retryAfter, null);
    }

    private static QueuedFault queued(Duration due) {
        return new QueuedFault("waiting for the request limiter", "dev", "it is full", "", due);
    }

    private static final class Ended<T> implements Drive.Listener<T> {
        final AtomicInteger calls = new AtomicInteger();
        volatile T result;
        volatile Throwable failure;

        @Override
        public void done(T result) {
            calls.incrementAndGet();
            this.result = result;
        }

        @Override
        public void failed(Throwable failure) {
            calls.incrementAndGet();
            this.failure = failure;
        }
    }

    @Test
    public void whatComesAfterTheEndIsDropped() {
        Driver closed = new Driver("closed", 1);
        closed.close();
        AtomicInteger done = new AtomicInteger();
        closed.submit("late", done::incrementAndGet);
        closed.schedule("late", Duration.ZERO, done::incrementAndGet);
        assertThat(done).hasValue(0);
    }
}
