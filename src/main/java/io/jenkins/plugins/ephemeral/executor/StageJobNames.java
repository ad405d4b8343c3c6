package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * Names of stage Jobs: {@code plan-7-3f2a9c1b0d5e}. The same for the same controller, build, flow node and stage, so
 * that a create whose answer was lost is found again; another one for all else.
 */
final class StageJobNames {
    /** A Pod is called like its Job, cut to 57 characters, and a suffix: no longer than that, so that both ends show. */
    static final int LONGEST = 57;

    private static final int HASH_CHARACTERS = 12;

    private StageJobNames() {}

    /** Name of the Job of a stage. */
    static String of(String stage, RunRef run, String nodeId) {
        String hash = hash(run.controllerId(), run.jobFullName(), Integer.toString(run.buildNumber()), nodeId, stage);
        String end = "-" + run.buildNumber() + '-' + hash;
        return readable(stage, LONGEST - end.length()) + end;
    }

    /** What DNS-1123 leaves of a text: begins with a letter, ends with a letter or digit. */
    private static String readable(String text, int longest) {
        String plain =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
        if (plain.isEmpty() || !Character.isLetter(plain.charAt(0))) {
            plain = "stage" + (plain.isEmpty() ? "" : "-") + plain;
        }
        plain = plain.length() > longest ? plain.substring(0, longest) : plain;
        return plain.replaceAll("-+$", "");
    }

    /** A hash of texts that no other list of texts has, as lowercase hexadecimal digits. */
    private static String hash(String... texts) {
        MessageDigest digest = sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return hexadecimal(digest.digest()).substring(0, HASH_CHARACTERS);
    }

    /** SHA-256, which every Java has. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hexadecimal(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return text.toString();
    }
}
