package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.After;
import org.junit.Test;

/** Who we are, as a subject that a role can be bound to. */
public class IdentityTest {
    private final EmbeddedCluster server = EmbeddedCluster.start();
    private final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(server.config(server.rights().token("jenkins")))
            .build();
    private String configured;
    private final Cluster cluster = new Cluster(
            new ClusterAccess() {
                @Override
                public String name() {
                    return "dev";
                }

                @Override
                public KubernetesClient client() {
                    return client;
                }

                @Override
                public String subject() {
                    return configured;
                }
            },
            new RequestLimiter(1_000, 1_000),
            new Outside());

    @After
    public void close() {
        client.close();
        server.close();
    }

    @Test
    public void theServerSaysItOnce() {
        assertThat(cluster.identity().subject().orElseThrow().getKind()).isEqualTo("User");
        assertThat(cluster.identity().subject().orElseThrow().getName()).isEqualTo("jenkins");
        assertThat(server.requests().all()).hasSize(1);
    }

    @Test
    public void whatIsConfiguredGoesBefore() {
        configured = "system:serviceaccount:ci:jenkins";
        assertThat(cluster.identity().subject().orElseThrow().getKind()).isEqualTo("ServiceAccount");
        assertThat(cluster.identity().subject().orElseThrow().getNamespace()).isEqualTo("ci");
        assertThat(cluster.identity().subject().orElseThrow().getName()).isEqualTo("jenkins");
        assertThat(server.requests().all()).isEmpty();
    }

    @Test
    public void anOldServerDoesNotKnow() {
        server.faults().on("POST", ".*/selfsubjectreviews").status(404);
        assertThat(cluster.identity().subject()).isEmpty();
        assertThat(cluster.identity().subject()).isEmpty();
        assertThat(server.requests().all()).as("both versions, once").hasSize(2);
    }

    @Test
    public void aServiceAccountsTokenNamesIt() {
        assertThat(ofToken("{\"sub\":\"system:serviceaccount:ci:jenkins\"}"))
                .isEqualTo("system:serviceaccount:ci:jenkins");
        assertThat(ofToken("{\"sub\":\"somebody@example.com\"}")).isEmpty();
        assertThat(ofToken("{}")).isEmpty();
        assertThat(ofToken("not json")).isEmpty();
        Config opaque = Config.empty();
        opaque.setOauthToken("a.b!.c");
        assertThat(Identity.ofToken(opaque)).isEmpty();
        opaque.setOauthToken("opaque");
        assertThat(Identity.ofToken(opaque)).isEmpty();
        assertThat(Identity.ofToken(Config.empty())).isEmpty();
    }

    private static String ofToken(String claims) {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        Config config = Config.empty();
        config.setOauthToken(encoder.encodeToString("{}".getBytes(StandardCharsets.UTF_8)) + '.'
                + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".signature");
        return Identity.ofToken(config);
    }
}
