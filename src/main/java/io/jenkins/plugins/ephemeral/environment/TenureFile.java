package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What this home knows of the Lease in one cluster: the nonces of its last lives, and when it renewed last. A Lease that
 * was renewed later than that was renewed by somebody else, though it carries a nonce of ours: by the Jenkins whose
 * home this one is a copy of.
 */
final class TenureFile {
    private static final Logger LOGGER = Logger.getLogger(TenureFile.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A life that dies before it has renewed leaves the Lease to the one before it. */
    private static final int LIVES = 10;

    private final Path path;
    private final Outside outside;
    private final String nonce;
    private final Content content;

    /** What is written. */
    static final class Content {
        /** Of this life and those before it, oldest first. */
        public List<String> nonces = new ArrayList<>();

        /** Time of the last renewal, RFC 3339 with milliseconds. */
        public String renewed = Instant.EPOCH.toString();
    }

    private TenureFile(Path path, Outside outside, String nonce, Content content) {
        this.path = path;
        this.outside = outside;
        this.nonce = nonce;
        this.content = content;
    }

    /** @param nonce of this life */
    static TenureFile open(Path path, Outside outside, String nonce) {
        Content content = new Content();
        try {
            if (Files.exists(path)) {
                content = outside.call("reading Tenure", () -> JSON.readValue(path.toFile(), Content.class));
            }
        } catch (Exception e) {
            // then the Lease of the last life counts as another's until it has run out
            LOGGER.log(Level.WARNING, e, () -> path + " cannot be read");
        }
        content.nonces.add(nonce);
        while (content.nonces.size() > LIVES) {
            content.nonces.remove(0);
        }
        return new TenureFile(path, outside, nonce, content);
    }

    String nonce() {
        return nonce;
    }

    /** Whether a Lease was renewed by this life, or by an earlier one of this home. */
    synchronized boolean isMine(String holder, Instant renewed) {
        return holder.equals(nonce)
                || content.nonces.contains(holder) && !renewed.isAfter(Instant.parse(content.renewed));
    }

    /** Writes down that it is about to be renewed. */
    synchronized void renewing(Instant now) {
        content.renewed = now.toString();
        try {
            outside.call("writing Tenure", () -> {
                Files.createDirectories(path.getParent());
                Path beside = path.resolveSibling(path.getFileName() + ".tmp");
                Files.write(beside, JSON.writeValueAsBytes(content));
                return Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            });
        } catch (IOException e) {
            throw new TransientFault(
                    "writing Tenure",
                    path.toString(),
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
}
