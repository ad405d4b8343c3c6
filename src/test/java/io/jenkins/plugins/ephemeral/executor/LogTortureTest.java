package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** One GB of log, a line of 50 MB and forged console notes, read in a JVM of 48 MB: more than is bounded does not fit. */
public class LogTortureTest {
    static final long BYTES = 1L << 30;
    static final int LINE = 1024;
    static final int LONG_LINE = 50 * 1024 * 1024;
    static final int NOTES = 1000;
    private static final String STAMP = "2026-01-02T03:04:05.123456789Z ";

    private HttpServer server;

    @Before
    public void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/namespaces/a/pods/p/log", LogTortureTest::log);
        server.start();
    }

    @After
    public void close() {
        server.stop(0);
    }

    private static void log(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        byte[] line = new byte[LINE];
        Arrays.fill(line, (byte) 'x');
        byte[] stamp = STAMP.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(stamp, 0, line, 0, stamp.length);
        line[LINE - 1] = '\n';
        byte[] note = (STAMP + "\u001B[8mha:AAAAnote\u001B[0m\n").getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            for (int i = 0; i < NOTES; i++) {
                out.write(note);
            }
            out.write(stamp);
            byte[] piece = new byte[1 << 16];
            Arrays.fill(piece, (byte) 'y');
            for (int i = 0; i < LONG_LINE / piece.length; i++) {
                out.write(piece);
            }
            out.write('\n');
            for (long i = 0; i < BYTES / LINE; i++) {
                out.write(line);
            }
        }
    }

    @Test
    public void isReadInBoundedMemory() throws Exception {
        Process reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx48m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LogTortureReader.class.getName(),
                        "http://127.0.0.1:" + server.getAddress().getPort())
                .redirectErrorStream(true)
                .start();
        String said;
        try {
            said = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(reader.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            reader.destroyForcibly();
        }
        assertThat(said).contains("lines=" + (NOTES + 1 + BYTES / LINE));
        int longest = Integer.parseInt(said.replaceFirst("(?s).*longest=(\\d+).*", "$1"));
        assertThat(longest).isBetween(64 * 1024, 64 * 1024 + 40);
        assertThat(said).contains("notes=0", "inert=" + NOTES, "tailLines=");
        assertThat(reader.exitValue()).as(said).isZero();
    }
}
