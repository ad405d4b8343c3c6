package io.jenkins.plugins.ephemeral.executor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/** The last lines of a log, for the report. Thread-safe. */
public final class LogTail {
    private final int mostLines;
    private final int mostBytes;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long bytes;

    /**
     * @param mostLines how many lines are kept
     * @param mostBytes how many bytes of UTF-8 they may have with their line ends
     */
    public LogTail(int mostLines, int mostBytes) {
        this.mostLines = mostLines;
        this.mostBytes = mostBytes;
    }

    /** Adds a line. */
    public synchronized void add(String line) {
        lines.addLast(line);
        bytes += size(line);
        while (lines.size() > mostLines || bytes > mostBytes && lines.size() > 1) {
            bytes -= size(lines.removeFirst());
        }
    }

    /** Replaces the lines by those of another one, if it has any. */
    void replaceBy(LogTail other) {
        List<String> better;
        synchronized (other) {
            better = List.copyOf(other.lines);
        }
        if (better.isEmpty()) {
            return;
        }
        synchronized (this) {
            lines.clear();
            bytes = 0;
            better.forEach(this::add);
        }
    }

    /** The lines, or null if there are none. */
    public synchronized String text() {
        return lines.isEmpty() ? null : String.join("\n", lines);
    }

    private static int size(String line) {
        return line.getBytes(StandardCharsets.UTF_8).length + 1;
    }
}
