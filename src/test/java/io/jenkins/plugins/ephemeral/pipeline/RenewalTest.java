package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.Test;

/** How often the time to live of an environment in use is renewed. */
public class RenewalTest {
    @Test
    public void theShortestTimeToLiveIsRenewedBeforeItIsOver() {
        assertThat(EphemeralEnvironmentExecution.renewal(Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(20));
        assertThat(EphemeralEnvironmentExecution.renewal(Duration.ofMinutes(6))).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    public void aLongOneIsNotRenewedOftenerThanWorthwhile() {
        assertThat(EphemeralEnvironmentExecution.renewal(Duration.ofHours(2))).isEqualTo(Duration.ofMinutes(5));
        assertThat(EphemeralEnvironmentExecution.renewal(Duration.ofDays(90))).isEqualTo(Duration.ofMinutes(5));
    }
}
