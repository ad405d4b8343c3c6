package io.jenkins.plugins.ephemeral.controlplane;

import java.util.regex.Pattern;

/**
 * Takes secrets of control planes out of text that comes from outside before a person sees it. Testkube's are known by
 * their prefixes: {@code tkcapi_} (API tokens), {@code tkckey_} (agent keys), {@code tkcagnt_} (environment agent
 * tokens); Terrakube's tokens are JSON Web Tokens (RFC 7519): three parts, the first of which begins with {@code eyJ}.
 */
public final class SecretMask {
    private static final Pattern SECRETS = Pattern.compile("(tkcapi|tkckey|tkcagnt)_[A-Za-z0-9_-]+");

    private static final Pattern TOKENS =
            Pattern.compile("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{4,}(\\.[A-Za-z0-9_-]*)?");

    private SecretMask() {}

    /** The text with {@code ****} in place of each secret, behind its prefix. */
    public static String mask(String text) {
        String masked = text.contains("tkc") ? SECRETS.matcher(text).replaceAll("$1_****") : text;
        return masked.contains("eyJ") ? TOKENS.matcher(masked).replaceAll("eyJ****") : masked;
    }
}
