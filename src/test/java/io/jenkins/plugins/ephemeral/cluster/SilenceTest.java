package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** Who may ask an API server that does not answer. */
public class SilenceTest {
    private long now = 1_000;
    private final Silence silence = new Silence("dev", () -> now);

    @Test
    public void nobodyIsSentAwayWhileItAnswers() {
        for (int i = 0; i < 1_000; i++) {
            Silence.Call call = silence.begin(false);
            pass(3_000);
            call.answered();
        }
    }

    @Test
    public void noMoreThanTenCallsBeginAtOnceButATurnGoesOn() {
        List<Silence.Call> calls = fill();
        assertThatThrownBy(() -> silence.begin(false))
                .isInstanceOf(QueuedFault.class)
                .hasMessageContaining("10 requests are under way");
        silence.begin(true).over();
        calls.get(0).answered();
        silence.begin(false).over();
    }

    @Test
    public void whileAnswersComeAPlaceIsWaitedFor() throws Exception {
        List<Silence.Call> calls = fill();
        Thread answers = new Thread(() -> {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            calls.get(0).answered();
        });
        answers.start();
        boolean begun = false;
        for (int i = 0; i < 200 && !begun; i++) { // on a busy machine five milliseconds may be fifty
            try {
                silence.begin(false);
                begun = true;
            } catch (QueuedFault full) {
                assertThat(full.retryAfter()).isEqualTo(millis(20));
            }
        }
        answers.join();
        assertThat(begun).isTrue();
    }

    @Test
    public void theLongerNothingIsAnsweredTheLaterOneComesBack() {
        fill();
        pass(1_200);
        assertThatThrownBy(() -> silence.begin(false))
                .isInstanceOfSatisfying(QueuedFault.class, fault -> assertThat(fault.retryAfter())
                        .isEqualTo(millis(300)));
    }

    @Test
    public void whileNothingIsAnsweredOneMoreIsTried() {
        List<Silence.Call> calls = fill();
        pass(2_100);
        Silence.Call trial = silence.begin(true);
        assertThatThrownBy(() -> silence.begin(true)).isInstanceOf(QueuedFault.class);
        trial.answered();
        calls.forEach(Silence.Call::over);
        silence.begin(false);
        silence.begin(false);
    }

    @Test
    public void whatIsReadForLongIsNoSilence() {
        silence.begin(false); // a stream
        pass(60_000);
        silence.begin(false).answered();
        pass(60_000);
        silence.begin(false);
        silence.begin(false);
    }

    @Test
    public void afterATimeLimitNobodyAsksForAWhileAndThenOneAtATime() {
        Silence.Call lost = silence.begin(false);
        pass(15_000);
        lost.unanswered();
        assertThatThrownBy(() -> silence.begin(true))
                .isInstanceOfSatisfying(TransientFault.class, fault -> {
                    assertThat(fault).isNotInstanceOf(QueuedFault.class);
                    assertThat(fault.retryAfter()).isBetween(millis(4_900), millis(5_100));
                })
                .hasMessageContaining("dev")
                .hasMessageContaining("has not answered for 15 s; one request at a time is tried");
        pass(5_001);
        Silence.Call trial = silence.begin(false);
        assertThatThrownBy(() -> silence.begin(false)).hasMessageContaining("for 20 s");
        pass(15_000);
        trial.unanswered();
        assertThatThrownBy(() -> silence.begin(false)).isInstanceOf(TransientFault.class);
        pass(5_001);
        silence.begin(false).answered();
        fill();
    }

    @Test
    public void aTrialThatCameToNothingIsNoObstacle() {
        Silence.Call lost = silence.begin(false);
        pass(3_000);
        lost.unanswered();
        pass(5_001);
        silence.begin(false).over(); // as by the limiter
        silence.begin(false).answered();
    }

    @Test
    public void whatFailsAtOnceHoldsNobody() {
        for (int i = 0; i < 100; i++) {
            Silence.Call refused = silence.begin(false);
            pass(100);
            refused.unanswered();
        }
        silence.begin(false);
    }

    @Test
    public void oneLostAnswerAmongOthersIsNoSilence() {
        Silence.Call lost = silence.begin(false);
        pass(1_000);
        silence.begin(false).answered();
        pass(14_000);
        lost.unanswered();
        silence.begin(false);
    }

    private List<Silence.Call> fill() {
        List<Silence.Call> calls = new ArrayList<>();
        for (int i = 0; i < Silence.MOST_AT_ONCE; i++) {
            calls.add(silence.begin(false));
        }
        return calls;
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static java.time.Duration millis(long millis) {
        return java.time.Duration.ofMillis(millis);
    }
}
