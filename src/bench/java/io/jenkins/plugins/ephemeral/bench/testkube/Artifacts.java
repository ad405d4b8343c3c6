package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The artifact storage: files by execution and name. */
final class Artifacts implements AutoCloseable {
    private final Path root;

    Artifacts() {
        try {
            root = Files.createTempDirectory("testworkflow-artifacts-").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(String executionId, String name, Path file) throws IOException {
        Path place = place(executionId, name);
        Files.createDirectories(place.getParent());
        Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path place(String executionId, String name) {
        Path own = root.resolve(executionId);
        Path place = own.resolve(name).normalize();
        if (!place.startsWith(own)) {
            throw Problem.internal("could not download file: " + name);
        }
        return place;
    }

    /** Names in alphabetical order. */
    List<String> names(String executionId) {
        Path own = root.resolve(executionId);
        if (!Files.isDirectory(own)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(own)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> own.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ArrayNode json(Execution execution) {
        ArrayNode all = Json.array();
        for (String name : names(execution.id)) {
            all.addObject()
                    .put("name", name)
                    .put("size", place(execution.id, name).toFile().length())
                    .put("executionName", execution.name)
                    .put("status", "ready");
        }
        return all;
    }

    /** @throws Problem 500 if there is no such file, which is what Testkube's storage makes of it */
    byte[] read(String executionId, String name) {
        Path place = place(executionId, name);
        if (!Files.isRegularFile(place)) {
            throw Problem.internal("could not download file: " + name + " does not exist");
        }
        try {
            return Files.readAllBytes(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a {@code tar.gz}.
     *
     * @param masks regular expressions of which one must be found in a name; empty for all
     */
    void archive(String executionId, List<String> masks, OutputStream out) throws IOException {
        List<Pattern> patterns = masks.stream().map(Pattern::compile).toList();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (String name : names(executionId)) {
                if (patterns.isEmpty()
                        || patterns.stream().anyMatch(p -> p.matcher(name).find())) {
                    byte[] content = read(executionId, name);
                    TarArchiveEntry entry = new TarArchiveEntry(name);
                    entry.setSize(content.length);
                    tar.putArchiveEntry(entry);
                    tar.write(content);
                    tar.closeArchiveEntry();
                }
            }
        }
    }

    void forget(String executionId) {
        Sandbox.delete(root.resolve(executionId));
    }

    @Override
    public void close() {
        Sandbox.delete(root);
    }
}
