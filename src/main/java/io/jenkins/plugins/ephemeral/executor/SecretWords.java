package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The secret values of a payload, which must not show in a log: what a field holds whose name says that it is one
 * ({@code accessToken}, {@code moduleSshKey}, a variable {@code db_password}), line by line, and the payload as a whole
 * in base64.
 */
final class SecretWords {
    private static final Pattern SECRET_NAME = Pattern.compile(
            ".*(token|secret|passw|passphrase|credential|ssh_?key|private_?key|access_?key|api_?key|account_?key).*",
            Pattern.CASE_INSENSITIVE);

    /** Shorter ones would hide half of a log. */
    private static final int SHORTEST = 4;

    private static final String SHOWN = "****";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> words;

    private SecretWords(List<String> words) {
        this.words = words;
    }

    /**
     * Those of a payload.
     *
     * @param payload JSON text, or null for none
     */
    static SecretWords of(String payload) {
        TreeSet<String> words = new TreeSet<>(
                Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));
        if (payload != null) {
            try {
                collect(JSON.readTree(payload), false, words);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException("the payload was checked before");
            }
            words.add(Base64.getEncoder().encodeToString(payload.getBytes(StandardCharsets.UTF_8)));
        }
        return new SecretWords(new ArrayList<>(words));
    }

    private static void collect(JsonNode node, boolean secret, TreeSet<String> words) {
        if (node.isObject()) {
            node.fields()
                    .forEachRemaining(field -> collect(
                            field.getValue(),
                            secret || SECRET_NAME.matcher(field.getKey()).matches(),
                            words));
        } else if (node.isArray()) {
            node.forEach(element -> collect(element, secret, words));
        } else if (secret && node.isTextual()) {
            for (String line : node.asText().split("\\R")) {
                if (line.strip().length() >= SHORTEST) {
                    words.add(line.strip());
                }
            }
        }
    }

    /** The text without them. */
    String masked(String text) {
        String masked = text;
        for (String word : words) {
            masked = masked.contains(word) ? masked.replace(word, SHOWN) : masked;
        }
        return masked;
    }
}
