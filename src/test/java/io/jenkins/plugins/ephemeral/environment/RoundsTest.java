package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.VirtualTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The reaper never stops. */
public class RoundsTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    @Test
    public void aPeriodThatCannotBeReadDoesNotEndTheReaper() {
        VirtualTime time = new VirtualTime();
        AtomicInteger rounds = new AtomicInteger();
        AtomicBoolean broken = new AtomicBoolean(true);
        Clusters clusters = new Clusters() {
            @Override
            public Cluster cluster(String name) {
                throw new AssertionError("there is none");
            }

            @Override
            public List<String> names() {
                rounds.incrementAndGet();
                return List.of();
            }
        };
        EnvironmentService service = new EnvironmentService(
                "controller",
                clusters,
                time.driver(),
                new Outside(),
                home.getRoot().toPath(),
                () -> {
                    if (broken.get()) {
                        throw new IllegalStateException("the configuration is being loaded");
                    }
                    return 600;
                },
                Clock.systemUTC(),
                Builds.UNKNOWN,
                SecretSources.NONE);
        service.start(List.of());
        time.advance(Duration.ofMinutes(5));
        assertThat(rounds).hasValueGreaterThan(5);
        broken.set(false);
        time.advance(Duration.ofMinutes(1));
        int before = rounds.get();
        time.advance(Duration.ofHours(1));
        assertThat(rounds.get() - before).isBetween(4, 8);
        broken.set(true);
        int then = rounds.get();
        time.advance(Duration.ofHours(1));
        assertThat(rounds.get() - then).as("the period that was known last").isBetween(4, 8);
        service.close();
    }
}
