package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.Urgency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.Test;

/** The limiter on a clock that tests put forward, and under the driver. */
public class RequestLimiterTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong nanos = new AtomicLong(-5 * SECOND);
    private final RequestLimiter limiter = new RequestLimiter(10, 5, nanos::get);

    @Test
    public void aBurstThenTheRate() {
        int made = requestsWithin(List.of("one"), 1_000, 10 * SECOND).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        assertThat(made).isBetween(5 + 98, 5 + 101);
    }

    @Test
    public void manyShareTheRateEvenly() {
        List<String> builds = IntStream.range(0, 20).mapToObj(i -> "build-" + i).collect(Collectors.toList());
        Map<String, Integer> made = requestsWithin(builds, 1_000, 60 * SECOND);
        assertThat(made.values()).allSatisfy(count -> assertThat(count).isBetween(28, 33));
    }

    @Test
    public void whoWantsLittleIsNotHeldUpByWhoWantsMuch() {
        PriorityQueue<Caller> queue = new PriorityQueue<>();
        queue.add(new Caller("hog", 1_000, nanos.get()));
        queue.add(new Caller("hog's twin", 1_000, nanos.get()));
        Caller modest = new Caller("modest", 3, nanos.get() + 2 * SECOND);
        queue.add(modest);
        run(queue, 30 * SECOND);
        assertThat(modest.left).isZero();
        // three places among three callers at ten a second: a second, not the minutes that the hogs ask for
        assertThat((modest.dueNanos - nanos(-5) - 2 * SECOND) / (double) SECOND).isLessThan(1.5);
    }

    @Test
    public void aPlaceIsKeptUntilItsHolderComes() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        QueuedFault first = catchQueued("first");
        QueuedFault second = catchQueued("second");
        assertThat(first.retryAfter()).isCloseTo(Duration.ofMillis(100), Duration.ofMillis(2));
        assertThat(second.retryAfter()).isCloseTo(Duration.ofMillis(200), Duration.ofMillis(2));
        assertThat(first).hasMessageContaining("dev").hasMessageContaining("10 requests per second");
        nanos.addAndGet(first.retryAfter().toNanos());
        assertThat(catchQueued("latecomer").retryAfter()).isGreaterThan(Duration.ofMillis(150));
        limiter.admit("dev", "first", false);
        assertThat(catchQueued("second").retryAfter()).isCloseTo(Duration.ofMillis(100), Duration.ofMillis(3));
    }

    @Test
    public void aPlaceThatNobodyTakesIsGivenBack() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        IntStream.range(0, 300).forEach(i -> catchQueued("gone " + i));
        nanos.addAndGet(31 * SECOND);
        limiter.admit("dev", "asks for the lapsed ones to be dropped", true);
        nanos.addAndGet(61 * SECOND);
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "late " + i, false));
    }

    @Test
    public void aTurnThatWasLetThroughGoesOnAndLeavesADebt() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "one", false));
        IntStream.range(0, 10).forEach(i -> limiter.admit("dev", "one", true));
        assertThat(catchQueued("one").retryAfter()).isCloseTo(Duration.ofMillis(1_100), Duration.ofMillis(5));
    }

    @Test
    public void throttlingHalvesTheRateAndStopsForAsLongAsAsked() {
        limiter.throttled(Duration.ofSeconds(3));
        limiter.throttled(Duration.ofSeconds(1)); // of a request that was under way: not another half
        assertThat(limiter.requestsPerSecond()).isCloseTo(5, within(0.01));
        assertThat(catchQueued("one").retryAfter()).isCloseTo(Duration.ofSeconds(3), Duration.ofMillis(2));
        assertThatThrownBy(() -> limiter.admit("dev", "let through before", true))
                .isInstanceOf(QueuedFault.class);
        nanos.addAndGet(3 * SECOND);
        limiter.admit("dev", "one", false);
    }

    @Test
    public void theRateGrowsBack() {
        limiter.throttled(Duration.ZERO);
        nanos.addAndGet(2 * SECOND);
        limiter.throttled(Duration.ZERO);
        assertThat(limiter.requestsPerSecond()).isLessThan(3.5);
        double before = limiter.requestsPerSecond();
        nanos.addAndGet(5 * SECOND);
        assertThat(limiter.requestsPerSecond()).isGreaterThan(before).isLessThan(10);
        nanos.addAndGet(30 * SECOND);
        assertThat(limiter.requestsPerSecond()).isEqualTo(10);
    }

    @Test
    public void itNeverStopsAltogether() {
        for (int i = 0; i < 50; i++) {
            limiter.throttled(Duration.ZERO);
            nanos.addAndGet(SECOND);
        }
        assertThat(limiter.requestsPerSecond()).isGreaterThanOrEqualTo(0.5);
    }

    @Test
    public void otherLimitsCountFromNowOn() {
        limiter.configure(50, 20);
        assertThat(limiter.requestsPerSecond()).isEqualTo(50);
        limiter.throttled(Duration.ZERO);
        limiter.configure(100, 20);
        assertThat(limiter.requestsPerSecond()).isEqualTo(25);
        limiter.configure(10, 20);
        assertThat(limiter.requestsPerSecond()).isEqualTo(10);
        limiter.configure(0, 0);
        assertThat(limiter.requestsPerSecond()).isEqualTo(0.5);
    }

    @Test
    public void underTheDriverAnyNumberOfCallsInATurnGetsThrough() {
        RequestLimiter real = new RequestLimiter(100, 3);
        ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
        AtomicInteger done = new AtomicInteger();
        try (Driver driver = new Driver("limited", 4)) {
            for (int i = 0; i < 8; i++) {
                driver.drive(
                        "drive " + i,
                        () -> {
                            for (int call = 0; call < 7; call++) {
                                real.acquire("dev");
                            }
                            return Progress.done(null);
                        },
                        Duration.ZERO,
                        said::add,
                        new Drive.Listener<>() {
                            @Override
                            public void done(Object result) {
                                done.incrementAndGet();
                            }

                            @Override
                            public void failed(Throwable failure) {
                                said.add(failure.toString());
                            }
                        });
            }
            await().untilAtomic(done, org.hamcrest.Matchers.is(8));
        }
        assertThat(said).isEmpty();
    }

    @Test
    public void buildsTakeTurnsHoweverMuchEachHasWaiting() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        List<String> served = new ArrayList<>();
        PriorityQueue<Caller> queue = new PriorityQueue<>();
        IntStream.range(0, 100).forEach(i -> queue.add(new Caller("hog " + i, 1, nanos.get())));
        run(queue, SECOND, served);
        IntStream.range(0, 10).forEach(i -> queue.add(new Caller("modest " + i, 1, nanos.get())));
        run(queue, 3 * SECOND, served);
        assertThat(served.stream().filter(each -> each.startsWith("modest"))).hasSize(10);
        assertThat(served.stream().filter(each -> each.startsWith("hog")).count())
                .isBetween(27L, 31L);
    }

    @Test
    public void longWaitsAreCountedOnce() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        IntStream.range(0, 20).forEach(i -> catchQueued("soon " + i));
        assertThat(limiter.traffic().longWaits()).isZero();
        IntStream.range(0, 5).forEach(i -> catchQueued("late " + i));
        catchQueued("late 0");
        assertThat(limiter.traffic().longWaits()).isEqualTo(5);
        assertThat(limiter.traffic().waiting()).isEqualTo(25);
        assertThat(limiter.traffic().requests()).isEqualTo(5);
        assertThat(limiter.traffic().throttlings()).isZero();
        limiter.throttled(Duration.ZERO);
        assertThat(limiter.traffic().throttlings()).isEqualTo(1);
        assertThat(limiter.traffic().perSecond()).isEqualTo(5);
        assertThat(limiter.traffic().configuredPerSecond()).isEqualTo(10);
    }

    @Test
    public void whoIsLateKeepsItsPlaceButHoldsNobodyUp() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        IntStream.range(0, 4).forEach(i -> catchQueued("gone " + i));
        nanos.addAndGet(4 * SECOND);
        limiter.admit("dev", "latecomer", false);
        IntStream.range(0, 4).forEach(i -> limiter.admit("dev", "gone " + i, false));
        assertThat(limiter.traffic().waiting()).isZero();
    }

    @Test
    public void whatEndsGoesBeforeWhatBeginsAndThatBeforeWhatIsDoneAtLeisure() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        List<String> served = new ArrayList<>();
        PriorityQueue<Caller> queue = new PriorityQueue<>();
        IntStream.range(0, 20).forEach(i -> queue.add(new Caller("look " + i, Urgency.LEISURE, 1, nanos.get())));
        IntStream.range(0, 20).forEach(i -> queue.add(new Caller("begin " + i, Urgency.USUAL, 1, nanos.get())));
        run(queue, SECOND, served);
        IntStream.range(0, 5).forEach(i -> queue.add(new Caller("end " + i, Urgency.ENDING, 1, nanos.get())));
        run(queue, 7 * SECOND / 2, served);
        assertThat(served.subList(0, 9)).allMatch(each -> each.startsWith("begin"));
        assertThat(served.stream().skip(9).limit(6).filter(each -> each.startsWith("end")))
                .hasSize(5);
        run(queue, 3 * SECOND, served);
        assertThat(served).filteredOn(each -> each.startsWith("look")).hasSizeGreaterThan(10);
    }

    @Test
    public void whatIsDoneAtLeisureLeavesHalfOfTheBucket() {
        Caller look = new Caller("looks", Urgency.LEISURE, 1_000, nanos.get());
        assertThat(requestsWithin(look, 10 * SECOND)).isBetween(100, 104);
        IntStream.range(0, 2).forEach(i -> limiter.admit("dev", "at once " + i, false));
    }

    @Test
    public void whoWasPassedByForLongGoesFirst() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        PriorityQueue<Caller> queue = new PriorityQueue<>();
        Caller look = new Caller("look", Urgency.LEISURE, 1, nanos.get());
        queue.add(look);
        IntStream.range(0, 20).forEach(i -> queue.add(new Caller("build-" + i, Urgency.ENDING, 1_000, nanos.get())));
        run(queue, 20 * SECOND);
        assertThat(look.left).isEqualTo(1);
        run(queue, 15 * SECOND);
        assertThat(look.left).isZero();
    }

    @Test
    public void aPlaceTakesTheHigherUrgencyOfItsHolder() {
        IntStream.range(0, 5).forEach(i -> limiter.admit("dev", "early " + i, false));
        assertThatThrownBy(() -> limiter.admit("dev", "one", "one", Urgency.LEISURE, false))
                .isInstanceOf(QueuedFault.class);
        IntStream.range(0, 50).forEach(i -> catchQueued("other " + i));
        assertThatThrownBy(() -> limiter.admit("dev", "one", "one", Urgency.ENDING, false))
                .isInstanceOfSatisfying(QueuedFault.class, fault -> assertThat(fault.retryAfter())
                        .isLessThan(Duration.ofMillis(150)));
        assertThat(limiter.traffic().waiting()).isEqualTo(51);
    }

    private int requestsWithin(Caller caller, long period) {
        PriorityQueue<Caller> queue = new PriorityQueue<>(List.of(caller));
        int before = caller.left;
        run(queue, period);
        return before - caller.left;
    }

    private long nanos(int seconds) {
        return seconds * SECOND;
    }

    private QueuedFault catchQueued(String who) {
        try {
            limiter.admit("dev", who, false);
        } catch (QueuedFault fault) {
            return fault;
        }
        throw new AssertionError(who + " was let through");
    }

    private Map<String, Integer> requestsWithin(List<String> callers, int each, long period) {
        PriorityQueue<Caller> queue = new PriorityQueue<>();
        callers.forEach(name -> queue.add(new Caller(name, each, nanos.get())));
        List<Caller> all = List.copyOf(queue);
        run(queue, period);
        Map<String, Integer> made = new HashMap<>();
        all.forEach(caller -> made.put(caller.name, each - caller.left));
        return made;
    }

    /** Plays callers that come back when they are due and ask again as soon as they were let through. */
    private void run(PriorityQueue<Caller> queue, long period) {
        run(queue, period, new ArrayList<>());
    }

    /** @param served the callers in the order in which they were let through */
    private void run(PriorityQueue<Caller> queue, long period, List<String> served) {
        long end = nanos.get() + period;
        while (!queue.isEmpty() && queue.peek().dueNanos <= end) {
            Caller caller = queue.poll();
            nanos.set(Math.max(nanos.get(), caller.dueNanos));
            try {
                limiter.admit("dev", caller.name, caller.name.replaceAll(" [0-9]+$", ""), caller.urgency, false);
                served.add(caller.name);
                caller.left--;
                caller.dueNanos = nanos.get();
            } catch (QueuedFault fault) {
                caller.dueNanos = nanos.get() + fault.retryAfter().toNanos();
            }
            if (caller.left > 0) {
                queue.add(caller);
            }
        }
    }

    private static final class Caller implements Comparable<Caller> {
        private final String name;
        private final Urgency urgency;
        private int left;
        private long dueNanos;

        Caller(String name, int left, long dueNanos) {
            this(name, Urgency.USUAL, left, dueNanos);
        }

        Caller(String name, Urgency urgency, int left, long dueNanos) {
            this.name = name;
            this.urgency = urgency;
            this.left = left;
            this.dueNanos = dueNanos;
        }

        @Override
        public int compareTo(Caller other) {
            return Long.compare(dueNanos, other.dueNanos);
        }
    }
}
