package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

/** A run of an agent goes on while the API server is away; others must not use it meanwhile. */
public class AgentAcrossRestartClusterIT extends AgentOnCluster {
    private static void component(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("src/bench/kube/cluster").toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("CLUSTER_DIR", DIRECTORY);
        Process process = builder.inheritIO().start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    public void aRestartOfTheApiServerLosesNoRun() throws Exception {
        String id = runningAsAJob(connected());
        component("stop", "kube-apiserver");
        try {
            await().during(Duration.ofSeconds(3))
                    .until(() -> !testkube().execution(id).orElseThrow().isOver());
        } finally {
            component("start", "kube-apiserver");
        }
        assertThat(ended(id).status()).isEqualTo("passed");
    }
}
