package io.jenkins.plugins.ephemeral.build;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A built {@code .hpi}, opened as Jenkins opens it: its files, its manifest, and the one library with our classes. */
final class PluginPackage {
    static final Path HPI = Path.of("target/ephemeral-environments.hpi");
    static final String LIBRARY = "WEB-INF/lib/ephemeral-environments.jar";

    private final Map<String, byte[]> files;
    private final Map<String, byte[]> libraryFiles;

    private PluginPackage(Map<String, byte[]> files) throws IOException {
        this.files = files;
        byte[] library = files.get(LIBRARY);
        this.libraryFiles = library == null ? Map.of() : unpack(new ByteArrayInputStream(library));
    }

    /**
     * @param hpi the package
     * @return the opened package
     * @throws IOException when it is not there or not a zip file; the message says how to build it
     */
    static PluginPackage open(Path hpi) throws IOException {
        if (!Files.isRegularFile(hpi)) {
            throw new IOException("no " + hpi + ": this test runs after packaging, in `mvn verify`");
        }
        try (InputStream in = Files.newInputStream(hpi)) {
            return new PluginPackage(unpack(in));
        }
    }

    /** @return the names of the package's files, without directories */
    Set<String> files() {
        return files.keySet();
    }

    /** @return the names of the files in {@link #LIBRARY}, without directories */
    Set<String> libraryFiles() {
        return libraryFiles.keySet();
    }

    /**
     * @param name a file of {@link #LIBRARY}
     * @return its bytes, null where there is none
     */
    byte[] libraryFile(String name) {
        return libraryFiles.get(name);
    }

    /** @return the package's main manifest attributes */
    Attributes manifest() throws IOException {
        return new Manifest(new ByteArrayInputStream(files.get("META-INF/MANIFEST.MF"))).getMainAttributes();
    }

    /** @return the library's main manifest attributes */
    Attributes libraryManifest() throws IOException {
        return new Manifest(new ByteArrayInputStream(libraryFiles.get("META-INF/MANIFEST.MF"))).getMainAttributes();
    }

    /** @return the class names in {@link #LIBRARY}, as {@link Class#getName()} has them */
    Set<String> classNames() {
        Set<String> names = new TreeSet<>();
        for (String file : libraryFiles.keySet()) {
            if (file.endsWith(".class")) {
                names.add(file.substring(0, file.length() - ".class".length()).replace('/', '.'));
            }
        }
        return names;
    }

    /**
     * @param directory where the library is written to, so that a class loader can read it
     * @return a loader whose resources are those of the packaged library alone; the types that they name come from {@code parent}
     */
    ClassLoader libraryResources(Path directory, ClassLoader parent) throws IOException {
        Path jar = Files.write(directory.resolve("library.jar"), files.get(LIBRARY));
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, parent) {
            @Override
            public URL getResource(String name) {
                return findResource(name);
            }

            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                return findResources(name);
            }
        };
    }

    /**
     * @param value a {@code Plugin-Dependencies} value
     * @return the dependencies by plugin id, in the order of the manifest
     */
    static Map<String, Dependency> dependencies(String value) {
        Map<String, Dependency> dependencies = new LinkedHashMap<>();
        for (String entry : value.split(",")) {
            String[] parts = entry.split(";", 2);
            String[] idAndVersion = parts[0].split(":", 2);
            boolean optional = parts.length > 1 && parts[1].equals("resolution:=optional");
            dependencies.put(idAndVersion[0], new Dependency(idAndVersion[1], optional));
        }
        return dependencies;
    }

    /** What a plugin asks of another one. */
    record Dependency(String version, boolean optional) {}

    private static Map<String, byte[]> unpack(InputStream in) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), zip.readAllBytes());
                }
            }
        }
        return files;
    }
}
