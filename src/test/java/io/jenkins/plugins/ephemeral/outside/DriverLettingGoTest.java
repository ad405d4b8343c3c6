package io.jenkins.plugins.ephemeral.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.After;
import org.junit.Test;

/** What a reconciler opened is let go exactly once, after its last turn, however it ended. */
public class DriverLettingGoTest {
    private final Driver driver = new Driver("test", 2);
    private final List<String> events = new CopyOnWriteArrayList<>();

    @After
    public void close() {
        driver.close();
    }

    @Test
    public void endsBeforeTheListenerHearsOfIt() {
        drive(() -> Progress.done("x"));

        await().until(() -> events.size() == 2);
        assertThat(events).containsExactly("end", "done");
    }

    @Test
    public void endsWhenItFails() {
        drive(() -> {
            throw new UserFault("a", "", "b", "");
        });

        await().until(() -> events.size() == 2);
        assertThat(events).containsExactly("end", "failed");
    }

    @Test
    public void endsAtOnceWhenCancelledBetweenTurns() {
        Drive drive = drive(() -> {
            events.add("turn");
            return Progress.again(Duration.ofHours(1));
        });
        await().until(() -> events.contains("turn"));
        await().untilAsserted(() -> {
            drive.cancel();
            assertThat(events).containsExactly("turn", "end");
        });
    }

    @Test
    public void endsAfterTheTurnThatWasRunningWhenCancelled() throws Exception {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Drive drive = drive(() -> {
            inTurn.countDown();
            goOn.await();
            events.add("turn over");
            return Progress.again(Duration.ofHours(1));
        });
        inTurn.await();
        drive.cancel();
        assertThat(events).isEmpty();
        goOn.countDown();

        await().until(() -> events.contains("end"));
        assertThat(events).containsExactly("turn over", "end");
    }

    @Test
    public void letsGoAtOnceWhenItIsOverAlready() {
        Drive drive = drive(() -> Progress.done("x"));
        await().until(() -> events.contains("done"));

        drive.whenOver(() -> events.add("late"));
        assertThat(events).containsExactly("end", "done", "late");
    }

    private Drive drive(Reconciler<String> turns) {
        AtomicBoolean first = new AtomicBoolean(true);
        Reconciler<String> reconciler = () -> {
            if (first.getAndSet(false)) {
                Turn.current().drive().whenOver(() -> events.add("end"));
            }
            return turns.reconcile();
        };
        return driver.drive("test", reconciler, Duration.ofSeconds(1), Console.NONE, listener());
    }

    private Drive.Listener<String> listener() {
        return new Drive.Listener<>() {
            @Override
            public void done(String result) {
                events.add("done");
            }

            @Override
            public void failed(Throwable failure) {
                events.add("failed");
            }
        };
    }
}
