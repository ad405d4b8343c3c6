package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import java.util.Map;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;

/** On an embedded cluster with a default storage class. */
public class HandoverByClaimEmbeddedTest extends HandoverScenarios {
    private static EmbeddedCluster cluster;

    @BeforeClass
    public static void start() {
        cluster = EmbeddedCluster.start();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(cluster.config()).build()) {
            client.resource(new StorageClassBuilder()
                            .withNewMetadata()
                            .withName("standard")
                            .withAnnotations(Map.of("storageclass.kubernetes.io/is-default-class", "true"))
                            .endMetadata()
                            .withProvisioner("example.com/folders")
                            .build())
                    .create();
        }
    }

    @AfterClass
    public static void stop() {
        cluster.close();
    }

    @Override
    protected Config admin() {
        return cluster.config();
    }

    @Test
    public void moreThanCanBeArchivedIsSaidAndHandedOverAllTheSame() throws Exception {
        StageJobSpec spec = rig.spec("big", "custom", "dd if=/dev/zero of=big bs=1024 count=5121 2>/dev/null");
        spec.outputs = "big";
        spec.archiveOutputs = true;

        assertThat(rig.start(spec).await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.text()).contains("[big] outputs are not archived with the build: its outputs have ");
        assertThat(rig.archived).isEmpty();
        assertThat(rig.entry("big").handover).startsWith("claim/");
    }

    @Override
    protected String expected() {
        return "claim";
    }
}
