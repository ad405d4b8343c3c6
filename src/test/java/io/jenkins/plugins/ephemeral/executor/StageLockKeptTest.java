package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A lock is taken as long as something of its stage may run, and no longer. */
public class StageLockKeptTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    private EmbeddedCluster cluster;
    private StageRig rig;

    @Before
    public void open() {
        cluster = EmbeddedCluster.start();
        rig = new StageRig(cluster.config());
    }

    @After
    public void close() {
        rig.close();
        cluster.close();
    }

    private StageJobSpec locked(String name, String script) {
        StageJobSpec spec = rig.spec(name, "apply", script);
        spec.lock = "net";
        return spec;
    }

    /** An apply that is aborted on a node that does not hear of it: its Pod outlives its grace. */
    private StageRig.Running outlived() throws Exception {
        StageRig.Running first = rig.start(locked("first", "echo in; sleep 600"));
        rig.untilSaid("[first] in");
        cluster.kubelet().cutOff();
        StageRig.Running cancel = first.cancelled();
        rig.until(
                "its Pod is told to stop", () -> rig.pods().get(0).getMetadata().getDeletionTimestamp() != null);
        rig.ahead = Duration.ofSeconds(40);
        StageJobResult result = cancel.await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.ABORTED);
        assertThat(result.reason()).contains("It may still be running. Lock 'net' stays taken until that Pod is gone.");
        assertThat(rig.text()).contains("[first] lock 'net' stays taken").contains("24 hours");
        return first;
    }

    @Test
    public void aPodThatOutlivesItsGraceKeepsItsLock() throws Exception {
        StageRig.Running first = outlived();
        StageRig.Running second = rig.start(locked("second", "echo in"));
        rig.untilSaid("[second] waiting for lock 'net', still taken by dev/" + rig.namespace + "/" + first.state.jobName
                + ", which nobody looks after any more: Pod " + rig.namespace + "/" + first.state.podName
                + " is still there on node");
        StageJobState saved = rig.restart(second);
        second = rig.start(second.spec, saved);
        assertThat(rig.job(second.state)).as("also in the next life").isNull();

        cluster.kubelet().reconnect();
        assertThat(second.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.text()).contains("[second] lock 'net': nothing of dev/");
    }

    @Test
    public void aPersonDecidesByDeletingThePodByForce() throws Exception {
        StageRig.Running first = outlived();
        StageRig.Running second = rig.start(locked("second", "echo in"));
        rig.untilSaid("[second] waiting for lock 'net', still taken");
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(first.state.podName)
                .withGracePeriod(0)
                .delete();

        assertThat(second.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void aFaultBeforeTheJobWasMadeGivesItUpAtOnce() throws Exception {
        StageJobSpec spec = locked("first", "echo never");
        String name = rig.service().jobName(spec, rig.run, "12");
        rig.client
                .resource(new JobBuilder(
                                new StageJobManifest(rig.environment, spec, name, rig.run, "ephemeral").job(true))
                        .editMetadata()
                        .withAnnotations(Map.of())
                        .endMetadata()
                        .editSpec()
                        .withSuspend(true)
                        .endSpec()
                        .build())
                .create();
        StageRig.Running first = rig.start(spec);
        assertThatThrownBy(first::await)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("there is one of that name that this plugin did not make");

        assertThat(rig.start(locked("second", "echo in")).await().outcome())
                .as(rig.text())
                .isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.text()).doesNotContain("waiting for lock");
    }

    @Test
    public void aFaultWhileItRunsKeepsItUntilItIsOver() throws Exception {
        Path end = folder.getRoot().toPath().resolve("end");
        StageRig.Running first = rig.start(locked("first", "echo in; while [ ! -e " + end + " ]; do sleep 0.1; done"));
        rig.untilSaid("[first] in");
        cluster.faults().on("GET", ".*/pods").times(1).status(403);
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(first.state.podName)
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToAnnotations("it", "wakes the stage")
                        .endMetadata()
                        .build());
        assertThatThrownBy(first::await).isInstanceOf(Fault.class);
        StageRig.Running second = rig.start(locked("second", "echo in"));
        rig.untilSaid("[second] waiting for lock 'net', still taken by dev/");
        Files.createFile(end);

        assertThat(second.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.text()).contains("[second] lock 'net': nothing of dev/");
    }
}
