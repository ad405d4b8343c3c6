package io.jenkins.plugins.ephemeral.pipeline;

import hudson.console.ConsoleLogFilter;
import hudson.model.Run;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Masks tokens of service accounts in a log. Known by their form, a JWT (RFC 7519), not by their value: so none is saved
 * with the program, and those that replace the first one are masked, too.
 */
final class TokenMask extends ConsoleLogFilter implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Header, claims and signature in base64url; a JSON object begins with {@code eyJ}. */
    private static final Pattern TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+");

    private static final int LONGEST_LINE = 64 * 1024;

    @Override
    @SuppressWarnings("rawtypes")
    public OutputStream decorateLogger(Run build, OutputStream logger) {
        return new Masking(logger);
    }

    static String mask(String text) {
        return TOKEN.matcher(text).replaceAll("****");
    }

    /** Passes whole lines on, as a token may come in pieces. */
    private static final class Masking extends FilterOutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Masking(OutputStream logger) {
            super(logger);
        }

        @Override
        public synchronized void write(int one) throws IOException {
            line.write(one);
            if (one == '\n' || line.size() >= LONGEST_LINE) {
                pass();
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            for (int i = offset; i < offset + length; i++) {
                write(bytes[i]);
            }
        }

        @Override
        public synchronized void close() throws IOException {
            pass();
            super.close();
        }

        private void pass() throws IOException {
            // one byte, one character: whatever the encoding is, a token is ASCII
            String text = line.toString(StandardCharsets.ISO_8859_1);
            line.reset();
            out.write(mask(text).getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
