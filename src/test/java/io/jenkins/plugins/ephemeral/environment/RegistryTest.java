package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is written down is found again. */
public class RegistryTest {
    private static final String FIXTURE = "shop-pr-41-7-abcdefghjk";

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void aRecordIsReadBackAsItWasWritten() {
        Registry registry = open();
        EnvironmentRecord record = record("one");
        record.uid = "uid";
        record.spec.quota = Map.of("pods", "20");
        record.spec.ttl = Duration.ofMinutes(90);
        Obligation obligation = new Obligation();
        obligation.kind = "testkube-agent";
        obligation.key = "ee-one";
        obligation.details.put("connection", "testkube");
        record.obligations.add(obligation);
        assertThat(registry.add(record)).isTrue();
        EnvironmentRecord read = open().find("one").orElseThrow();
        assertThat(read).usingRecursiveComparison().isEqualTo(record);
    }

    @Test
    public void aNameIsTakenOnce() {
        Registry registry = open();
        assertThat(registry.add(record("one"))).isTrue();
        assertThat(registry.add(record("one"))).isFalse();
        registry.remove("one");
        assertThat(registry.add(record("one"))).isTrue();
        registry.remove("never there");
    }

    @Test
    public void copiesAreHandedOut() {
        Registry registry = open();
        EnvironmentRecord mine = record("one");
        registry.add(mine);
        mine.cluster = "changed by its writer";
        registry.find("one").orElseThrow().cluster = "changed by a reader";
        registry.all().get(0).obligations.add(new Obligation());
        assertThat(registry.find("one").orElseThrow().cluster).isEqualTo("dev");
        assertThat(registry.find("one").orElseThrow().obligations).isEmpty();
    }

    @Test
    public void aChangeIsOnTheDiskOnlyIfItMadeADifference() throws IOException {
        Registry registry = open();
        registry.add(record("one"));
        Path file = folder.getRoot().toPath().resolve("one.json");
        Files.delete(file);
        registry.change("one", record -> record.state = EnvironmentState.REQUESTED);
        assertThat(file).doesNotExist();
        registry.change("one", record -> record.state = EnvironmentState.READY);
        assertThat(open().find("one").orElseThrow().state).isEqualTo(EnvironmentState.READY);
        assertThat(registry.change("two", record -> record.uid = "x")).isEmpty();
    }

    @Test
    public void aChangeThatFailsChangesNothing() {
        Registry registry = open();
        registry.add(record("one"));
        assertThatThrownBy(() -> registry.change("one", record -> {
                    record.state = EnvironmentState.READY;
                    throw new IllegalStateException("half way");
                }))
                .hasMessage("half way");
        assertThat(registry.find("one").orElseThrow().state).isEqualTo(EnvironmentState.REQUESTED);
    }

    @Test
    public void whatWasNotWrittenIsNotRemembered() {
        boolean[] full = {false};
        Registry registry = Registry.open(folder.getRoot().toPath(), new Outside(new Outside.Cut() {
            @Override
            public void before(String point) {
                if (full[0]) {
                    throw new IllegalStateException("No space left on device");
                }
            }

            @Override
            public void after(String point) {}
        }));
        registry.add(record("one"));
        full[0] = true;
        assertThatThrownBy(() -> registry.change("one", record -> record.state = EnvironmentState.READY))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> registry.add(record("two"))).isInstanceOf(IllegalStateException.class);
        assertThat(registry.find("one").orElseThrow().state).isEqualTo(EnvironmentState.REQUESTED);
        assertThat(registry.find("two")).isEmpty();
    }

    @Test
    public void whoReadsDoesNotWaitForASlowDisk() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch slow = new CountDownLatch(1);
        boolean[] isSlow = {false};
        Registry registry = Registry.open(folder.getRoot().toPath(), new Outside(new Outside.Cut() {
            @Override
            public void before(String point) {}

            @Override
            public void after(String point) {
                if (isSlow[0] && point.equals("writing Record")) {
                    writing.countDown();
                    try {
                        slow.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }));
        registry.add(record("one"));
        isSlow[0] = true;
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<?> writer =
                    threads.submit(() -> registry.change("one", record -> record.state = EnvironmentState.READY));
            writing.await();
            Future<?> reader = threads.submit(() -> {
                assertThat(registry.all()).hasSize(1);
                assertThat(registry.all(each -> true)).hasSize(1);
                assertThat(registry.unreadable()).isEmpty();
                assertThat(registry.knows("one")).isTrue();
                assertThat(registry.find("one").orElseThrow().state)
                        .as("not on the disk for sure")
                        .isEqualTo(EnvironmentState.REQUESTED);
            });
            reader.get(10, TimeUnit.SECONDS);
            slow.countDown();
            writer.get(10, TimeUnit.SECONDS);
            assertThat(registry.find("one").orElseThrow().state).isEqualTo(EnvironmentState.READY);
        } finally {
            slow.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    public void aDiskThatFailsIsTriedAgain() throws IOException {
        Path file = folder.newFile("a-file").toPath();
        assertThatThrownBy(() -> Registry.open(file.resolve("records"), new Outside()))
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("a-file");
    }

    @Test
    public void theFirstFormatStaysReadable() throws IOException {
        EnvironmentRecord record = fixture(FIXTURE);
        assertThat(record.base).isEqualTo(FIXTURE);
        assertThat(record.holders).as("released").isEmpty();
        assertThat(record.spec.lifetime).isEqualTo(Lifetime.BUILD);
        assertThat(record.state).isEqualTo(EnvironmentState.DELETING);
        assertThat(record.ending).isEqualTo(Ending.SUCCESS);
        assertThat(record.ref().uid()).isEqualTo("5f0c4b86-3f1e-4c3a-8f52-1f6b8f0a7b11");
        assertThat(record.run().externalId()).isEqualTo("shop/web/PR-41#7");
        assertThat(record.spec.ttl).isEqualTo(Duration.ofHours(2));
        assertThat(record.requestedAt).isEqualTo(Instant.parse("2026-01-02T03:04:05.123456Z"));
        assertThat(record.obligations.get(0).details).containsEntry("connection", "testkube");
    }

    @Test
    public void whoHeldAnEnvironmentOfTheFirstFormatHoldsItStill() throws IOException {
        EnvironmentRecord old = record("old");
        old.formatVersion = 1;
        old.base = null;
        old.state = EnvironmentState.READY;
        Files.writeString(folder.getRoot().toPath().resolve("old.json"), Registry.json(old));
        EnvironmentRecord read = open().find("old").orElseThrow();
        assertThat(read.isHeldBy(read.run(), "")).isTrue();
        assertThat(read.formatVersion).isEqualTo(Registry.FORMAT_VERSION);
        old.reason = "It is kept after a failure.";
        Files.writeString(folder.getRoot().toPath().resolve("old.json"), Registry.json(old));
        assertThat(open().find("old").orElseThrow().holders).isEmpty();
    }

    @Test
    public void theSecondFormatStaysReadable() throws IOException {
        EnvironmentRecord record = fixture("shop-pr-41-hjkmnpqrst-2");
        assertThat(record.base).isEqualTo("shop-pr-41-hjkmnpqrst");
        assertThat(record.spec.lifetime).isEqualTo(Lifetime.BRANCH);
        assertThat(record.spec.concurrency).isEqualTo(Concurrency.SHARE);
        assertThat(record.spec.maxAge).isEqualTo(Duration.ofDays(14));
        assertThat(record.replaced.quota).containsEntry("pods", "10");
        assertThat(record.holders).hasToString("[shop/web/PR-41#8]");
        assertThat(record.queue).hasToString("[shop/web/PR-41#9]");
        assertThat(record.rumoured).isTrue();
        assertThat(record.clusterUid).startsWith("0c8f2f0e");
    }

    @Test
    public void whatCannotBeReadIsReportedAndStays() throws IOException {
        Path directory = folder.getRoot().toPath();
        Files.writeString(directory.resolve("truncated.json"), "{\"name\": \"trunc");
        Files.writeString(directory.resolve("empty.json"), "");
        Files.writeString(directory.resolve("null.json"), "null");
        Files.writeString(directory.resolve("other.json"), Registry.json(record("not-other")));
        Files.writeString(directory.resolve("incomplete.json"), "{\"name\": \"incomplete\"}");
        EnvironmentRecord later = record("later");
        later.formatVersion = Registry.FORMAT_VERSION + 1;
        Files.writeString(directory.resolve("later.json"), Registry.json(later));
        Files.writeString(directory.resolve("README"), "not ours");
        Registry registry = open();
        assertThat(registry.all()).isEmpty();
        assertThat(registry.unreadable())
                .containsOnlyKeys(
                        "truncated.json", "empty.json", "null.json", "other.json", "incomplete.json", "later.json");
        assertThat(registry.unreadable().get("later.json")).contains("newer version");
        assertThat(registry.add(record("truncated"))).as("its name is taken").isFalse();
        assertThat(directory.toFile().list()).hasSize(7);
    }

    @Test
    public void whatHasNoTimesGetsThem() throws IOException {
        Registry registry = open();
        for (EnvironmentState state : List.of(EnvironmentState.READY, EnvironmentState.STUCK)) {
            EnvironmentRecord timeless = record("timeless-" + state.name().toLowerCase(java.util.Locale.ROOT));
            timeless.state = state;
            timeless.expiresAt = null;
            timeless.releasedAt = null;
            registry.add(timeless);
        }
        assertThat(open().unreadable()).isEmpty();
        assertThat(open().find("timeless-ready").orElseThrow().expiresAt).isNotNull();
        assertThat(open().find("timeless-ready").orElseThrow().releasedAt).isNull();
        assertThat(open().find("timeless-stuck").orElseThrow().releasedAt).isNotNull();
    }

    @Test
    public void anUnfinishedWriteIsCleanedAway() throws IOException {
        Path directory = folder.getRoot().toPath();
        Files.writeString(directory.resolve("one.tmp"), "{\"name\": \"on");
        assertThat(open().all()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    public void changesFromManyThreadsAllCount() throws Exception {
        Registry registry = open();
        registry.add(record("one"));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 100; i++) {
            threads.execute(() -> registry.change("one", record -> record.buildNumber++));
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(open().find("one").orElseThrow().buildNumber).isEqualTo(101);
    }

    private EnvironmentRecord fixture(String name) throws IOException {
        try (InputStream fixture =
                Objects.requireNonNull(RegistryTest.class.getResourceAsStream(name + ".json"), "fixture")) {
            Files.copy(fixture, folder.getRoot().toPath().resolve(name + ".json"));
        }
        return open().find(name).orElseThrow();
    }

    private Registry open() {
        return Registry.open(folder.getRoot().toPath(), new Outside());
    }

    private static EnvironmentRecord record(String name) {
        EnvironmentRecord record = new EnvironmentRecord();
        record.name = name;
        record.base = name;
        record.cluster = "dev";
        record.controllerId = "controller";
        record.jobFullName = "shop/web";
        record.buildNumber = 1;
        record.specHash = "hash";
        record.requestedAt = Instant.parse("2026-01-02T03:04:05Z");
        record.expiresAt = Instant.parse("2026-01-02T05:04:05Z");
        return record;
    }
}
