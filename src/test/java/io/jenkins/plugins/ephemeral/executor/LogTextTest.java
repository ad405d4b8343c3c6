package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.pholser.junit.quickcheck.Property;
import com.pholser.junit.quickcheck.generator.InRange;
import com.pholser.junit.quickcheck.runner.JUnitQuickcheck;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;
import org.junit.runner.RunWith;

/** Bytes from a container to lines in a console. */
@RunWith(JUnitQuickcheck.class)
public class LogTextTest {
    private static final String STAMP = "2026-01-02T03:04:05.123456789Z ";

    private final List<String> lines = new ArrayList<>();
    private final List<Long> cuts = new ArrayList<>();

    private LineSplitter splitter(int longest) {
        return new LineSplitter(longest, (bytes, length, cutBytes) -> {
            lines.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
            cuts.add(cutBytes);
        });
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Property(trials = 100)
    public void linesAreTheSameHoweverTheBytesCome(long seed, @InRange(minInt = 0, maxInt = 40) int count) {
        lines.clear();
        Random random = new Random(seed);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expected.add("ü€𝄞-".repeat(random.nextInt(30)) + i);
        }
        byte[] all = (String.join("\n", expected) + (count > 0 ? "\n" : "")).getBytes(StandardCharsets.UTF_8);
        LineSplitter splitter = splitter(100_000);
        for (int at = 0; at < all.length; ) {
            int piece = Math.min(all.length - at, 1 + random.nextInt(50));
            splitter.take(ByteBuffer.wrap(all, at, piece));
            at += piece;
        }
        splitter.finish();
        assertThat(lines).isEqualTo(expected);
    }

    @Test
    public void aLongLineIsCutAndCounted() {
        LineSplitter splitter = splitter(10);
        splitter.take(bytes("0123456789abc\nnext\n"));
        assertThat(lines).containsExactly("0123456789", "next");
        assertThat(cuts).containsExactly(3L, 0L);
        assertThat(LogText.shown("0123456789", 3)).isEqualTo("0123456789 [3 more bytes of this line were cut]");
    }

    @Test
    public void aLineOfFiftyMegabytesTakesNoMoreThanItsBeginning() {
        LineSplitter splitter = splitter(64 * 1024);
        ByteBuffer piece = ByteBuffer.allocate(1024 * 1024);
        for (int i = 0; i < 50; i++) {
            splitter.take(piece.duplicate());
        }
        splitter.take(bytes("\n"));
        assertThat(lines.get(0)).hasSize(64 * 1024);
        assertThat(cuts).containsExactly(50L * 1024 * 1024 - 64 * 1024);
    }

    @Test
    public void carriageReturnsBeforeTheLineEndGo() {
        splitter(10).take(bytes("a\r\n\r\n"));
        assertThat(lines).containsExactly("a", "");
    }

    @Test
    public void whatComesAfterTheLastLineEndIsALine() {
        LineSplitter splitter = splitter(10);
        splitter.take(bytes("a\nb"));
        splitter.finish();
        splitter.finish();
        assertThat(lines).containsExactly("a", "b");
    }

    @Test
    public void aConsoleNoteCannotBeForged() {
        String note = "\u001B[8mha:AAAA\u001B[0m";
        assertThat(LogText.shown("x" + note, 0)).isEqualTo("x<ESC>[8mha:AAAA\u001B[0m");
        assertThat(LogText.shown("\u001B" + note, 0)).doesNotContain("\u001B[8mha:");
        assertThat(LogText.shown("\u001B[31mred\u001B[0m", 0))
                .as("colours stay")
                .contains("\u001B[31m");
    }

    @Test
    public void aTimestampIsTakenOff() {
        LogLine line = read(STAMP + "hello  world");
        assertThat(line.timestamp()).isEqualTo(Instant.parse("2026-01-02T03:04:05.123456789Z"));
        assertThat(line.text()).isEqualTo("hello  world");
        assertThat(read("2026-01-02T03:04:05.1+02:00 x").timestamp())
                .isEqualTo(Instant.parse("2026-01-02T01:04:05.1Z"));
        assertThat(read(STAMP).text()).isEmpty();
        assertThat(read(STAMP.trim()).timestamp()).isNotNull();
    }

    @Test
    public void aLineWithoutTimestampIsNotOfTheContainer() {
        for (String text :
                List.of("", "unable to retrieve container logs", "2026-01-02 03:04:05 x", "2026-13-02T03:04:05Z x")) {
            assertThat(read(text).timestamp()).as(text).isNull();
            assertThat(read(text).text()).isEqualTo(text);
        }
    }

    @Test
    public void timestampsInTheMiddleOfALongLineGo() {
        // as a kubelet 1.20 sends a line of 40000 bytes
        String a = "a".repeat(16 * 1024);
        assertThat(read(STAMP + a + STAMP + a + STAMP + "rest").text()).isEqualTo(a + a + "rest");
        assertThat(read(STAMP + a + a + "rest").text()).as("as later ones do").isEqualTo(a + a + "rest");
        assertThat(read(STAMP + "short " + STAMP + "x").text()).isEqualTo("short " + STAMP + "x");
    }

    @Test
    public void aTailHasTheLastLines() {
        LogTail tail = new LogTail(3, 20);
        assertThat(tail.text()).isNull();
        for (int i = 1; i <= 5; i++) {
            tail.add("line " + i);
        }
        assertThat(tail.text()).isEqualTo("line 4\nline 5");
        tail.add("x".repeat(100));
        assertThat(tail.text()).as("one line is there however long it is").hasSize(100);
    }

    private static LogLine read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return LogLine.read(bytes, bytes.length);
    }
}
