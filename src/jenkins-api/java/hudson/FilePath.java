package hudson;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Stand-in: a file on a build agent; here always on this machine. */
public final class FilePath {
    private final File file;

    public FilePath(File localPath) {
        this.file = localPath;
    }

    public FilePath(FilePath base, String rel) {
        this.file = new File(rel).isAbsolute()
                ? new File(rel)
                : base.file.toPath().resolve(rel).normalize().toFile();
    }

    public String getRemote() {
        return file.getPath();
    }

    public boolean isRemote() {
        return false;
    }

    public FilePath child(String relOrAbsolute) {
        return new FilePath(this, relOrAbsolute);
    }

    public FilePath getParent() {
        File parent = file.getParentFile();
        return parent == null ? null : new FilePath(parent);
    }

    public String getName() {
        return file.getName();
    }

    public boolean exists() throws IOException, InterruptedException {
        return file.exists();
    }

    public boolean isDirectory() throws IOException, InterruptedException {
        return file.isDirectory();
    }

    public long length() throws IOException, InterruptedException {
        return file.length();
    }

    public long lastModified() throws IOException, InterruptedException {
        return file.lastModified();
    }

    public void mkdirs() throws IOException, InterruptedException {
        Files.createDirectories(file.toPath());
    }

    public void chmod(int mask) throws IOException, InterruptedException {
        StringBuilder rights = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            rights.append((mask >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        java.nio.file.Files.setPosixFilePermissions(
                java.nio.file.Path.of(getRemote()),
                java.nio.file.attribute.PosixFilePermissions.fromString(rights.toString()));
    }

    public boolean delete() throws IOException, InterruptedException {
        Files.deleteIfExists(file.toPath());
        return true;
    }

    public void deleteRecursive() throws IOException, InterruptedException {
        if (!file.exists()) {
            return;
        }
        try (Stream<Path> files = Files.walk(file.toPath())) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    public InputStream read() throws IOException, InterruptedException {
        return Files.newInputStream(file.toPath());
    }

    public String readToString() throws IOException, InterruptedException {
        return Files.readString(file.toPath(), StandardCharsets.UTF_8);
    }

    public OutputStream write() throws IOException, InterruptedException {
        Files.createDirectories(file.toPath().toAbsolutePath().getParent());
        return Files.newOutputStream(file.toPath());
    }

    public void write(String content, String encoding) throws IOException, InterruptedException {
        try (OutputStream out = write()) {
            out.write(content.getBytes(encoding == null ? "UTF-8" : encoding));
        }
    }

    public void copyTo(FilePath target) throws IOException, InterruptedException {
        try (InputStream in = read();
                OutputStream out = target.write()) {
            in.transferTo(out);
        }
    }

    public void copyTo(OutputStream os) throws IOException, InterruptedException {
        try (InputStream in = read()) {
            in.transferTo(os);
        }
    }

    public void copyFrom(InputStream in) throws IOException, InterruptedException {
        try (OutputStream out = write()) {
            in.transferTo(out);
        }
    }

    public List<FilePath> list() throws IOException, InterruptedException {
        File[] children = file.listFiles();
        List<FilePath> all = new ArrayList<>();
        for (File child : children == null ? new File[0] : children) {
            all.add(new FilePath(child));
        }
        return all;
    }

    /** Files below that match one of the comma or blank separated Ant patterns. */
    public FilePath[] list(String includes) throws IOException, InterruptedException {
        return list(includes, null);
    }

    public FilePath[] list(String includes, String excludes) throws IOException, InterruptedException {
        return list(includes, excludes, true);
    }

    public FilePath[] list(String includes, String excludes, boolean defaultExcludes)
            throws IOException, InterruptedException {
        Path base = file.toPath();
        if (!Files.isDirectory(base)) {
            throw new FileNotFoundException(file + " does not exist");
        }
        List<Pattern> in = patterns(includes);
        List<Pattern> out = new ArrayList<>(patterns(excludes));
        if (defaultExcludes) {
            out.addAll(patterns("**/.git/**, **/.svn/**, **/*~, **/.DS_Store, **/CVS/**"));
        }
        try (Stream<Path> files = Files.walk(base)) {
            return files.filter(Files::isRegularFile)
                    .filter(f -> {
                        String relative = base.relativize(f).toString().replace(File.separatorChar, '/');
                        return in.stream().anyMatch(p -> p.matcher(relative).matches())
                                && out.stream()
                                        .noneMatch(p -> p.matcher(relative).matches());
                    })
                    .sorted()
                    .map(f -> new FilePath(f.toFile()))
                    .toArray(FilePath[]::new);
        }
    }

    private static List<Pattern> patterns(String ant) {
        List<Pattern> all = new ArrayList<>();
        for (String one : ant == null ? new String[0] : ant.trim().split("\\s*[,\\s]\\s*")) {
            if (!one.isEmpty()) {
                all.add(pattern(one.endsWith("/") ? one + "**" : one));
            }
        }
        return all;
    }

    private static Pattern pattern(String ant) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < ant.length(); i++) {
            if (ant.startsWith("**/", i)) {
                regex.append("(?:[^/]+/)*");
                i += 2;
            } else if (ant.startsWith("/**", i) && i + 3 == ant.length()) {
                regex.append("(?:/.*)?");
                i += 2;
            } else if (ant.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (ant.charAt(i) == '*') {
                regex.append("[^/]*");
            } else if (ant.charAt(i) == '?') {
                regex.append("[^/]");
            } else {
                regex.append(Pattern.quote(ant.substring(i, i + 1)));
            }
        }
        return Pattern.compile(regex.toString());
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof FilePath other && file.equals(other.file);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(file);
    }

    @Override
    public String toString() {
        return file.getPath();
    }
}
