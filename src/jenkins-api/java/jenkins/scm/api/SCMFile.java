package jenkins.scm.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Stand-in: a file in a revision. */
public abstract class SCMFile {
    private final SCMFile parent;
    private final String name;

    protected SCMFile() {
        this.parent = null;
        this.name = "";
    }

    protected SCMFile(SCMFile parent, String name) {
        this.parent = parent;
        this.name = name;
    }

    public final String getName() {
        return name;
    }

    public String getPath() {
        return parent == null || parent.isRoot() ? name : parent.getPath() + "/" + name;
    }

    public final boolean isRoot() {
        return parent == null;
    }

    public SCMFile parent() {
        return parent;
    }

    public SCMFile child(String path) {
        SCMFile file = this;
        for (String part : path.split("/")) {
            if (!part.isEmpty() && !part.equals(".")) {
                file = part.equals("..") ? file.parent : file.newChild(part, false);
            }
        }
        return file;
    }

    protected abstract SCMFile newChild(String name, boolean assumeIsDirectory);

    public abstract Iterable<SCMFile> children() throws IOException, InterruptedException;

    public abstract long lastModified() throws IOException, InterruptedException;

    protected abstract Type type() throws IOException, InterruptedException;

    public abstract InputStream content() throws IOException, InterruptedException;

    public final Type getType() throws IOException, InterruptedException {
        return type();
    }

    public final boolean exists() throws IOException, InterruptedException {
        return getType() != Type.NONEXISTENT;
    }

    public final boolean isFile() throws IOException, InterruptedException {
        return getType() == Type.REGULAR_FILE;
    }

    public final boolean isDirectory() throws IOException, InterruptedException {
        return getType() == Type.DIRECTORY;
    }

    public byte[] contentAsBytes() throws IOException, InterruptedException {
        try (InputStream in = content()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            in.transferTo(out);
            return out.toByteArray();
        }
    }

    public String contentAsString() throws IOException, InterruptedException {
        return new String(contentAsBytes(), StandardCharsets.UTF_8);
    }

    /** What a name in a revision stands for. */
    public enum Type {
        NONEXISTENT,
        REGULAR_FILE,
        DIRECTORY,
        LINK,
        OTHER
    }
}
