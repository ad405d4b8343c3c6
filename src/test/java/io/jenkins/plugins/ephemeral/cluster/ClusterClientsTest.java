package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.Test;

/** Clients come from what is configured, and from nothing else. */
public class ClusterClientsTest {
    private static final String PLAIN = "clusters: [{name: c, cluster: {server: 'https://kube.example:6443'%s}}]\n"
            + "users: [{name: u, user: {%s}}]\n"
            + "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
            + "current-context: x\n";

    @Test
    public void aTokenAndNothingFromAround() {
        try (KubernetesClient client =
                ClusterClients.withToken("dev", " https://kube.example:6443 ", null, " secret\n")) {
            Config config = client.getConfiguration();
            assertThat(config.getMasterUrl()).isEqualTo("https://kube.example:6443/");
            assertThat(config.getOauthToken()).isEqualTo("secret");
            assertThat(config.isTrustCerts()).isFalse();
            assertThat(config.getAutoConfigure()).isFalse();
            assertThat(config.getRequestRetryBackoffLimit()).isZero();
            assertThat(config.getRequestTimeout()).isBetween(1, 20_000);
            assertThat(config.getConnectionTimeout()).isBetween(1, 10_000);
        }
    }

    @Test
    public void theKubeconfigOfAClusterConnects() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start();
                KubernetesClient client = ClusterClients.withKubeconfig("dev", cluster.kubeconfig())) {
            assertThat(client.namespaces().withName("default").get()).isNotNull();
        }
    }

    @Test
    public void urlsThatWillNotDo() {
        for (String url : new String[] {null, "", "kube.example", "ftp://kube.example", "https://", "https://a b"}) {
            assertThatThrownBy(() -> ClusterClients.withToken("dev", url, null, "t"))
                    .as(String.valueOf(url))
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("dev");
        }
        assertThatThrownBy(() -> ClusterClients.withToken("dev", "http://kube.example", null, "t"))
                .hasMessageContaining("in the clear");
        assertThatThrownBy(() -> ClusterClients.withToken("dev", "https://u:p@kube.example", null, "t"))
                .hasMessageContaining("password");
    }

    @Test
    public void credentialsThatWillNotDo() {
        assertThatThrownBy(() -> ClusterClients.withToken("dev", "https://kube.example", null, " "))
                .hasMessageContaining("token is empty");
        assertThatThrownBy(() -> ClusterClients.withToken("dev", "https://kube.example", "/etc/ca.pem", "t"))
                .hasMessageContaining("certificate authority is not in PEM");
        String broken = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
        String key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IGtleSBtYXRlcmlhbA==\n-----END PRIVATE KEY-----\n";
        Throwable thrown =
                catchThrowable(() -> ClusterClients.withCertificate("dev", "https://kube.example", null, broken, key));
        assertThat(thrown).isInstanceOf(UserFault.class).hasMessageContaining("cannot be read");
        assertThat(thrown.getMessage()).doesNotContain("c2VjcmV0").doesNotContain("secret key");
    }

    @Test
    public void whatAKubeconfigMayNotDo() {
        refused(", certificate-authority: /etc/ca.pem", "token: t", "certificate-authority ");
        refused(", insecure-skip-tls-verify: true", "token: t", "insecure-skip-tls-verify");
        refused(", proxy-url: 'http://proxy'", "token: t", "proxy-url");
        refused("", "exec: {command: aws}", "exec");
        refused("", "token: t, exec: {command: aws}", "exec");
        refused("", "auth-provider: {name: gcp}", "auth-provider");
        refused("", "tokenFile: /run/token", "tokenFile");
        refused("", "client-certificate: /c.pem, client-key: /k.pem", "client-");
        refused("", "username: u, password: secret", "username");
        refused("", "token: t, as: root", "entry as ");
    }

    @Test
    public void kubeconfigsThatAreNone() {
        for (String text : new String[] {null, "", "just text", "[]", "a: [", "clusters: {}", "current-context: y"}) {
            assertThatThrownBy(() -> ClusterClients.withKubeconfig("dev", text))
                    .as(String.valueOf(text))
                    .isInstanceOf(UserFault.class)
                    .hasMessageContaining("reading the kubeconfig (dev)");
        }
        assertThatThrownBy(() -> ClusterClients.withKubeconfig("dev", String.format(PLAIN, "", "")))
                .hasMessageContaining("neither a token nor");
    }

    @Test
    public void aBrokenKubeconfigIsNotQuoted() {
        Throwable thrown =
                catchThrowable(() -> ClusterClients.withKubeconfig("dev", "token: very-secret\n\tbroken: ["));
        assertThat(thrown).hasMessageContaining("it is not YAML");
        assertThat(thrown.getMessage()).doesNotContain("very-secret");
        assertThat(thrown.getCause()).isNull();
    }

    @Test
    public void anAliasBombDoesNotGoOff() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 9; i++) {
            String alias = "*a" + (i - 1);
            bomb.append(
                    "a" + i + ": &a" + i + " [" + String.join(",", java.util.Collections.nCopies(9, alias)) + "]\n");
        }
        assertThatThrownBy(() -> ClusterClients.withKubeconfig("dev", bomb.toString()))
                .isInstanceOf(UserFault.class);
    }

    @Test
    public void inlineDataIsDecoded() {
        String ca = Base64.getEncoder().encodeToString("no pem".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> ClusterClients.withKubeconfig(
                        "dev", String.format(PLAIN, ", certificate-authority-data: " + ca, "token: t")))
                .hasMessageContaining("certificate authority is not in PEM");
    }

    private static void refused(String cluster, String user, String named) {
        assertThatThrownBy(() -> ClusterClients.withKubeconfig("dev", String.format(PLAIN, cluster, user)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining(named)
                .hasMessageContaining("is not taken from a kubeconfig");
    }
}
