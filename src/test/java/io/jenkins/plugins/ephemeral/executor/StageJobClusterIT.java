package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;

/** The scenarios on the cluster of the Maven profile {@code cluster}. */
public class StageJobClusterIT extends StageJobScenarios {
    @Override
    protected Config admin() {
        return RealCluster.config();
    }
}
