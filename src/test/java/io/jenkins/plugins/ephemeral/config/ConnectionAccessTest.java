package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.bench.demo.BenchCredentials;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Clients of cluster connections live as long as their connection is configured. */
public class ConnectionAccessTest {
    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    @Test
    public void aConnectionThatIsRemovedTakesItsClientAlong() throws Exception {
        try (PipelineBench bench = new PipelineBench(directory.getRoot().toPath())) {
            BenchCredentials.secretText("token", "secret");
            int before = ConnectionAccess.open();
            ClusterConnection first = connection("first");
            ClusterConnection second = connection("second");
            EphemeralConfiguration.get().setClusters(List.of(first, second));
            KubernetesClient kept = first.access(ClusterTerms.NONE).client();
            second.access(ClusterTerms.NONE).client();
            assertThat(ConnectionAccess.open()).isEqualTo(before + 2);
            EphemeralConfiguration.get().setClusters(List.of(first));
            assertThat(ConnectionAccess.open()).isEqualTo(1);
            assertThat(first.access(ClusterTerms.NONE).client()).isSameAs(kept);
            EphemeralConfiguration.get().setClusters(List.of());
            assertThat(ConnectionAccess.open()).isZero();
        }
    }

    private static ClusterConnection connection(String name) {
        ClusterConnection connection = new ClusterConnection(name, "token");
        connection.setServerUrl("https://127.0.0.1:6443");
        return connection;
    }
}
