package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file system of one execution: a temporary directory in the place of the volumes that a real Pod has. Absolute
 * paths below {@code /data}, and those of declared files and working directories, are moved below it wherever they are
 * named: in shell text, in the environment and in the declared files. What comes out is named as in the Pod again.
 */
final class Sandbox implements AutoCloseable {
    private final Path root;
    private final Set<String> mounts = new TreeSet<>(Comparator.reverseOrder());

    Sandbox() {
        try {
            root = Files.createTempDirectory("testworkflow-").toRealPath();
            Files.createDirectories(root.resolve("data"));
            Files.createDirectories(root.resolve("tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        mounts.add("/data");
    }

    /** Declares that an absolute path belongs into the sandbox. */
    void mount(String path) {
        if (path.startsWith("/") && path.length() > 1) {
            mounts.add(path.replaceAll("/+$", ""));
        }
    }

    /** The text with the paths of the Pod turned into those of this machine. */
    String inside(String text) {
        String alternatives = mounts.stream().map(Pattern::quote).collect(Collectors.joining("|"));
        Pattern mounted = Pattern.compile("(?<![\\w./}~-])(" + alternatives + ")(?![\\w.-])");
        return mounted.matcher(text).replaceAll(match -> Matcher.quoteReplacement(root + match.group(1)));
    }

    /** The text with the paths of this machine turned into those of the Pod. */
    String outside(String text) {
        return text.replace(root.toString(), "");
    }

    /** The place of an absolute path, or of one relative to a working directory; never beyond the sandbox. */
    Path path(String workingDir, String path) {
        String absolute = path.startsWith("/") ? path : workingDir + "/" + path;
        Path place = root.resolve(absolute.replaceAll("^/+", "")).normalize();
        if (!place.startsWith(root)) {
            throw new IllegalArgumentException(path + " leads out of the sandbox");
        }
        return place;
    }

    Path directory(String workingDir) throws IOException {
        return Files.createDirectories(path("/", workingDir));
    }

    /** Writes declared files: {@code path}, {@code content}, {@code mode}. */
    void write(JsonNode files) throws IOException {
        files.forEach(file -> mount(file.path("path").asText()));
        for (JsonNode file : files) {
            Path place = path("/data", file.path("path").asText());
            Files.createDirectories(place.getParent());
            Files.writeString(
                    place, inside(Expressions.unquote(file.path("content").asText(""))));
            if (file.has("mode")) {
                int mode = file.path("mode").asInt();
                StringBuilder permissions = new StringBuilder();
                for (int bit = 8; bit >= 0; bit--) {
                    permissions.append((mode >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
                }
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(permissions.toString()));
            }
        }
    }

    Path root() {
        return root;
    }

    @Override
    public void close() {
        delete(root);
    }

    /** Deletes a tree; what cannot be deleted stays, a leftover in a temporary directory must not fail a run. */
    static void delete(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(Sandbox.class.getName())
                    .log(System.Logger.Level.INFO, "{0} stays behind: {1}", tree, e.toString());
        }
    }
}
