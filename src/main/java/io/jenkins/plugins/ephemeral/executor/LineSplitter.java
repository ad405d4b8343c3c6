package io.jenkins.plugins.ephemeral.executor;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines. A line may be of any length: of a long one the beginning is kept and the rest is
 * counted, so that memory stays bounded. Not thread-safe.
 */
final class LineSplitter {
    /** Takes lines. */
    interface Sink {
        /**
         * Takes one line.
         *
         * @param bytes the line without its line end, at the beginning of this array, until the method returns
         * @param length how many bytes the line has
         * @param cutBytes how many more bytes of it were left away
         */
        void line(byte[] bytes, int length, long cutBytes);
    }

    private final int longestBytes;
    private final Sink sink;
    private byte[] bytes = new byte[256];
    private int length;
    private long cutBytes;

    /**
     * @param longestBytes how much of a line is kept
     * @param sink takes the lines
     */
    LineSplitter(int longestBytes, Sink sink) {
        this.longestBytes = longestBytes;
        this.sink = sink;
    }

    /** Takes what came in, all of it. */
    void take(ByteBuffer buffer) {
        while (buffer.hasRemaining()) {
            byte b = buffer.get();
            if (b == '\n') {
                emit();
            } else if (length == longestBytes) {
                cutBytes++;
            } else {
                if (length == bytes.length) {
                    bytes = Arrays.copyOf(bytes, Math.min(longestBytes, 2 * length));
                }
                bytes[length++] = b;
            }
        }
    }

    /** The stream is over: what came after the last line end is a line, too. */
    void finish() {
        if (length > 0 || cutBytes > 0) {
            emit();
        }
    }

    private void emit() {
        int end = length > 0 && cutBytes == 0 && bytes[length - 1] == '\r' ? length - 1 : length;

        long cut = cutBytes;
        length = 0;
        cutBytes = 0;
        sink.line(bytes, end, cut);
    }
}
