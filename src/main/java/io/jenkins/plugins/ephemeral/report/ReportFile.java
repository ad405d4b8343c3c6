package io.jenkins.plugins.ephemeral.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * A build's report as a JSON file. Each change is written to a second file, forced to the disk and moved into place, so
 * that a reader or a crash never sees half a report. Objects for the same folder share one lock.
 */
public final class ReportFile implements ReportStore {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .build();

    private static final Object[] LOCKS = new Object[64];

    static {
        for (int i = 0; i < LOCKS.length; i++) {
            LOCKS[i] = new Object();
        }
    }

    private final Path folder;
    private final Object lock;

    private ReportFile(Path folder) {
        this.folder = folder;
        this.lock = LOCKS[Math.floorMod(folder.hashCode(), LOCKS.length)];
    }

    /** The report in a folder, which need not exist yet. */
    public static ReportFile in(Path folder) {
        return new ReportFile(folder.toAbsolutePath().normalize());
    }

    /** The JSON file; it exists once something was written. */
    public Path path() {
        return folder.resolve("report.json");
    }

    /** The JUnit file; it exists once the report was published. */
    public Path junitPath() {
        return folder.resolve("junit.xml");
    }

    @Override
    public void update(Consumer<Report> change) {
        synchronized (lock) {
            Report report = read();
            change.accept(report);
            Merging.conclude(report);
            write(path(), toJson(report));
        }
    }

    @Override
    public Report read() {
        synchronized (lock) {
            Path file = path();
            if (!Files.exists(file)) {
                return new Report();
            }
            try {
                return JSON.readValue(Files.readAllBytes(file), Report.class);
            } catch (IOException e) {
                throw new UncheckedIOException("the report " + file + " cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /** Writes the JUnit form beside the JSON. */
    public void writeJUnit(Report report) {
        synchronized (lock) {
            write(junitPath(), JUnitWriter.toXml(report));
        }
    }

    /** The JSON form of a report, UTF-8. */
    public static byte[] toJson(Report report) {
        try {
            return JSON.writeValueAsBytes(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path file, byte[] bytes) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.createDirectories(folder);
            Files.write(part, bytes);
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the report " + file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
