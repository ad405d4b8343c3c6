package hudson;

import com.thoughtworks.xstream.XStream;
import com.thoughtworks.xstream.XStreamException;
import hudson.util.XStream2;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Stand-in: one object in one XML file, replaced atomically. */
public final class XmlFile {
    private static final XStream DEFAULT = new XStream2();
    private final XStream xs;
    private final File file;

    public XmlFile(File file) {
        this(DEFAULT, file);
    }

    public XmlFile(XStream xs, File file) {
        this.xs = xs;
        this.file = file;
    }

    public File getFile() {
        return file;
    }

    public XStream getXStream() {
        return xs;
    }

    public Object read() throws IOException {
        try (Reader in = readRaw()) {
            return xs.fromXML(in);
        } catch (XStreamException e) {
            throw new IOException("Unable to read " + file, e);
        }
    }

    /** Fills {@code o} from the file. */
    public Object unmarshal(Object o) throws IOException {
        try (Reader in = readRaw()) {
            return xs.fromXML(in, o);
        } catch (XStreamException e) {
            throw new IOException("Unable to read " + file, e);
        }
    }

    public void write(Object o) throws IOException {
        mkdirs();
        Path temporary = Files.createTempFile(file.toPath().toAbsolutePath().getParent(), "atomic", "tmp");
        try {
            String xml;
            try {
                xml = xs.toXML(o);
            } catch (XStreamException e) {
                throw new IOException("Unable to write " + file, e);
            }
            Files.writeString(temporary, "<?xml version='1.1' encoding='UTF-8'?>\n" + xml);
            Files.move(temporary, file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    public boolean exists() {
        return file.exists();
    }

    public void delete() throws IOException {
        Files.deleteIfExists(file.toPath());
    }

    public void mkdirs() throws IOException {
        Files.createDirectories(file.toPath().toAbsolutePath().getParent());
    }

    public Reader readRaw() throws IOException {
        // the XML 1.1 head is for Jenkins' own parser
        String text = Files.readString(file.toPath(), StandardCharsets.UTF_8);
        return new java.io.StringReader(text.replaceFirst("^<\\?xml[^>]*\\?>", ""));
    }

    public String asString() throws IOException {
        return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
