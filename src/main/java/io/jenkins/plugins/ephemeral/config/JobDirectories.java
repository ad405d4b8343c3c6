package io.jenkins.plugins.ephemeral.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.Jenkins;

/**
 * What is on the disk of jobs that Jenkins does not know: one whose configuration could not be read, or whose plugin is
 * missing after an update, is not loaded, but is not gone. Jobs and folders are in {@code jobs} of what they are in,
 * those of a multibranch project in its {@code branches}, in directories whose {@code name-utf8.txt} has the name where
 * it could not be that of a directory (folder plugin, {@code ChildNameGenerator}).
 */
final class JobDirectories {
    private static final Logger LOGGER = Logger.getLogger(JobDirectories.class.getName());
    private static final List<String> CHILDREN = List.of("jobs", "branches");
    private static final String NAME_FILE = "name-utf8.txt";
    private static final String CONFIG = "config.xml";

    private JobDirectories() {}

    /** Whether there is a directory of the job, or it cannot be said. */
    static boolean has(String fullName) {
        List<Path> found = List.of(Jenkins.get().getRootDir().toPath());
        try {
            for (String name : fullName.split("/")) {
                List<Path> next = new ArrayList<>();
                for (Path parent : found) {
                    for (String children : CHILDREN) {
                        next.addAll(named(parent.resolve(children), name));
                    }
                }
                found = next;
            }
            return !found.isEmpty();
        } catch (IOException | UncheckedIOException | InvalidPathException e) {
            LOGGER.log(Level.WARNING, e, () -> "Whether " + fullName + " is there cannot be read");
            return true;
        }
    }

    private static List<Path> named(Path children, String name) throws IOException {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(children)) {
            return found;
        }
        Path usual = children.resolve(name);
        if (Files.exists(usual.resolve(CONFIG))) {
            found.add(usual);
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(children)) {
            for (Path one : all) {
                Path said = one.resolve(NAME_FILE);
                if (!one.equals(usual) && Files.exists(said) && name.equals(text(said))) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    }
}
