package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Test;

/** Kills the API server while a stage prints, and starts it again; with the rights of {@code deploy/}. */
public class StageLogAcrossRestartClusterIT {
    private static final String DIRECTORY = System.getProperty("ephemeral.cluster.directory", "");
    private static final int LINES = 150;

    private StageRig rig;

    @Before
    public void open() {
        Config admin = RealCluster.config();
        Assume.assumeFalse("not our own cluster: -Dephemeral.cluster.directory is not set", DIRECTORY.isEmpty());
        rig = new StageRig(admin, null, (client, namespace) -> DeployedRights.identity(admin, client, namespace));
    }

    @After
    public void close() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    public void noLineIsLostOrComesTwice() throws Exception {
        StageRig.Running stage = rig.start(rig.spec(
                "log", "custom", "i=1; while [ $i -le " + LINES + " ]; do echo line $i; i=$((i+1)); sleep 0.1; done"));
        rig.untilSaid("[log] line 20");
        try {
            cluster("stop", "kube-apiserver");
            Thread.sleep(2_000);
        } finally {
            cluster("start", "kube-apiserver");
        }

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.lines("log", "line "))
                .isEqualTo(IntStream.rangeClosed(1, LINES)
                        .mapToObj(i -> "line " + i)
                        .collect(Collectors.toList()));
        assertThat(rig.entry("log").logLines).isEqualTo(LINES);
        assertThat(rig.job(stage.state).getStatus().getSucceeded()).isEqualTo(1);
        assertThat(rig.pods()).hasSize(1);
    }

    private static void cluster(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("src/bench/kube/cluster").toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("CLUSTER_DIR", DIRECTORY);
        Process process = builder.inheritIO().start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
