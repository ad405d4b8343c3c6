package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Test;

/** The configuration may change at any time. */
public class ConfiguredClustersTest {
    private final AtomicReference<List<ClusterAccess>> configured = new AtomicReference<>(List.of());
    private final AtomicInteger burst = new AtomicInteger(100);
    private final ConfiguredClusters clusters =
            new ConfiguredClusters(configured::get, () -> 1, burst::get, new Outside(), "controller");

    @Test
    public void theOnlyOneNeedsNoName() {
        configured.set(List.of(access("dev", null)));
        assertThat(clusters.cluster(null).name()).isEqualTo("dev");
        assertThat(clusters.cluster("")).isSameAs(clusters.cluster("dev"));
    }

    @Test
    public void whatIsThereIsSaidWhenTheWrongOneIsNamed() {
        assertThatThrownBy(() -> clusters.cluster(null))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("no cluster is configured");
        configured.set(List.of(access("dev", null), access("prod", null)));
        assertThat(clusters.names()).containsExactly("dev", "prod");
        assertThatThrownBy(() -> clusters.cluster(null)).hasMessageContaining("dev, prod");
        assertThatThrownBy(() -> clusters.cluster("test"))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("test")
                .hasMessageContaining("dev, prod");
    }

    @Test
    public void whatIsNotConfiguredAnyMoreIsForgotten() {
        for (int i = 0; i < 50; i++) {
            configured.set(List.of(access("dev-" + i, null)));
            clusters.names();
            clusters.cluster("dev-" + i);
        }
        assertThat(clusters.known()).isLessThanOrEqualTo(2);
        configured.set(List.of());
        clusters.names();
        assertThat(clusters.known()).isZero();
    }

    @Test
    public void aReplacedClientIsUsedByTheNextCall() {
        try (EmbeddedCluster one = EmbeddedCluster.start();
                EmbeddedCluster other = EmbeddedCluster.start();
                KubernetesClient first = client(one);
                KubernetesClient second = client(other)) {
            configured.set(List.of(access("dev", first)));
            Cluster cluster = clusters.cluster("dev");
            cluster.get(Namespace.class, null, "default");
            configured.set(List.of(access("dev", second)));
            one.requests().clear();
            assertThat(cluster.get(Namespace.class, null, "default")).isPresent();
            assertThat(clusters.cluster("dev")).isSameAs(cluster);
            assertThat(one.requests().count("get", "namespaces")).isZero();
            assertThat(other.requests().count("get", "namespaces")).isEqualTo(1);
            configured.set(List.of());
            assertThatThrownBy(() -> cluster.get(Namespace.class, null, "default"))
                    .isInstanceOf(UserFault.class);
        }
    }

    @Test
    public void changedLimitsCount() {
        try (EmbeddedCluster server = EmbeddedCluster.start();
                KubernetesClient client = client(server)) {
            burst.set(1);
            configured.set(List.of(access("dev", client)));
            clusters.cluster("dev").get(Namespace.class, null, "default");
            assertThatThrownBy(() -> clusters.cluster("dev").get(Namespace.class, null, "default"))
                    .isInstanceOf(QueuedFault.class);
        }
    }

    private static KubernetesClient client(EmbeddedCluster cluster) {
        return new KubernetesClientBuilder().withConfig(cluster.config()).build();
    }

    private static ClusterAccess access(String name, KubernetesClient client) {
        return new ClusterAccess() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public KubernetesClient client() {
                return client;
            }
        };
    }
}
