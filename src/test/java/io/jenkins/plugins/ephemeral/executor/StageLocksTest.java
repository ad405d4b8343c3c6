package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** One at a time, first come first served, also after a restart or a crash in the middle of a write. */
public class StageLocksTest {
    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    private Path file;
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");

    private final Clock clock = new Clock() {
        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    @Before
    public void place() {
        file = folder.getRoot().toPath().resolve("made").resolve("locks.json");
    }

    private StageLocks life() {
        return new StageLocks(file, new Outside(), clock);
    }

    @Test
    public void inTheOrderOfTheirComing() {
        StageLocks locks = life();
        assertThat(locks.enter("net", "a", "A")).isNull();
        assertThat(locks.enter("net", "b", "B")).isEqualTo("A");
        assertThat(locks.enter("net", "c", "C")).isEqualTo("A");
        assertThat(locks.enter("other", "d", "D")).isNull();
        assertThat(locks.enter("net", "a", "A")).as("again").isNull();
        locks.leave("a");
        assertThat(locks.enter("net", "c", "C")).isEqualTo("B");
        assertThat(locks.enter("net", "b", "B")).isNull();
        locks.leave("b");
        assertThat(locks.enter("net", "c", "C")).isNull();
    }

    @Test
    public void aRestartChangesNothing() {
        StageLocks before = life();
        before.enter("net", "a", "A");
        before.enter("net", "b", "B");
        now = now.plus(Duration.ofHours(5));

        StageLocks after = life();
        assertThat(after.enter("net", "b", "B"))
                .as("the holder has its time to come back")
                .isEqualTo("A");
        assertThat(after.enter("net", "a", "A")).isNull();
    }

    @Test
    public void whoDoesNotComeBackLosesItsPlace() {
        life().enter("net", "dead", "Dead");
        StageLocks after = life();
        assertThat(after.enter("net", "b", "B")).isEqualTo("Dead");
        now = now.plus(StageLocks.KEPT).plusSeconds(1);
        assertThat(after.enter("net", "b", "B")).isNull();
        now = now.plus(StageLocks.KEPT).minusSeconds(1);
        assertThat(after.enter("net", "c", "C")).as("B asked not long ago").isEqualTo("B");
    }

    @Test
    public void aCrashBeforeOrAfterTheWriteLeavesOneHolder() {
        for (boolean written : new boolean[] {false, true}) {
            StageLocks dying = new StageLocks(
                    file,
                    new Outside(new Outside.Cut() {
                        @Override
                        public void before(String point) {
                            if (!written && point.equals("writing Locks")) {
                                throw new AssertionError("dead");
                            }
                        }

                        @Override
                        public void after(String point) {
                            if (point.equals("writing Locks")) {
                                throw new AssertionError("dead");
                            }
                        }
                    }),
                    clock);
            assertThatThrownBy(() -> dying.enter("net", "a", "A")).isInstanceOf(AssertionError.class);
            StageLocks next = life();
            assertThat(next.enter("net", "b", "B")).isEqualTo(written ? "A" : null);
            next.leave("a");
            next.leave("b");
        }
    }

    @Test
    public void aFileThatCannotBeReadGivesNoLockAway() throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{");
        assertThatThrownBy(() -> life().enter("net", "a", "A"))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("locks.json");
    }

    @Test
    public void whoseJobWasAskedForKeepsItsPlaceUntilSomebodyHasLooked() {
        StageLocks before = life();
        before.enter("net", "a", "A");
        assertThat(before.left("net")).isNull();
        before.launching("a", true);
        StageLocks after = life();
        now = now.plus(StageLocks.KEPT).plusSeconds(1);
        assertThat(after.enter("net", "b", "B")).isEqualTo("A");
        assertThat(after.left("net")).isEqualTo("a");
        assertThat(after.enter("net", "a", "A")).as("it comes back").isNull();
        assertThat(after.left("net")).isNull();

        assertThat(after.abandon("a")).isTrue();
        assertThat(life().left("net")).as("also in the next life").isEqualTo("a");
        now = now.plus(StageLocks.LEFT_KEPT).minusSeconds(1);
        assertThat(after.enter("net", "b", "B")).isEqualTo("A");
        now = now.plusSeconds(2);
        assertThat(after.enter("net", "b", "B")).as("after a day").isNull();
    }

    @Test
    public void whoseJobWasNeverMadeIsOutAtOnce() {
        StageLocks locks = life();
        locks.enter("net", "a", "A");
        assertThat(locks.abandon("a")).isFalse();
        assertThat(locks.enter("net", "b", "B")).isNull();
        locks.launching("b", true);
        locks.launching("b", false);
        assertThat(locks.abandon("b")).as("its Job was refused").isFalse();
        assertThat(locks.enter("net", "c", "C")).isNull();
        assertThat(locks.abandon("never there")).isFalse();
    }
}
