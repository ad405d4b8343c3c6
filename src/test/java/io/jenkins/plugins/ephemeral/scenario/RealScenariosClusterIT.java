package io.jenkins.plugins.ephemeral.scenario;

import io.jenkins.plugins.ephemeral.bench.demo.DemoStage;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Assume;
import org.junit.BeforeClass;

/**
 * The same scenarios on a real Kubernetes. The agent's Pod is a stand-in that answers /health, made of busybox; that it
 * connects is done for it by the bench's AgentConnector.
 */
public class RealScenariosClusterIT extends PipelineScenarios {
    public RealScenariosClusterIT() throws IOException {
        super(kubeconfig());
    }

    private static String kubeconfig() throws IOException {
        String file = System.getProperty(RealCluster.PROPERTY, "");
        Assume.assumeTrue("no real cluster: the profile 'cluster' brings one up", !file.isEmpty());
        return Files.readString(Path.of(file));
    }

    /** Makes the stand-in an image of the cluster's node. */
    @BeforeClass
    public static void image() throws Exception {
        String directory = System.getProperty("ephemeral.cluster.directory", "");
        Assume.assumeTrue("no real cluster: the profile 'cluster' brings one up", !directory.isEmpty());
        ProcessBuilder image = new ProcessBuilder(
                "sh",
                "-ec",
                "root=$(mktemp -d); trap 'rm -rf \"$root\"' EXIT; mkdir -p \"$root/bin\" \"$root/www\"\n"
                        + "cp \"${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/debian-kube}/bin/busybox\" \"$root/bin/\"\n"
                        + "ln -s busybox \"$root/bin/httpd\"; echo ok >\"$root/www/health\"; chmod -R a+rX \"$root\"\n"
                        + "src/bench/kube/cluster image " + DemoStage.AGENT_STAND_IN_IMAGE
                        + " \"$root\" httpd -f -p 8088 -h /www");
        image.environment().put("CLUSTER_DIR", directory);
        image.redirectErrorStream(true);
        Process process = image.start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new AssertionError("the stand-in image could not be made: " + output);
        }
    }
}
