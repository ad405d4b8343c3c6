package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.pholser.junit.quickcheck.Property;
import com.pholser.junit.quickcheck.generator.InRange;
import com.pholser.junit.quickcheck.runner.JUnitQuickcheck;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.Test;
import org.junit.runner.RunWith;

/** Breaks anywhere, any number of times: each line exactly once. */
@RunWith(JUnitQuickcheck.class)
public class LogPositionTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05.100Z");

    private static final class Line {
        final Instant timestamp;
        final int number;

        Line(Instant timestamp, int number) {
            this.timestamp = timestamp;
            this.number = number;
        }
    }

    /** Bursts, pauses, equal timestamps, and lines that are late by up to half a second. */
    private static List<Line> log(Random random, int lines) {
        List<Line> log = new ArrayList<>();
        Instant now = START;
        for (int i = 0; i < lines; i++) {
            switch (random.nextInt(6)) {
                case 0:
                    break;
                case 1:
                    now = now.plusMillis(random.nextInt(4000));
                    break;
                default:
                    now = now.plusNanos(random.nextInt(200_000_000));
            }
            boolean late = random.nextInt(8) == 0;
            log.add(new Line(late ? now.minusMillis(random.nextInt(500)) : now, i));
        }
        return log;
    }

    /** What the server sends: lines that are not older than a whole second, in the order of the log. */
    private static List<Line> since(List<Line> log, Instant since) {
        List<Line> answer = new ArrayList<>();
        for (Line line : log) {
            if (since == null || !line.timestamp.isBefore(since)) {
                answer.add(line);
            }
        }
        return answer;
    }

    @Property(trials = 300)
    public void printsEachLineOnceAcrossBreaks(long seed, @InRange(minInt = 1, maxInt = 120) int lines) {
        Random random = new Random(seed);
        List<Line> log = log(random, lines);
        List<Integer> printed = new ArrayList<>();
        String saved = "";
        for (int i = 0; i < 30; i++) {
            boolean last = i == 29;
            // the log as it is at that time, read up to a break
            List<Line> there = last ? log : log.subList(0, random.nextInt(log.size() + 1));
            LogPosition position = LogPosition.parse(saved);
            List<Line> answer = since(there, position.resume());
            int read = last ? answer.size() : random.nextInt(answer.size() + 1);
            for (Line line : answer.subList(0, read)) {
                if (position.take(line.timestamp)) {
                    printed.add(line.number);
                }
            }
            assertThat(position.hasGap()).isFalse();
            if (read > 0) {
                saved = position.toString();
            }
        }
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            all.add(i);
        }
        assertThat(printed).isEqualTo(all);
    }

    @Test
    public void goesOnByTimestampWhenTheNodeRotatedTheBeginningAway() {
        LogPosition position = new LogPosition();
        position.resume();
        for (int i = 0; i < 10; i++) {
            position.take(START.plusMillis(i));
        }
        position = LogPosition.parse(position.toString());
        position.resume();

        assertThat(position.take(START.plusMillis(8))).isFalse();
        assertThat(position.take(START.plusMillis(9))).isFalse();
        assertThat(position.hasGap()).isFalse();
        assertThat(position.take(START.plusMillis(10))).isTrue();
    }

    @Test
    public void saysWhenLinesMayBeMissing() {
        LogPosition position = new LogPosition();
        position.resume();
        position.take(START);
        position = LogPosition.parse(position.toString());
        position.resume();

        assertThat(position.take(START.plusSeconds(60))).isTrue();
        assertThat(position.hasGap()).isTrue();
    }
}
