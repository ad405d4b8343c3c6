package io.jenkins.plugins.ephemeral.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterClients;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A cluster connection of our own: one client as long as configuration and credentials stay the same. */
final class ConnectionAccess implements ClusterAccess {
    private static final Map<String, Made> CLIENTS = new HashMap<>();

    private final ClusterConnection connection;
    private final ClusterTerms terms;

    ConnectionAccess(ClusterConnection connection, ClusterTerms terms) {
        this.connection = connection;
        this.terms = terms;
    }

    @Override
    public ClusterTerms terms() {
        return terms;
    }

    @Override
    public String name() {
        return connection.getName();
    }

    @Override
    public String subject() {
        return connection.getSubject();
    }

    @Override
    public KubernetesClient client() {
        String id = connection.getCredentialsId();
        boolean file = SystemCredentials.isSecretFile(id);
        String user = "cluster connection " + name();
        String secret = file ? SystemCredentials.secretFile(id, user) : SystemCredentials.secretText(id, user);
        Made wanted = new Made(connection.getServerUrl(), connection.getCaCertificate(), file, secret);
        synchronized (CLIENTS) {
            Made known = CLIENTS.get(name());
            if (wanted.equals(known)) {
                return known.client;
            }
            wanted.client = file ? ClusterClients.withKubeconfig(name(), secret) : withToken(secret);
            CLIENTS.put(name(), wanted);
            if (known != null) {
                known.client.close(); // calls under way on it are repeated on the new one
            }
            return wanted.client;
        }
    }

    private KubernetesClient withToken(String token) {
        if (connection.getServerUrl() == null) {
            throw new UserFault(
                    "connecting to cluster " + name(),
                    "",
                    "its credentials are a token, but it has no API server URL",
                    "Add the URL in the configuration of Ephemeral Environments, or use a kubeconfig as secret file.");
        }
        return ClusterClients.withToken(name(), connection.getServerUrl(), connection.getCaCertificate(), token);
    }

    /** Ends the clients of connections that are not configured any more. */
    static void closeOthers(Collection<String> names) {
        synchronized (CLIENTS) {
            CLIENTS.entrySet().removeIf(entry -> {
                boolean gone = !names.contains(entry.getKey());
                if (gone) {
                    entry.getValue().client.close();
                }
                return gone;
            });
        }
    }

    /** For how many connections there are clients. */
    static int open() {
        synchronized (CLIENTS) {
            return CLIENTS.size();
        }
    }

    /** Ends all clients; the next use makes new ones. */
    static void closeAll() {
        synchronized (CLIENTS) {
            CLIENTS.values().forEach(made -> made.client.close());
            CLIENTS.clear();
        }
    }

    private static final class Made {
        private final String serverUrl;
        private final String caCertificate;
        private final boolean kubeconfig;
        private final String secret;
        private KubernetesClient client;

        Made(String serverUrl, String caCertificate, boolean kubeconfig, String secret) {
            this.serverUrl = serverUrl;
            this.caCertificate = caCertificate;
            this.kubeconfig = kubeconfig;
            this.secret = secret;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Made
                    && Objects.equals(serverUrl, ((Made) other).serverUrl)
                    && Objects.equals(caCertificate, ((Made) other).caCertificate)
                    && kubeconfig == ((Made) other).kubeconfig
                    && secret.equals(((Made) other).secret);
        }

        @Override
        public int hashCode() {
            return Objects.hash(serverUrl, caCertificate, kubeconfig, secret);
        }
    }
}
