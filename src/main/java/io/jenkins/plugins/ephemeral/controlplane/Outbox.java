package io.jenkins.plugins.ephemeral.controlplane;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Delivers reports to webhooks: written to disk first, then sent until the address has taken them, across restarts. A
 * newer report of the same build replaces one that is still waiting. What nobody takes within {@link #PATIENCE} is
 * given up, with a line in the system log.
 */
public final class Outbox {
    private static final Logger LOGGER = Logger.getLogger(Outbox.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How long a delivery is tried. */
    static final Duration PATIENCE = Duration.ofHours(24);

    private final Path folder;
    private final Supplier<? extends List<? extends WebhookTarget>> targets;
    private final WebhookSender sender;
    private final Driver driver;
    private final Outside outside;
    private final ConcurrentHashMap<Path, Drive> drives = new ConcurrentHashMap<>();

    /**
     * @param folder where what waits is kept; made if it is not there
     * @param targets the addresses as they are configured now
     * @param http client that follows no redirects
     */
    public Outbox(
            Path folder,
            Supplier<? extends List<? extends WebhookTarget>> targets,
            HttpClient http,
            Driver driver,
            Outside outside) {
        this.folder = folder;
        this.targets = targets;
        this.sender = new WebhookSender(http, outside);
        this.driver = driver;
        this.outside = outside;
    }

    /** Takes up what an earlier life left. Does disk I/O. */
    public void start() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().endsWith(".json"))
                    .forEach(file -> send(file, Console.NONE));
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "The outbox " + folder + " cannot be read; nothing in it is sent", e);
        }
    }

    /**
     * Sends a body to every configured address; returns when it is on disk.
     *
     * @param subject what it is about, such as {@code shop/web/PR-41#7}: the key that a later body replaces
     * @param json the body, UTF-8
     * @param console hears that and where it was taken or is being tried again
     */
    public void post(String subject, byte[] json, Console console) {
        for (WebhookTarget target : targets.get()) {
            Delivery delivery = new Delivery();
            delivery.target = target.name();
            delivery.subject = subject;
            delivery.id = hash(target.name() + '\n' + subject + '\n' + new String(json, StandardCharsets.UTF_8));
            delivery.createdAtMillis = Instant.now().toEpochMilli();
            delivery.body = new String(json, StandardCharsets.UTF_8);
            Path file = folder.resolve(hash(target.name() + '\n' + subject) + ".json");
            write(file, delivery);
            send(file, console);
        }
    }

    private void send(Path file, Console console) {
        Delivery delivery;
        try {
            delivery = JSON.readValue(Files.readAllBytes(file), Delivery.class);
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "The delivery " + file + " cannot be read and is not sent", e);
            return;
        }
        Duration left = PATIENCE.minusMillis(Instant.now().toEpochMilli() - delivery.createdAtMillis);
        String name = "webhook " + delivery.target;
        Drive drive = driver.drive(
                name,
                () -> {
                    sender.send(target(delivery.target), delivery.id, delivery.body.getBytes(StandardCharsets.UTF_8));
                    return Progress.done(null);
                },
                left.isNegative() ? Duration.ZERO : left,
                console,
                new Drive.Listener<Object>() {
                    @Override
                    public void done(Object nothing) {
                        forget(file, delivery);
                        console.line("Report sent to " + name);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        forget(file, delivery);
                        console.line("Report not sent to " + name + ": " + failure.getMessage());
                        LOGGER.log(Level.WARNING, "The report of " + delivery.subject + " is given up", failure);
                    }
                });
        Drive before = drives.put(file, drive);
        if (before != null) {
            before.cancel();
        }
    }

    private WebhookTarget target(String name) {
        for (WebhookTarget target : targets.get()) {
            if (target.name().equals(name)) {
                return target;
            }
        }
        return null;
    }

    /** Only if it still is the same delivery: a newer one may have taken its place. */
    private synchronized void forget(Path file, Delivery delivery) {
        try {
            if (Files.exists(file)
                    && JSON.readValue(Files.readAllBytes(file), Delivery.class)
                            .id
                            .equals(delivery.id)) {
                Files.deleteIfExists(file);
                drives.remove(file);
            }
        } catch (IOException e) {
            LOGGER.log(
                    Level.WARNING, "The delivery " + file + " is done but cannot be deleted: it may be sent again", e);
        }
    }

    private synchronized void write(Path file, Delivery delivery) {
        try {
            outside.call("write delivery", () -> {
                Files.createDirectories(folder);
                Path part = file.resolveSibling(file.getFileName() + ".part");
                Files.write(part, JSON.writeValueAsBytes(delivery));
                try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the delivery " + file + " cannot be written: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One body that waits, as a file. */
    static final class Delivery {
        public String id;
        public String target;
        public String subject;
        public long createdAtMillis;
        public String body;
    }
}
