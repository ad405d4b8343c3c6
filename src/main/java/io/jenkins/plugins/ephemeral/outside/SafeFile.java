package io.jenkins.plugins.ephemeral.outside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Writes files so that whoever dies meanwhile, or loses power, leaves the old one or the new one. */
final class SafeFile {
    private static final Logger LOGGER = Logger.getLogger(SafeFile.class.getName());

    private SafeFile() {}

    /** To a file beside it, to the disk, then renamed. */
    static void replace(Path file, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        Path beside = file.resolveSibling(file.getFileName() + Outside.UNFINISHED);
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(Objects.requireNonNull(file.getParent()));
    }

    private static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no directories; there the rename is all there is
            LOGGER.log(Level.FINEST, "the directory cannot be forced to the disk", e);
        }
    }
}
