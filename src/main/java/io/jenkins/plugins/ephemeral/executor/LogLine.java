package io.jenkins.plugins.ephemeral.executor;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/**
 * One line of a log that was asked for with timestamps: the time at which the node read it, a space, the text.
 *
 * <p>Container runtimes write lines in pieces of 16 KiB, and kubelets (seen on 1.20) send a timestamp before each
 * piece, in the middle of the line; here it is taken out again.
 */
final class LogLine {
    /** Size of the pieces in which containerd and Docker write long lines. */
    static final int PIECE_BYTES = 16 * 1024;

    private static final int SHORTEST_TIMESTAMP = "2026-01-02T03:04:05Z".length();
    private static final int LONGEST_TIMESTAMP = "2026-01-02T03:04:05.123456789+00:00".length();

    private final Instant timestamp;
    private final String text;

    private LogLine(Instant timestamp, String text) {
        this.timestamp = timestamp;
        this.text = text;
    }

    /**
     * Reads a line.
     *
     * @param bytes the line at the beginning of this array
     * @param length how many bytes the line has
     */
    static LogLine read(byte[] bytes, int length) {
        int prefix = prefix(bytes, 0, length);
        Instant timestamp = prefix == 0 ? null : timestamp(bytes, 0, prefix);
        if (timestamp == null) {
            return new LogLine(null, new String(bytes, 0, length, StandardCharsets.UTF_8));
        }
        byte[] text = new byte[length];
        int filled = 0;
        int from = prefix;
        while (from < length) {
            int piece = Math.min(PIECE_BYTES, length - from);
            System.arraycopy(bytes, from, text, filled, piece);
            filled += piece;
            from += piece;
            if (piece == PIECE_BYTES) {
                int next = prefix(bytes, from, length);
                from += next > 0 && timestamp(bytes, from, next) != null ? next : 0;
            }
        }
        return new LogLine(timestamp, new String(text, 0, filled, StandardCharsets.UTF_8));
    }

    /** When the node read it; null if it has no timestamp, which is when it is not of the container. */
    Instant timestamp() {
        return timestamp;
    }

    /** The line without its timestamp. */
    String text() {
        return text;
    }

    /** How long a timestamp with its space would be that begins there; 0 if there is none. */
    private static int prefix(byte[] bytes, int from, int length) {
        int end = Math.min(length, from + LONGEST_TIMESTAMP + 1);
        if (from + SHORTEST_TIMESTAMP > end || bytes[from + 10] != 'T') {
            return 0;
        }
        for (int i = from + SHORTEST_TIMESTAMP; i < end; i++) {
            if (bytes[i] == ' ') {
                return i - from + 1;
            }
        }
        return end == length ? end - from : 0;
    }

    private static Instant timestamp(byte[] bytes, int from, int prefix) {
        String text = new String(bytes, from, prefix, StandardCharsets.ISO_8859_1).trim();
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
