package io.jenkins.plugins.ephemeral.executor;

import java.time.Instant;

/**
 * How far the log of one container was printed, so that reading can go on after any break without loss or doubles.
 *
 * <p>The API server takes {@code sinceTime} in whole seconds, and lines of standard output and standard error may be out
 * of order by microseconds. So a position does not compare timestamps but counts: the sequence of lines not older than
 * a given second only ever grows at its end; asking for it again, the first {@code count} lines are the printed ones.
 * The anchor is the last but one second that was seen (at the beginning: the second before the first), so that a line
 * that comes late across the border of a second is not missed. Should the node have rotated the beginning away (the first line is another one than before), timestamps
 * decide, which is right but for lines out of order.
 *
 * <p>Not thread-safe; the follower that owns it guards it.
 */
final class LogPosition {
    /** The lines not older than a second, in the order of the log. */
    private static final class Anchor {
        final long second;
        final Instant first;
        long count;

        Anchor(long second, Instant first, long count) {
            this.second = second;
            this.first = first;
            this.count = count;
        }

        @Override
        public String toString() {
            return second + "," + first + ',' + count;
        }

        static Anchor parse(String text) {
            String[] parts = text.split(",", 3);
            return new Anchor(Long.parseLong(parts[0]), Instant.parse(parts[1]), Long.parseLong(parts[2]));
        }
    }

    private enum Mode {
        /** All lines are new. */
        NEW,
        /** Nothing was seen since reading began again. */
        RESUMED,
        /** The first {@code previous.count} lines are skipped. */
        COUNTING,
        /** Lines up to the newest printed timestamp are skipped. */
        COMPARING
    }

    private Anchor previous;
    private Anchor current;
    private Instant newest;
    private long countAtNewest;
    private Mode mode = Mode.NEW;
    private long skipped;
    private long skippedAtNewest;
    private boolean gap;

    /** Nothing was printed yet. */
    LogPosition() {}

    /** The position that {@link #toString()} wrote; null or empty for the beginning. */
    static LogPosition parse(String text) {
        LogPosition position = new LogPosition();
        if (text == null || text.isEmpty()) {
            return position;
        }
        String[] parts = text.split(";");
        position.previous = Anchor.parse(parts[0]);
        position.current = Anchor.parse(parts[1]);
        String[] end = parts[2].split(",", 2);
        position.newest = Instant.parse(end[0]);
        position.countAtNewest = Long.parseLong(end[1]);
        return position;
    }

    /** Text form: a few dozen characters. */
    @Override
    public String toString() {
        if (previous == null) {
            return "";
        }
        return previous + ";" + current + ';' + newest + ',' + countAtNewest;
    }

    /**
     * Reading begins (again).
     *
     * @return what to ask for as {@code sinceTime}, a whole second, or null for everything
     */
    Instant resume() {
        skipped = 0;
        skippedAtNewest = 0;
        gap = false;
        mode = previous == null ? Mode.NEW : Mode.RESUMED;
        return previous == null ? null : Instant.ofEpochSecond(previous.second);
    }

    /**
     * Takes the next line.
     *
     * @param timestamp the line's timestamp
     * @return whether the line is a new one, to be printed
     */
    boolean take(Instant timestamp) {
        if (mode != Mode.NEW && isOld(timestamp)) {
            return false;
        }
        count(timestamp);
        return true;
    }

    /** Whether lines between the position and the first line after {@link #resume()} may be missing. */
    boolean hasGap() {
        return gap;
    }

    /** Timestamp of the newest printed line, or null. */
    Instant newest() {
        return newest;
    }

    private boolean isOld(Instant timestamp) {
        if (timestamp.getEpochSecond() < previous.second) {
            return true;
        }
        if (mode == Mode.RESUMED) {
            mode = timestamp.equals(previous.first) ? Mode.COUNTING : Mode.COMPARING;
            gap = mode == Mode.COMPARING && timestamp.isAfter(newest);
        }
        if (mode == Mode.COUNTING) {
            if (skipped < previous.count) {
                skipped++;
                return true;
            }
            mode = Mode.NEW;
            return false;
        }
        if (timestamp.isBefore(newest)) {
            return true;
        }
        if (timestamp.equals(newest) && skippedAtNewest < countAtNewest) {
            skippedAtNewest++;
            return true;
        }
        // the anchors count lines that are not there any more: begin to count anew here
        mode = Mode.NEW;
        previous = null;
        current = null;
        return false;
    }

    private void count(Instant timestamp) {
        long second = timestamp.getEpochSecond();
        if (previous == null) {
            previous = new Anchor(second - 1, timestamp, 0);
            current = new Anchor(second, timestamp, 0);
        } else if (second > current.second) {
            previous = current;
            current = new Anchor(second, timestamp, 0);
        }
        if (second >= previous.second) {
            previous.count++;
        }
        if (second >= current.second) {
            current.count++;
        }
        if (newest == null || timestamp.isAfter(newest)) {
            newest = timestamp;
            countAtNewest = 1;
        } else if (timestamp.equals(newest)) {
            countAtNewest++;
        }
    }
}
