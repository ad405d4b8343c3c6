package io.jenkins.plugins.ephemeral.environment;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Type and values of a Secret on their way; never kept, written down or printed. */
public final class SecretContent {
    /** Type of user-defined data. */
    public static final String OPAQUE = "Opaque";

    /** Type of a certificate with its key: {@code tls.crt}, {@code tls.key}. */
    public static final String TLS = "kubernetes.io/tls";

    /** Type of what images are pulled with: {@code .dockerconfigjson}. */
    public static final String DOCKER = "kubernetes.io/dockerconfigjson";

    private final String type;
    private final Map<String, String> data;

    /**
     * @param type type of the Secret
     * @param data keys, and values in base64
     */
    public SecretContent(String type, Map<String, String> data) {
        this.type = type == null ? OPAQUE : type;
        this.data = data == null ? Map.of() : Map.copyOf(data);
    }

    /** Of values that are texts. */
    public static SecretContent of(String type, Map<String, String> texts) {
        Map<String, String> data = new LinkedHashMap<>();
        texts.forEach((key, text) ->
                data.put(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return new SecretContent(type, data);
    }

    /** Type of the Secret. */
    public String type() {
        return type;
    }

    /** Keys, and values in base64. */
    public Map<String, String> data() {
        return data;
    }

    /** Whether images are pulled with it. */
    boolean isForPulling() {
        return type.equals(DOCKER) || type.equals("kubernetes.io/dockercfg");
    }

    /** Type and keys. */
    @Override
    public String toString() {
        return type + data.keySet();
    }
}
