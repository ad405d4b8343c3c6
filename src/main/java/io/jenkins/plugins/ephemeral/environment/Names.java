package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.Locale;

/**
 * Names of environments: {@code <prefix>-<job>-<build>-<hash>}, a DNS-1123 label of at most 63 characters. What does
 * not fit is left out of the middle of the job's name, so that the folder at its beginning and the branch at its end can
 * be read. The hash of the full names is always there: a name does not change when a similar one appears. The name of a
 * branch's environment has no number of a build; a generation's number follows while an earlier one is still going.
 */
final class Names {
    /** Longest name of a namespace (DNS-1123 label). */
    static final int LONGEST = 63;

    /** Longest prefix that leaves room for the rest. */
    static final int LONGEST_PREFIX = 20;

    /** Room for the suffix of a generation, {@code -999}. */
    private static final int LONGEST_SUFFIX = 4;

    /** Without vowels, and without what is easily mistaken for something else: no words, no misreading. */
    private static final String ALPHABET = "bcdfghjkmnpqrstvwxz23456789";

    private static final int HASH_LENGTH = 10;

    private Names() {}

    static String of(String prefix, RunRef run, String nodeId) {
        String end = "-" + run.buildNumber() + '-'
                + hash(run.controllerId(), run.jobFullName(), String.valueOf(run.buildNumber()), nodeId);
        String begin = prefix == null || prefix.isEmpty() ? "" : cut(slug(prefix)) + '-';
        String job = shortened(slug(run.jobFullName()), LONGEST - begin.length() - end.length());
        return safe(begin + job + end);
    }

    /**
     * Name that all builds of a branch share: {@code <prefix>-<job>-<hash>}, short enough for the suffix of a
     * generation.
     */
    static String stable(String prefix, RunRef run) {
        String end = "-" + hash(run.controllerId(), run.jobFullName());
        String begin = prefix == null || prefix.isEmpty() ? "" : cut(slug(prefix)) + '-';
        int room = LONGEST - LONGEST_SUFFIX - begin.length() - end.length();
        return safe(begin + shortened(slug(run.jobFullName()), room) + end);
    }

    /**
     * Name of a later environment while an earlier one still has the name: {@code web-2}.
     *
     * @param generation from 1, which is the name itself
     */
    static String generation(String name, int generation) {
        if (generation == 1) {
            return name;
        }
        String suffix = "-" + generation;
        int room = Math.min(name.length(), LONGEST - suffix.length());
        return name.substring(0, room).replaceAll("-+$", "") + suffix;
    }

    /** Hash of some texts of which each counts by itself, in characters that a name may hold. */
    static String hash(String... parts) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // its length first, or "a","bc" would be "ab","c"
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        long bits = java.nio.ByteBuffer.wrap(digest.digest()).getLong() & Long.MAX_VALUE;
        StringBuilder hash = new StringBuilder(HASH_LENGTH);
        for (int i = 0; i < HASH_LENGTH; i++) {
            hash.append(ALPHABET.charAt((int) (bits % ALPHABET.length())));
            bits /= ALPHABET.length();
        }
        return hash.toString();
    }

    /** Lower case letters, digits and single dashes, neither at an end; {@code job} if nothing is left of it. */
    static String slug(String text) {
        // multibranch jobs escape their branches: feature%2Flogin
        String plain = Normalizer.normalize(text.replaceAll("%[0-9A-Fa-f]{2}", "-"), Normalizer.Form.NFKD)
                .replaceAll("\\p{M}+", "")
                .toLowerCase(Locale.ROOT);
        String slug = plain.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        return slug.isEmpty() ? "job" : slug;
    }

    private static String cut(String prefix) {
        return prefix.length() <= LONGEST_PREFIX
                ? prefix
                : prefix.substring(0, LONGEST_PREFIX).replaceAll("-+$", "");
    }

    private static String shortened(String slug, int length) {
        if (slug.length() <= length) {
            return slug;
        }
        int kept = length - 2;
        int front = kept / 2;
        String head = slug.substring(0, front).replaceAll("-+$", "");
        String tail = slug.substring(slug.length() - (kept - front)).replaceAll("^-+", "");
        return head + "--" + tail;
    }

    /** Not one of those that Kubernetes and OpenShift keep for themselves. */
    private static String safe(String name) {
        return isReserved(name) ? "e" + name.substring(name.indexOf('-')) : name;
    }

    /** Whether Kubernetes or OpenShift keep a name like this for themselves. */
    static boolean isReserved(String name) {
        return name.equals("default") || name.startsWith("kube-") || name.startsWith("openshift-");
    }
}
