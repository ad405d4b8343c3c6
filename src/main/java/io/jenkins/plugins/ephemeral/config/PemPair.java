package io.jenkins.plugins.ephemeral.config;

import io.jenkins.plugins.ephemeral.environment.SecretSpec;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and their key, taken apart from one PEM text into what a Secret for TLS holds. */
final class PemPair {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\\s]+-----END \\1-----");

    private PemPair() {}

    static Map<String, String> of(SecretSpec spec, String text) {
        StringBuilder certificates = new StringBuilder();
        StringBuilder key = new StringBuilder();
        int keys = 0;
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (block.group(1).equals("CERTIFICATE")) {
                certificates.append(block.group()).append('\n');
            } else if (block.group(1).endsWith("PRIVATE KEY")) {
                key.append(block.group()).append('\n');
                keys++;
            }
        }
        if (certificates.length() == 0 || keys != 1) {
            throw BuildSecrets.fault(
                    spec,
                    "its text does not hold certificates and one private key",
                    "Put both into one text: -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----.");
        }
        return Map.of("tls.crt", certificates.toString(), "tls.key", key.toString());
    }
}
