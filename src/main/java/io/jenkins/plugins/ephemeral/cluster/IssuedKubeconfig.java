package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kubeconfig with a token of a service account that ends by itself (authentication.k8s.io/v1 TokenRequest): the server
 * as Jenkins reaches it, and nothing of Jenkins' own credentials.
 */
public final class IssuedKubeconfig {
    private static final String NAME = "ephemeral";

    private final String text;
    private final Instant expiresAt;

    private IssuedKubeconfig(String text, Instant expiresAt) {
        this.text = text;
        this.expiresAt = expiresAt;
    }

    static IssuedKubeconfig issue(Cluster cluster, String namespace, String serviceAccount, Duration lifetime) {
        TokenRequest wanted = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(lifetime.getSeconds())
                .endSpec()
                .build();
        String object = namespace + '/' + serviceAccount;
        TokenRequest issued =
                cluster.call("requesting token of " + serviceAccount, object, client -> client.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(serviceAccount)
                        .tokenRequest(wanted));
        Config config = cluster.borrow().getConfiguration();
        String text = text(config, namespace, issued.getStatus().getToken());
        return new IssuedKubeconfig(text, Instant.parse(issued.getStatus().getExpirationTimestamp()));
    }

    /** The file's text; holds the token. */
    public String text() {
        return text;
    }

    /** When the token ends. */
    public Instant expiresAt() {
        return expiresAt;
    }

    static String text(Config config, String namespace, String token) {
        Map<String, Object> server = new LinkedHashMap<>();
        server.put("server", config.getMasterUrl());
        String authority = authority(config);
        if (authority != null) {
            server.put("certificate-authority-data", authority);
        } else if (config.isTrustCerts()) {
            server.put("insecure-skip-tls-verify", true);
        }
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("apiVersion", "v1");
        file.put("kind", "Config");
        file.put("clusters", List.of(Map.of("name", NAME, "cluster", server)));
        file.put("users", List.of(Map.of("name", NAME, "user", Map.of("token", token))));
        file.put(
                "contexts",
                List.of(Map.of(
                        "name", NAME, "context", Map.of("cluster", NAME, "user", NAME, "namespace", namespace))));
        file.put("current-context", NAME);
        return Serialization.asYaml(file);
    }

    /** The certificate authority as base64 of PEM, or null if there is none but the machine's own. */
    private static String authority(Config config) {
        String data = config.getCaCertData();
        if (data != null && !data.isBlank()) {
            String plain = data.strip();
            return plain.startsWith("-----")
                    ? Base64.getEncoder().encodeToString(plain.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                    : plain;
        }
        if (config.getCaCertFile() == null || config.getCaCertFile().isBlank()) {
            return null;
        }
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(config.getCaCertFile())));
        } catch (IOException e) {
            throw new UserFault("writing a kubeconfig", config.getCaCertFile(), "it cannot be read", "", e);
        }
    }
}
