package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import org.junit.AfterClass;
import org.junit.BeforeClass;

/** On the embedded cluster, which has no storage class. */
public class HandoverEmbeddedTest extends HandoverScenarios {
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

    @Override
    protected String expected() {
        return "secret";
    }
}
