package io.jenkins.plugins.ephemeral.conformance;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Assume;

/** Access to the real cluster that the system property {@code ephemeral.kubeconfig} names. */
public final class RealCluster {
    /** Names the file with the administrator's kubeconfig. */
    public static final String PROPERTY = "ephemeral.kubeconfig";

    private RealCluster() {}

    /** The administrator's configuration; the test is skipped where there is no cluster. */
    public static Config config() {
        String file = System.getProperty(PROPERTY, "");
        Assume.assumeTrue(
                "no real cluster: -D" + PROPERTY + "=<kubeconfig> is not set (the profile 'cluster' sets it)",
                !file.isEmpty());
        try {
            return Config.fromKubeconfig(Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new AssertionError("the kubeconfig " + file + " cannot be read", e);
        }
    }
}
