package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;

/** On a real cluster; the one of this repository has no storage class. */
public class HandoverClusterIT extends HandoverScenarios {
    @Override
    protected Config admin() {
        return RealCluster.config();
    }

    @Override
    protected String expected() {
        return "secret";
    }
}
