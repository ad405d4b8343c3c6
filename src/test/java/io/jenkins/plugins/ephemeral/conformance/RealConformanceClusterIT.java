package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.client.Config;
import org.junit.BeforeClass;

/** The suite against the cluster of the Maven profile {@code cluster}, or any other that one may spoil. */
public class RealConformanceClusterIT extends ConformanceSuite {
    @BeforeClass
    public static void connect() {
        Config config = RealCluster.config();
        subject(new TestCluster() {
            @Override
            public Config admin() {
                return config;
            }

            @Override
            public void forgetHistory() {
                // revision 1 is from before the server's watch cache
            }

            @Override
            public void close() {
                // it is not ours
            }
        });
    }
}
