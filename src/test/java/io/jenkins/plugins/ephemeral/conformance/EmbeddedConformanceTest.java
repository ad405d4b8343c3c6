package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import org.junit.BeforeClass;

/** The suite against the server that the other tests use. */
public class EmbeddedConformanceTest extends ConformanceSuite {
    @BeforeClass
    public static void start() {
        EmbeddedCluster cluster = EmbeddedCluster.start();
        subject(new TestCluster() {
            @Override
            public Config admin() {
                return cluster.config();
            }

            @Override
            public void forgetHistory() {
                cluster.compact();
            }

            @Override
            public void close() {
                cluster.close();
            }
        });
    }
}
