package io.jenkins.plugins.ephemeral.environment;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.logging.Logger;

/**
 * What this home knows of the Lease in one cluster: the nonces of its last lives, and when it renewed last. A Lease that
 * was renewed later than that was renewed by somebody else, though it carries a nonce of ours: by the Jenkins whose
 * home this one is a copy of.
 */
final class TenureFile {
    private static final Logger LOGGER = Logger.getLogger(TenureFile.class.getName());
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final String OTHERS =
            "Until a Lease that is there has run out, or a person takes over, it counts as" + " another Jenkins'.";
    /** A life that dies before it has renewed leaves the Lease to the one before it. */
    private static final int LIVES = 10;

    private final Path path;
    private final Outside outside;
    private final String nonce;
    private final Content content;
    private String trouble;

    /** What is written. */
    static final class Content {
        /** Of this life and those before it, oldest first. */
        public List<String> nonces = new ArrayList<>();

        /** Time of the last renewal, RFC 3339 with milliseconds. */
        public String renewed = Instant.EPOCH.toString();
    }

    private TenureFile(Path path, Outside outside, String nonce, Content content, String trouble) {
        this.path = path;
        this.outside = outside;
        this.nonce = nonce;
        this.content = content;
        this.trouble = trouble;
    }

    /** @param nonce of this life */
    static TenureFile open(Path path, Outside outside, String nonce) {
        Content content = new Content();
        String trouble = null;
        try {
            if (Files.exists(path)) {
                Content read = outside.call("reading Tenure", () -> JSON.readValue(path.toFile(), Content.class));
                trouble = trouble(read);
                content = trouble == null ? read : content;
            }
        } catch (IOException e) {
            trouble = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        if (trouble != null) {
            String why = trouble;
            LOGGER.warning(() -> path + " cannot be read: " + why + ". " + OTHERS);
        }
        content.nonces.add(nonce);
        while (content.nonces.size() > LIVES) {
            content.nonces.remove(0);
        }
        return new TenureFile(path, outside, nonce, content, trouble == null ? null : path + ": " + trouble);
    }

    /** What is wrong with it, or null. What is believed without being right would take over from another. */
    private static String trouble(Content read) {
        if (read == null || read.nonces == null || read.renewed == null || read.nonces.contains(null)) {
            return "something is missing in it";
        }
        try {
            Instant.parse(read.renewed);
            return null;
        } catch (DateTimeParseException e) {
            return "it does not say when the Lease was renewed";
        }
    }

    /** Why it is not known which Leases are of this home's earlier lives; empty if it is, or is of no interest any more. */
    synchronized Optional<String> trouble() {
        return Optional.ofNullable(trouble)
                .map(why -> "That may have been this Jenkins itself, before its last start: what it wrote down about"
                        + " that cannot be read (" + why + "). " + OTHERS);
    }

    String nonce() {
        return nonce;
    }

    /** Whether a Lease was renewed by this life, or by an earlier one of this home. */
    synchronized boolean isMine(String holder, Instant renewed) {
        return holder.equals(nonce)
                || content.nonces.contains(holder) && !renewed.isAfter(Instant.parse(content.renewed));
    }

    /** Writes down that it is about to be renewed. What is on the disk then is there after a loss of power, too. */
    synchronized void renewing(Instant now) {
        Content next = new Content();
        next.nonces = content.nonces;
        next.renewed = now.toString();
        try {
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            outside.replace("writing Tenure", path, JSON.writeValueAsBytes(next));
            content.renewed = next.renewed;
            trouble = null;
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
