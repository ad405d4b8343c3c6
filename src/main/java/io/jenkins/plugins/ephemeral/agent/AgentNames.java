package io.jenkins.plugins.ephemeral.agent;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * Names of agents in a control plane: unique in the whole organization, whatever controllers and environments share it,
 * and the same for the same environment, so that an agent is found again when the answer to its creation was lost. At
 * most 40 characters of {@code [a-z0-9-]} (schema of {@code POST /organizations/{id}/agents}).
 */
final class AgentNames {
    static final int LONGEST = 40;
    private static final String PREFIX = "jk-";
    private static final int HASH_LENGTH = 10;

    private AgentNames() {}

    /**
     * @param environment name of the environment
     * @param controllerId id of the controller: two controllers may have environments of one name
     */
    static String of(String environment, String controllerId) {
        String slug = environment
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        int room = LONGEST - PREFIX.length() - 1 - HASH_LENGTH;
        String begin = slug.substring(0, Math.min(slug.length(), room)).replaceAll("-+$", "");
        return PREFIX + (begin.isEmpty() ? "" : begin + '-') + hash(controllerId + '/' + environment);
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            String all = new BigInteger(1, digest).toString(36);
            return all.substring(all.length() - HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
