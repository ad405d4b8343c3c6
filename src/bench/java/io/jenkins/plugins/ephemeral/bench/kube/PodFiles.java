package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The directories of one Pod. Its volumes are directories that its containers share; each container has a root of its own in
 * which a mount is a link to its volume. A local process has no file system of its own, so the mount {@code /x} is at
 * {@code $EPHEMERAL_ROOT/x}, and mount paths that appear in a container's command, arguments and environment are replaced by
 * the real ones; paths inside mounted files are not.
 */
final class PodFiles {
    private static final String ACCOUNT_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    private final Store store;
    private final Path home;
    private final String namespace;

    PodFiles(Store store, Path home, String namespace) {
        this.store = store;
        this.home = home;
        this.namespace = namespace;
    }

    /** A volume whose source is not there (yet). */
    static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        Missing(String message) {
            super(message);
        }
    }

    /** Makes the volumes of a Pod; may be called again after one was missing. */
    void makeVolumes(JsonNode pod) throws Missing {
        for (JsonNode volume : pod.at("/spec/volumes")) {
            if (volume.has("persistentVolumeClaim")) {
                claim(volume);
                continue;
            }
            Path directory = directory(volumePath(Json.text(volume, "/name")));
            fill(directory, volume, pod);
            for (JsonNode source : volume.at("/projected/sources")) {
                fill(directory, source, pod);
            }
        }
    }

    /** A claim's folder is beside those of the Pods, and stays when they go. */
    private void claim(JsonNode volume) throws Missing {
        String name = Json.text(volume, "/persistentVolumeClaim/claimName");
        if (store.get("persistentvolumeclaims", namespace, name).isEmpty()) {
            throw new Missing("persistentvolumeclaim \"" + name + "\" not found");
        }
        link(
                volumePath(Json.text(volume, "/name")),
                directory(home.resolveSibling("claims").resolve(namespace).resolve(name)));
    }

    private Path volumePath(String name) {
        return home.resolve("volumes").resolve(name);
    }

    private void fill(Path directory, JsonNode source, JsonNode pod) throws Missing {
        JsonNode secret = source.path("secret");
        JsonNode configMap = source.path("configMap");
        if (secret.isObject()) {
            String name = Json.text(secret, secret.has("secretName") ? "/secretName" : "/name");
            write(directory, secret, content("secret", name, secret));
        } else if (configMap.isObject()) {
            write(directory, configMap, content("configmap", Json.text(configMap, "/name"), configMap));
        }
        for (JsonNode item : source.at("/downwardAPI/items")) {
            String field = Json.text(item, "/fieldRef/fieldPath");
            writeFile(
                    directory.resolve(Json.text(item, "/path")),
                    ContainerEnvironment.field(pod, field).getBytes(StandardCharsets.UTF_8));
        }
    }

    private Map<String, byte[]> content(String kind, String name, JsonNode source) throws Missing {
        Optional<ObjectNode> found = store.get(kind + "s", namespace, name);
        if (found.isEmpty()) {
            if (source.path("optional").asBoolean()) {
                return Map.of();
            }
            throw new Missing(kind + " \"" + name + "\" not found");
        }
        Map<String, byte[]> content = new LinkedHashMap<>();
        boolean secret = kind.equals("secret");
        Json.texts(found.get().path("data"))
                .forEach((key, value) -> content.put(
                        key, secret ? Base64.getDecoder().decode(value) : value.getBytes(StandardCharsets.UTF_8)));
        Json.texts(found.get().path("binaryData"))
                .forEach((key, value) -> content.put(key, Base64.getDecoder().decode(value)));
        return content;
    }

    private static void write(Path directory, JsonNode source, Map<String, byte[]> content) throws Missing {
        if (!source.has("items")) {
            content.forEach((key, value) -> writeFile(directory.resolve(key), value));
            return;
        }
        for (JsonNode item : source.get("items")) {
            byte[] value = content.get(Json.text(item, "/key"));
            if (value == null) {
                throw new Missing("references non-existent secret key: " + Json.text(item, "/key"));
            }
            writeFile(directory.resolve(Json.text(item, "/path")), value);
        }
    }

    /** Makes the root of one container, with its mounts. */
    Path makeRoot(JsonNode container, String token) {
        Path root = home.resolve("roots").resolve(Json.text(container, "/name"));
        delete(root);
        directory(root.resolve("tmp"));
        directory(root.resolve("dev"));
        for (JsonNode mount : container.path("volumeMounts")) {
            Path target = volumePath(Json.text(mount, "/name"));
            String subPath = Json.text(mount, subPathField(mount));
            if (!subPath.isEmpty()) {
                target = target.resolve(subPath);
                if (!Files.exists(target)) {
                    directory(target);
                }
            }
            link(inRoot(root, Json.text(mount, "/mountPath")), target);
        }
        if (!token.isEmpty()) {
            writeFile(inRoot(root, ACCOUNT_MOUNT + "/token"), token.getBytes(StandardCharsets.UTF_8));
            writeFile(inRoot(root, ACCOUNT_MOUNT + "/namespace"), namespace.getBytes(StandardCharsets.UTF_8));
        }
        return root;
    }

    private static String subPathField(JsonNode mount) {
        return mount.has("subPath") ? "/subPath" : "/subPathExpr";
    }

    static Path inRoot(Path root, String absolute) {
        return root.resolve(absolute.replaceFirst("^/+", "")).normalize();
    }

    private static void link(Path link, Path target) {
        try {
            directory(link.getParent());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeFile(Path file, byte[] content) {
        try {
            directory(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a directory and what is in it; links are removed, not followed. */
    static void delete(Path directory) {
        if (!Files.exists(directory, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (java.util.stream.Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(java.util.Comparator.reverseOrder()).forEach(PodFiles::deleteOne);
        } catch (IOException | UncheckedIOException stillUsed) {
            // a process that is just ending wrote once more: the temporary directory goes with the cluster
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
