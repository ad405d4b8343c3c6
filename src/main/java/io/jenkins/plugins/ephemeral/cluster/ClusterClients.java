package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * Makes clients from what is configured and from nothing else: not from files, environment variables or the service
 * account of the Pod that Jenkins may run in. They are the caller's to keep and to close.
 */
public final class ClusterClients {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int REQUEST_TIMEOUT_MILLIS = 15_000;

    private ClusterClients() {}

    /**
     * A client that authenticates with a bearer token.
     *
     * @param cluster name of the cluster, for messages
     * @param serverUrl URL of the API server
     * @param caPem certificates of its authority in PEM, or null or empty for those of the JVM
     * @param token the token
     * @throws UserFault if one of these does not make sense
     */
    public static KubernetesClient withToken(String cluster, String serverUrl, String caPem, String token) {
        if (token == null || token.isBlank()) {
            throw wrong(cluster, "the token is empty", "Choose a credential that holds a token.");
        }
        return build(cluster, base(cluster, serverUrl, caPem).withOauthToken(token.strip()));
    }

    /**
     * A client that authenticates with a certificate.
     *
     * @param cluster name of the cluster, for messages
     * @param serverUrl URL of the API server
     * @param caPem certificates of its authority in PEM, or null or empty for those of the JVM
     * @param certificatePem the client's certificate in PEM
     * @param keyPem its key in PEM, not encrypted
     * @throws UserFault if one of these does not make sense
     */
    public static KubernetesClient withCertificate(
            String cluster, String serverUrl, String caPem, String certificatePem, String keyPem) {
        return build(
                cluster,
                base(cluster, serverUrl, caPem)
                        .withClientCertData(pem(cluster, "client certificate", certificatePem, "CERTIFICATE"))
                        .withClientKeyData(pem(cluster, "client key", keyPem, "PRIVATE KEY"))
                        .withClientKeyAlgo(keyPem.contains("BEGIN EC ") ? "EC" : "RSA"));
    }

    /**
     * A client from the text of a kubeconfig. A kubeconfig is code: of its current context only the server, inline
     * certificate authority, inline certificate and key, and token are taken; anything else that would take effect is
     * refused.
     *
     * @param cluster name of the cluster, for messages
     * @param kubeconfig YAML or JSON
     * @throws UserFault naming the entry that is missing or refused
     */
    public static KubernetesClient withKubeconfig(String cluster, String kubeconfig) {
        Kubeconfig read = Kubeconfig.read(cluster, kubeconfig);
        return read.token() != null
                ? withToken(cluster, read.server(), read.caPem(), read.token())
                : withCertificate(cluster, read.server(), read.caPem(), read.certificatePem(), read.keyPem());
    }

    private static ConfigBuilder base(String cluster, String serverUrl, String caPem) {
        ConfigBuilder config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server(cluster, serverUrl))
                .withConnectionTimeout(CONNECT_TIMEOUT_MILLIS)
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                // the driver retries; see Cluster.withoutRetries
                .withRequestRetryBackoffLimit(0)
                .withUserAgent(Labels.MANAGED_BY_VALUE);
        if (caPem != null && !caPem.isBlank()) {
            config.withCaCertData(pem(cluster, "certificate authority", caPem, "CERTIFICATE"));
        }
        return config;
    }

    private static KubernetesClient build(String cluster, ConfigBuilder config) {
        try {
            return new KubernetesClientBuilder().withConfig(config.build()).build();
        } catch (KubernetesClientException | IllegalArgumentException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            // only the type and the text of the parser: neither holds the key
            throw wrong(
                    cluster,
                    "certificate or key cannot be read (" + root.getClass().getSimpleName() + ": " + root.getMessage()
                            + ')',
                    "Give them in PEM, the key not encrypted.");
        }
    }

    /** The URL, if it is one that credentials may be sent to: in the clear only to this machine. */
    private static String server(String cluster, String serverUrl) {
        URI uri;
        try {
            uri = new URI(serverUrl == null ? "" : serverUrl.strip());
        } catch (URISyntaxException e) {
            throw wrong(cluster, "the URL of the API server is none: " + serverUrl, "It looks like https://host:6443.");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !scheme.equals("https") && !scheme.equals("http")) {
            throw wrong(cluster, "the URL of the API server is none: " + serverUrl, "It looks like https://host:6443.");
        }
        if (uri.getUserInfo() != null) {
            throw wrong(cluster, "the URL of the API server holds a password", "Use a credential instead.");
        }
        if (scheme.equals("http") && !isLoopback(uri.getHost())) {
            throw wrong(
                    cluster,
                    "credentials would go over the network in the clear to " + serverUrl,
                    "Use the https URL of the API server.");
        }
        return uri.toString();
    }

    private static boolean isLoopback(String host) {
        boolean literal = host.matches("127\\.[0-9.]+|\\[?::1]?");
        try {
            return host.equals("localhost")
                    || literal && InetAddress.getByName(host).isLoopbackAddress();
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    private static String pem(String cluster, String what, String text, String type) {
        if (text == null || !text.contains("-----BEGIN ") || !text.contains(type)) {
            throw wrong(cluster, "the " + what + " is not in PEM", "It begins with -----BEGIN … " + type + "-----.");
        }
        return Base64.getEncoder().encodeToString(text.strip().getBytes(StandardCharsets.US_ASCII));
    }

    static UserFault wrong(String cluster, String why, String remedy) {
        return new UserFault("connecting to a cluster", cluster, why, remedy);
    }
}
