package io.jenkins.plugins.ephemeral.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The stand-in for Testkube's agent as an image of the test cluster. */
final class StandInImage {
    static final String NAME = "testkube-agent-in-cluster-stand-in:1";

    private static final String MAKE =
            """
            root=$(mktemp -d); trap 'rm -rf "$root"' EXIT; mkdir -p "$root/bin" "$root/etc"
            bin=${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/debian-kube}/bin
            cp "$bin/busybox" "$bin/kubectl" src/bench/kube/agent-stand-in "$root/bin/"
            for word in sh wget timeout httpd grep cat tail mkdir rm sleep base64; do ln -s busybox "$root/bin/$word"; done
            echo "$1" >"$root/etc/api-server"
            chmod -R a+rX "$root"
            src/bench/kube/cluster image "$0" "$root" /bin/agent-stand-in
            """;

    private StandInImage() {}

    /**
     * Makes the image.
     *
     * @param apiServer URL of the API server, as Pods reach it
     */
    static void make(String clusterDirectory, String apiServer) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-ec", MAKE, NAME, apiServer);
        builder.environment().put("CLUSTER_DIR", clusterDirectory);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("the stand-in image could not be made: " + output);
        }
    }
}
