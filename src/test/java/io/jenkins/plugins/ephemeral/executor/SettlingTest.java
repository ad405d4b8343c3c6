package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.Test;

/** What a new namespace refuses is waited for, and what it never will allow is not. */
public class SettlingTest {
    private static final Instant READY = Instant.parse("2026-01-02T03:04:00Z");
    private static final String NO_ACCOUNT = "Its Pod was refused: error looking up service account a/b: not found";

    private static Finding soften(String reason, int lookSeconds, Integer eventSeconds) {
        Clock clock = Clock.fixed(READY.plusSeconds(lookSeconds), ZoneOffset.UTC);
        List<Event> events = eventSeconds == null
                ? List.of()
                : List.of(new EventBuilder()
                        .withReason("FailedCreate")
                        .withMessage(reason)
                        .withLastTimestamp(READY.plusSeconds(eventSeconds).toString())
                        .build());
        Finding hopeless = Finding.hopeless(Outcome.POD_REFUSED, "waiting", reason);
        Finding softened = new Settling(READY, clock).soften(hopeless, events);
        assertThat(softened.outcome()).isEqualTo(Outcome.POD_REFUSED);
        assertThat(softened.reason()).isEqualTo(reason);
        return softened;
    }

    @Test
    public void serviceAccountQuotaAndLimitsPass() {
        for (String reason : List.of(
                NO_ACCOUNT,
                "no API token found for service account \"default\"",
                "pods \"a\" is forbidden: status unknown for quota: ephemeral-environment, resources: pods",
                "failed quota: ephemeral-environment: must specify limits.memory")) {
            assertThat(soften(reason, 3, 1).state()).as(reason).isEqualTo(Finding.State.STARTING);
        }
    }

    @Test
    public void whatIsForbiddenForGoodIsNot() {
        assertThat(soften("violates PodSecurity \"restricted:latest\"", 3, 1).state())
                .isEqualTo(Finding.State.HOPELESS);
    }

    @Test
    public void afterFifteenSecondsOnlyAnEarlierRefusalIsWaitedFor() {
        assertThat(soften(NO_ACCOUNT, 40, 14).state()).isEqualTo(Finding.State.STARTING);
        assertThat(soften(NO_ACCOUNT, 40, 16).state()).isEqualTo(Finding.State.HOPELESS);
        assertThat(soften(NO_ACCOUNT, 40, null).state()).isEqualTo(Finding.State.HOPELESS);
    }

    @Test
    public void whereNobodyKnowsSinceWhenNothingChanges() {
        Finding hopeless = Finding.hopeless(Outcome.POD_REFUSED, "", NO_ACCOUNT);
        assertThat(new Settling(null, Clock.systemUTC()).soften(hopeless, List.of()))
                .isSameAs(hopeless);
        Finding image = Finding.hopeless(Outcome.IMAGE_PULL, "", NO_ACCOUNT);
        assertThat(new Settling(Instant.now(), Clock.systemUTC()).soften(image, List.of()))
                .isSameAs(image);
    }
}
