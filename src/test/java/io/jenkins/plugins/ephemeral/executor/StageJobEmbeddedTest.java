package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import org.junit.AfterClass;
import org.junit.BeforeClass;

/** The scenarios on the embedded cluster. */
public class StageJobEmbeddedTest extends StageJobScenarios {
    private static EmbeddedCluster cluster;

    @BeforeClass
    public static void start() {
        cluster = EmbeddedCluster.start();
    }

    @AfterClass
    public static void stop() {
        cluster.close();
    }

    @Override
    protected Config admin() {
        return cluster.config();
    }
}
