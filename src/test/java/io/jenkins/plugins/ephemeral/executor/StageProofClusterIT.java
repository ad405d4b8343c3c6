package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/**
 * How stages end on a real cluster, with the rights of {@code deploy/}: each end is looked for in the console, in the
 * report and in the cluster. What is independent runs at once.
 */
public class StageProofClusterIT {
    private StageRig rig;

    @Before
    public void open() {
        rig = rig();
    }

    private static StageRig rig() {
        Config admin = RealCluster.config();
        return new StageRig(admin, null, (client, namespace) -> DeployedRights.identity(admin, client, namespace));
    }

    @After
    public void close() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    public void eachEndIsInConsoleReportAndCluster() throws Exception {
        StageJobSpec oom = rig.spec("oom", "custom", "exec tail /dev/zero");
        oom.resources.put("memory", "16Mi");
        StageJobSpec deadline = rig.spec("deadline", "custom", "echo running; sleep 600");
        StageJobSpec image = rig.spec("image", "custom", "true");
        image.image = "registry.invalid/does-not-exist:1";
        image.startupTimeout = Duration.ofSeconds(10);
        StageJobSpec huge = rig.spec("huge", "custom", "true");
        huge.resources.put("memory", "900Ti");
        huge.startupTimeout = Duration.ofSeconds(6);
        String deaf = "trap '' TERM; echo running; while :; do sleep 0.1; done";

        StageRig.Running fine = rig.start(rig.spec("fine", "custom", "echo all is well"));
        StageRig.Running bad = rig.start(rig.spec("bad", "custom", "echo not well; exit 3"));
        List<StageRig.Running> others = List.of(rig.start(oom), rig.start(deadline), rig.start(image), rig.start(huge));
        StageRig.Running deleted = rig.start(rig.spec("deleted", "apply", deaf));
        StageRig.Running aborted = rig.start(rig.spec("aborted", "apply", deaf));
        rig.untilSaid("[deadline] running");
        rig.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(rig.namespace)
                .withName(others.get(1).state.jobName)
                .edit(job -> new JobBuilder(job)
                        .editSpec()
                        .withActiveDeadlineSeconds(1L)
                        .endSpec()
                        .build());
        rig.untilSaid("[deleted] running");
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(deleted.state.podName)
                .withGracePeriod(2)
                .delete();
        rig.untilSaid("[aborted] running");
        StageJobResult end = aborted.cancelled().await();

        assertThat(end.outcome()).isEqualTo(Outcome.ABORTED);
        // the last state of a Pod is there for a moment only: when it was seen, the kill is told
        told("aborted", Verdict.ABORTED, "ABORTED", end.exitCode(), "ended: ABORTED", "It was aborted.");
        assertThat(end.exitCode()).isIn(null, 137);
        assertGone(aborted);
        fine.await();
        told("fine", Verdict.PASSED, "SUCCEEDED", 0, "all is well", "ended: SUCCEEDED (exit code 0)");
        assertThat(condition(fine)).isEqualTo("Complete");
        bad.await();
        told("bad", Verdict.FAILED, "FAILED", 3, "not well", "ended: FAILED (exit code 3)");
        assertThat(condition(bad)).isEqualTo("Failed");
        for (StageRig.Running each : others) {
            each.await();
        }
        told("oom", Verdict.FAILED, "OOM_KILLED", 137, "more memory than its limit of 16Mi");
        assertThat(terminated(others.get(0)).getReason()).isEqualTo("OOMKilled");
        assertThat(rig.entry("deadline").outcome).isEqualTo("DEADLINE");
        assertThat(rig.entry("deadline").verdict).isEqualTo(Verdict.ERROR);
        assertThat(rig.text()).contains("took longer than the Job's activeDeadlineSeconds");
        rig.until("its Pod is gone", () -> pods(others.get(1)).isEmpty());
        told("image", Verdict.ERROR, "IMAGE_PULL", null, "could not be pulled", "imagePullSecrets");
        told("huge", Verdict.ERROR, "UNSCHEDULABLE", null, "No node took its Pod", "nsufficient memory");
        assertGone(others.get(2));
        assertGone(others.get(3));
        deleted.await();
        StageEntry entry = rig.entry("deleted");
        assertThat(entry.verdict).isEqualTo(Verdict.ERROR);
        assertThat(entry.outcome).isIn("DISRUPTED", "DUPLICATE", "POD_GONE");
        assertThat(rig.lines("deleted", "running")).hasSize(1);
        assertGone(deleted);
    }

    @Test
    public void aQuotaIsInConsoleReportAndCluster() throws Exception {
        rig.client
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("none")
                        .withNamespace(rig.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("pods", new Quantity("0")))
                        .endSpec()
                        .build())
                .create();
        rig.until(
                "the quota counts",
                () -> rig.client
                                .resourceQuotas()
                                .inNamespace(rig.namespace)
                                .withName("none")
                                .get()
                                .getStatus()
                                .getHard()
                        != null);
        StageJobSpec spec = rig.spec("quota", "custom", "true");
        spec.startupTimeout = Duration.ofSeconds(6);
        StageRig.Running stage = rig.start(spec);
        stage.await();
        told("quota", Verdict.ERROR, "QUOTA", null, "exceeded quota: none", "Raise the environment's quota");
        assertGone(stage);
    }

    @Test
    public void aControllerThatIsKilledGoesOnWhereItsRecordsEnd() throws Exception {
        StageJobState[] saved = new StageJobState[2];
        StageRig.Running goesOn = start(counting("on", 120, 0), saved, 0);
        StageRig.Running ends = start(counting("ends", 20, 4), saved, 1);
        rig.untilSaid("[on] line 10");
        rig.untilSaid("[ends] line 1");
        rig.die();
        rig.until("one has ended meanwhile", () -> rig.pods().stream()
                .anyMatch(pod -> PodFacts.value(PodFacts.exitCode(PodFacts.terminated(pod))) == 4));
        String uid = saved[0].podUid;
        StageRig.Running on = rig.start(goesOn.spec, saved[0]);
        StageRig.Running ended = rig.start(ends.spec, saved[1]);

        assertThat(ended.await().exitCode()).as(rig.text()).isEqualTo(4);
        told("ends", Verdict.FAILED, "FAILED", 4, "following Job " + saved[1].jobName + " again");
        assertThat(on.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        told("on", Verdict.PASSED, "SUCCEEDED", 0, "following Job " + saved[0].jobName + " again");
        // after a crash the last lines may come twice; none is missing, and nothing ran twice
        assertThat(rig.lines("on", "line ")).containsAll(numbered(120)).containsSubsequence(numbered(120));
        assertThat(rig.lines("ends", "line ")).containsAll(numbered(20));
        assertThat(pods(on))
                .singleElement()
                .satisfies(pod -> assertThat(pod.getMetadata().getUid()).isEqualTo(uid));
    }

    private StageRig.Running start(StageJobSpec spec, StageJobState[] saved, int index) {
        StageJobState state = new StageJobState();
        state.jobName = rig.service().jobName(spec, rig.run, "12");
        return rig.start(spec, state, () -> saved[index] = StageRig.copy(state));
    }

    private StageJobSpec counting(String name, int lines, int exitCode) {
        return rig.spec(
                name,
                "custom",
                "i=1; while [ $i -le " + lines + " ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit " + exitCode);
    }

    private static List<String> numbered(int lines) {
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= lines; i++) {
            all.add("line " + i);
        }
        return all;
    }

    private void told(String stage, Verdict verdict, String outcome, Integer exitCode, String... says) {
        StageEntry entry = rig.entry(stage);
        assertThat(entry.outcome).as(rig.text()).isEqualTo(outcome);
        assertThat(entry.verdict).isEqualTo(verdict);
        assertThat(entry.exitCode).as(stage).isEqualTo(exitCode);
        String own = String.join("\n", rig.lines(stage, ""));
        assertThat(own).contains(says);
    }

    private void assertGone(StageRig.Running stage) {
        rig.until(
                stage.spec.name + " is gone",
                () -> rig.job(stage.state) == null && pods(stage).isEmpty());
    }

    private List<Pod> pods(StageRig.Running stage) {
        return rig.pods().stream()
                .filter(pod ->
                        stage.state.jobName.equals(pod.getMetadata().getLabels().get(StageJobManifest.JOB)))
                .toList();
    }

    private ContainerStateTerminated terminated(StageRig.Running stage) {
        return PodFacts.terminated(pods(stage).get(0));
    }

    private String condition(StageRig.Running stage) {
        Job job = rig.job(stage.state);
        return job.getStatus().getConditions().get(0).getType();
    }
}
