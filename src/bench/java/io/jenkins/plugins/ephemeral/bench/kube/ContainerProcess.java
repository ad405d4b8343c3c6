package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of one container as a process of this machine. */
final class ContainerProcess {
    private static final int MAX_MESSAGE_BYTES = 4096;

    private final Process process;
    private final ContainerLog log;
    private final Path messageFile;
    private final Instant started = Instant.now();

    /**
     * @param root the container's root directory
     * @param onExit gets the exit code once the log is complete; called on a thread of the process's own
     */
    ContainerProcess(
            JsonNode container,
            List<String> entrypoint,
            ContainerEnvironment environment,
            Path root,
            Map<String, String> more,
            ContainerLog log,
            Consumer<ContainerProcess> onExit)
            throws IOException {
        this.log = log;
        List<String> mounts = mountPaths(container);
        messageFile = PodFiles.inRoot(root, Json.text(container, "/terminationMessagePath"));
        Files.createDirectories(messageFile.getParent());
        Files.deleteIfExists(messageFile);
        List<String> command = command(container, entrypoint, environment).stream()
                .map(t -> inRoot(t, mounts, root))
                .toList();
        File directory = workingDirectory(container, root);
        if (!isExecutable(command.get(0), directory)) {
            throw new IOException("exec: \"" + command.get(0) + "\"");
        }
        // a session of its own, so that what the container leaves running can be found and ended with it
        List<String> inSession = new ArrayList<>(List.of("setsid"));
        inSession.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(inSession);
        builder.directory(directory);
        builder.redirectErrorStream(true).redirectInput(new File("/dev/null"));
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
        variables.put("HOME", root.toString());
        variables.put("TMPDIR", root.resolve("tmp").toString());
        variables.putAll(more);
        environment.variables().forEach((k, v) -> variables.put(k, inRoot(v, mounts, root)));
        variables.put("EPHEMERAL_ROOT", root.toString());
        builder.environment().clear();
        builder.environment().putAll(variables);
        process = builder.start();
        Thread reader = new Thread(() -> read(onExit), "container-" + Json.text(container, "/name"));
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Consumer<ContainerProcess> onExit) {
        // whatever the main process leaves running would keep the log open: in a container it dies with it
        process.onExit().thenRun(this::killSession);
        log.readFrom(process.getInputStream());
        process.onExit().join();
        log.end();
        onExit.accept(this);
    }

    private static List<String> mountPaths(JsonNode container) {
        List<String> paths = new ArrayList<>();
        container.path("volumeMounts").forEach(m -> paths.add(Json.text(m, "/mountPath")));
        paths.add(Json.text(container, "/terminationMessagePath"));
        paths.add("/var/run/secrets/kubernetes.io/serviceaccount");
        paths.sort((a, b) -> b.length() - a.length());
        return paths;
    }

    /** Replaces whole mount paths, so that {@code /data} is not found in {@code /database} or {@code my/data}. */
    private static String inRoot(String text, List<String> mounts, Path root) {
        String replaced = text;
        for (String mount : mounts) {
            String plain = mount.replaceFirst("/+$", "");
            if (!plain.isEmpty() && replaced.contains(plain)) {
                Pattern whole = Pattern.compile("(?<![\\w./-])" + Pattern.quote(plain) + "(?![\\w-])");
                replaced = whole.matcher(replaced)
                        .replaceAll(Matcher.quoteReplacement(
                                PodFiles.inRoot(root, plain).toString()));
            }
        }
        return replaced;
    }

    private static List<String> command(JsonNode container, List<String> entrypoint, ContainerEnvironment environment) {
        List<String> command = environment.expandAll(container.path("command"));
        List<String> arguments = environment.expandAll(container.path("args"));
        if (command.isEmpty() && !entrypoint.isEmpty()) {
            command.addAll(arguments.isEmpty() ? entrypoint : entrypoint.subList(0, 1));
        }
        command.addAll(arguments);
        return command.isEmpty() ? List.of("sh") : command;
    }

    private static File workingDirectory(JsonNode container, Path root) throws IOException {
        Path directory = PodFiles.inRoot(root, Json.text(container, "/workingDir"));
        Files.createDirectories(directory);
        return directory.toFile();
    }

    private static boolean isExecutable(String program, File directory) {
        if (program.contains("/")) {
            return Files.isExecutable(directory.toPath().resolve(program));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }

    Instant started() {
        return started;
    }

    boolean isRunning() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** SIGTERM to the main process; through its handle, since {@code Process.destroy} would also close the log. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL to everything that the container runs. */
    void kill() {
        killSession();
        process.toHandle().destroyForcibly();
    }

    private void killSession() {
        try {
            new ProcessBuilder("sh", "-c", "kill -KILL -" + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the container left at its termination message path, or "". */
    String message() {
        try {
            byte[] bytes = Files.exists(messageFile) ? Files.readAllBytes(messageFile) : new byte[0];
            return new String(bytes, 0, Math.min(bytes.length, MAX_MESSAGE_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
