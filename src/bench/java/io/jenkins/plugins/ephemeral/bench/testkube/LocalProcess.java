package io.jenkins.plugins.ephemeral.bench.testkube;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A program of one step, run on this machine; both of its outputs line by line. */
final class LocalProcess implements StepProcess {
    /** Grace for output of children that outlive the program. */
    private static final long OUTPUT_GRACE_MILLIS = 1000;

    private final Process process;
    private final Thread reader;

    LocalProcess(List<String> command, Path directory, Map<String, String> environment, Consumer<String> line)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().putAll(environment);
        process = builder.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        reader = new Thread(() -> read(line), "embedded-control-plane-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Consumer<String> line) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String next = lines.readLine(); next != null; next = lines.readLine()) {
                line.accept(next);
            }
        } catch (IOException e) {
            line.accept("output ended: " + e.getMessage());
        }
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        boolean ended = true;
        if (timeout == null) {
            process.waitFor();
        } else {
            ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
        if (!ended) {
            kill();
            process.waitFor();
        }
        reader.join(OUTPUT_GRACE_MILLIS);
        return ended;
    }

    @Override
    public int exitCode() {
        return process.exitValue();
    }

    /** Kills it with everything that it has started. */
    @Override
    public void kill() {
        // the children first: once their parent is gone they cannot be found any more
        try (Stream<ProcessHandle> children = process.descendants()) {
            children.toList().forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly();
    }
}
