package io.jenkins.plugins.ephemeral.scenario;

import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Assume;

/** The same scenarios of stages on a real Kubernetes. */
public class RealStagesClusterIT extends StageScenarios {
    public RealStagesClusterIT() throws IOException {
        super(kubeconfig());
    }

    private static String kubeconfig() throws IOException {
        String file = System.getProperty(RealCluster.PROPERTY, "");
        Assume.assumeTrue("no real cluster: the profile 'cluster' brings one up", !file.isEmpty());
        return Files.readString(Path.of(file));
    }
}
