package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The records of this controller: one JSON file each in one directory, and a copy in memory. What a method has returned
 * from is on the disk; one writes at a time, and reading never waits for the disk. A file that cannot be read is left where it is and reported: deleting it would lose a namespace.
 */
final class Registry {
    /** Version of the format that is written. */
    static final int FORMAT_VERSION = 2;

    private static final Logger LOGGER = Logger.getLogger(Registry.class.getName());
    private static final String SUFFIX = ".json";
    /** Of a file that could not be read and that a person gave up. */
    private static final String FORGOTTEN = ".forgotten";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private final Path directory;
    private final Outside outside;
    /** What is on the disk; whoever reads waits for no writer. Neither maps nor records in them are ever changed. */
    private volatile Map<String, EnvironmentRecord> records = Map.of();

    private volatile Map<String, String> unreadable = Map.of();

    private Registry(Path directory, Outside outside) {
        this.directory = directory;
        this.outside = outside;
    }

    /**
     * Reads all records.
     *
     * @param directory made if it is not there
     * @param outside the gate of outside calls
     * @throws TransientFault if the directory cannot be read; without it nothing may be provisioned or reaped
     */
    static Registry open(Path directory, Outside outside) {
        Registry registry = new Registry(directory, outside);
        registry.call("reading Records", () -> {
            Files.createDirectories(directory);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    if (file.getFileName().toString().endsWith(Outside.UNFINISHED)) {
                        Files.deleteIfExists(file);
                    } else {
                        registry.read(file);
                    }
                }
            }
            return null;
        });
        return registry;
    }

    /** A copy of the record of that name. */
    Optional<EnvironmentRecord> find(String name) {
        return Optional.ofNullable(records.get(name)).map(Registry::copy);
    }

    /** Copies of all records, by name. */
    List<EnvironmentRecord> all() {
        List<EnvironmentRecord> all = new ArrayList<>();
        records.values().forEach(each -> all.add(copy(each)));
        return all;
    }

    /** Copies of those records that a condition holds for, by name. */
    List<EnvironmentRecord> all(Predicate<EnvironmentRecord> condition) {
        List<EnvironmentRecord> some = new ArrayList<>();
        records.values().stream().filter(condition).forEach(each -> some.add(copy(each)));
        return some;
    }

    /** How many records a condition holds for, without copying any. */
    long count(Predicate<EnvironmentRecord> condition) {
        return records.values().stream().filter(condition).count();
    }

    /** Names of the files that could not be read, with the reason. What they are about is left alone. */
    Map<String, String> unreadable() {
        return unreadable;
    }

    /**
     * Puts a file that cannot be read out of the way, for who wants to look at it later.
     *
     * @return false if there is none of that name
     */
    synchronized boolean setAside(String name) {
        if (!unreadable.containsKey(name + SUFFIX)) {
            return false;
        }
        Path file = file(name);
        call(
                "deleting Record",
                () -> Files.exists(file)
                        ? Files.move(file, file.resolveSibling(name + FORGOTTEN), StandardCopyOption.REPLACE_EXISTING)
                        : file);
        unreadable = with(unreadable, name + SUFFIX, null);
        return true;
    }

    /** Whether a file of that name is there, be it readable or not: then its namespace has an owner. */
    boolean knows(String name) {
        return records.containsKey(name) || unreadable.containsKey(name + SUFFIX);
    }

    /** @param value null to take it out */
    private static <T> Map<String, T> with(Map<String, T> map, String key, T value) {
        Map<String, T> changed = new TreeMap<>(map);
        if (value == null) {
            changed.remove(key);
        } else {
            changed.put(key, value);
        }
        return Collections.unmodifiableMap(changed);
    }

    /**
     * Writes a new record.
     *
     * @return false if there is one of that name already, also if its file cannot be read
     */
    synchronized boolean add(EnvironmentRecord record) {
        if (knows(record.name)) {
            return false;
        }
        EnvironmentRecord mine = copy(record);
        write(mine);
        records = with(records, mine.name, mine);
        return true;
    }

    /**
     * Changes a record and writes it, if the change made a difference.
     *
     * @return a copy of it as it is then, or empty if there is none of that name
     */
    synchronized Optional<EnvironmentRecord> change(String name, Consumer<EnvironmentRecord> change) {
        EnvironmentRecord old = records.get(name);
        if (old == null) {
            return Optional.empty();
        }
        EnvironmentRecord changed = copy(old);
        change.accept(changed);
        if (!json(changed).equals(json(old))) {
            write(changed);
            records = with(records, name, changed);
        }
        return Optional.of(copy(changed));
    }

    /** Forgets a record: only what is confirmed gone. */
    synchronized void remove(String name) {
        call("deleting Record", () -> Files.deleteIfExists(file(name)));
        records = with(records, name, null);
    }

    private void read(Path file) {
        String fileName = String.valueOf(file.getFileName());
        if (!fileName.endsWith(SUFFIX)) {
            return;
        }
        try {
            EnvironmentRecord record = JSON.readValue(Files.readAllBytes(file), EnvironmentRecord.class);
            String trouble = trouble(record, fileName);
            if (trouble != null) {
                throw new IOException(trouble);
            }
            records = with(records, record.name, upToDate(record));
        } catch (IOException e) {
            unreadable = with(unreadable, fileName, String.valueOf(e.getMessage()));
            LOGGER.log(
                    Level.WARNING,
                    e,
                    () -> "The record " + file + " cannot be read. Its environment is left alone: "
                            + "repair the file, or delete the namespace and then the file.");
        }
    }

    /** Fills in what older formats did not have. */
    private static EnvironmentRecord upToDate(EnvironmentRecord record) {
        if (record.base == null) {
            record.base = record.name;
        }
        boolean kept = record.state == EnvironmentState.READY && record.reason != null;
        if (record.formatVersion < 2 && !kept && EnvironmentService.isLive(record.state)) {
            record.holders.add(Holder.of(record.run(), "", false, record.requestedAt));
        }
        if (record.expiresAt == null) {
            record.expiresAt = Instant.EPOCH; // what is live has a grace after a start
        }
        if (record.releasedAt == null && !EnvironmentService.isLive(record.state)) {
            record.releasedAt = record.expiresAt;
        }
        record.formatVersion = FORMAT_VERSION;
        return record;
    }

    private static String trouble(EnvironmentRecord record, String fileName) {
        if (record == null || record.name == null || !fileName.equals(record.name + SUFFIX)) {
            return "it is not the record of " + fileName;
        }
        if (record.formatVersion > FORMAT_VERSION) {
            return "it was written by a newer version of this plugin (format " + record.formatVersion + ")";
        }
        boolean incomplete = record.cluster == null
                || record.state == null
                || record.controllerId == null
                || record.jobFullName == null
                || record.spec == null
                || record.spec.ttl == null
                || record.obligations == null
                || record.holders == null
                || record.queue == null;
        return incomplete ? "something is missing in it" : null;
    }

    private void write(EnvironmentRecord record) {
        byte[] bytes = json(record).getBytes(StandardCharsets.UTF_8);
        guarded("writing Record", () -> {
            outside.replace("writing Record", file(record.name), bytes);
            return null;
        });
    }

    private Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    private <T> T call(String point, Callable<T> work) {
        return guarded(point, () -> outside.call(point, work));
    }

    private <T> T guarded(String point, Callable<T> work) {
        try {
            return work.call();
        } catch (IOException e) {
            throw new TransientFault(
                    point,
                    directory.toString(),
                    e.getClass().getSimpleName() + ": " + e.getMessage(),
                    "Check the disk of the Jenkins controller.",
                    Duration.ZERO,
                    e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static EnvironmentRecord copy(EnvironmentRecord record) {
        try {
            return JSON.readValue(json(record), EnvironmentRecord.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static EnvironmentSpec copy(EnvironmentSpec spec) {
        try {
            return JSON.readValue(json(spec), EnvironmentSpec.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the properties in which two beans differ, in order. */
    static Set<String> differences(Object one, Object other) {
        JsonNode before = JSON.valueToTree(one);
        JsonNode after = JSON.valueToTree(other);
        Set<String> names = new TreeSet<>();
        before.fieldNames().forEachRemaining(names::add);
        names.removeIf(each -> before.get(each).equals(after.get(each)));
        return names;
    }

    /** The same text for the same content. */
    static String json(Object record) {
        try {
            return JSON.writeValueAsString(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
