package io.jenkins.plugins.ephemeral.controlplane;

import java.util.regex.Pattern;

/**
 * Takes Testkube's secrets out of text that comes from outside before a person sees it. They are known by their
 * prefixes: {@code tkcapi_} (API tokens), {@code tkckey_} (agent keys), {@code tkcagnt_} (environment agent tokens).
 */
public final class SecretMask {
    private static final Pattern SECRETS = Pattern.compile("\\b(tkcapi|tkckey|tkcagnt)_[A-Za-z0-9_-]+");

    private SecretMask() {}

    /** The text with {@code ****} behind the prefix of each secret. */
    public static String mask(String text) {
        return text.contains("tkc") ? SECRETS.matcher(text).replaceAll("$1_****") : text;
    }
}
