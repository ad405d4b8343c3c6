package io.jenkins.plugins.ephemeral.bench.kube;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What stands for container images: which names can be pulled, and which program an image runs when its container gives no
 * command. A container's command is run with the programs of this machine, whatever the image.
 */
public final class Images {
    private static final Pattern REFERENCE = Pattern.compile(
            "[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?"
                    + "(@sha256:[a-f0-9]{64})?");

    private final Map<String, List<String>> entrypoints = new LinkedHashMap<>();
    private final Map<String, String> digests = new ConcurrentHashMap<>();
    private final Set<String> unready = ConcurrentHashMap.newKeySet();
    private volatile Predicate<String> pullable =
            image -> !image.contains("does-not-exist") && !registry(image).endsWith(".invalid");

    Images() {
        entrypoint("kubeshop/testkube-api-server", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done");
    }

    /**
     * Says what an image runs when its container has no command.
     *
     * @param name image name without registry and tag
     * @param command program and arguments; a container's {@code args} replace the arguments after the first
     */
    public synchronized void entrypoint(String name, String... command) {
        entrypoints.put(name, List.of(command));
    }

    /** Says which images can be pulled: unless told all but {@code *does-not-exist*} and registries in {@code .invalid}. */
    public void pullable(Predicate<String> names) {
        pullable = names;
    }

    /**
     * Says which image a tag names from now on; unless told, it is one that was built on the node and has no digest.
     *
     * @param image image with its tag
     * @param digest {@code sha256:} and 64 hexadecimal digits
     */
    public void digest(String image, String digest) {
        digests.put(image, digest);
    }

    /** What a node says of an image that it runs, as containerd does. */
    String id(String image) {
        String digest = image.contains("@") ? image.replaceFirst(".*@", "") : digests.get(image);
        String plain = image.replaceFirst("@.*", "").replaceFirst(":[^:/]*$", "");
        return digest == null ? "sha256:" + Integer.toHexString(image.hashCode()) : plain + '@' + digest;
    }

    /** Keeps the containers of an image (its name without registry and tag) from ever being ready. */
    public void neverReady(String name) {
        unready.add(name);
    }

    boolean isValid(String image) {
        return REFERENCE.matcher(image).matches();
    }

    boolean canPull(String image) {
        return pullable.test(image);
    }

    boolean canBeReady(String image) {
        return !unready.contains(name(image));
    }

    synchronized List<String> entrypointOf(String image) {
        return entrypoints.getOrDefault(name(image), List.of());
    }

    private static String registry(String image) {
        int slash = image.indexOf('/');
        String first = slash < 0 ? "" : image.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost")
                ? first.replaceFirst(":.*", "")
                : "";
    }

    /** The name without registry, tag and digest. */
    private static String name(String image) {
        String plain = image.replaceFirst("@.*", "").replaceFirst(":[^:/]*$", "");
        return registry(image).isEmpty() ? plain : plain.substring(plain.indexOf('/') + 1);
    }
}
