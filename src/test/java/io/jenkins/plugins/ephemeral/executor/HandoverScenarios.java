package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Outputs of a stage on their way to the next one, on any cluster; which way they take is the cluster's. */
public abstract class HandoverScenarios {
    protected StageRig rig;

    /** The administrator's configuration of the cluster. */
    protected abstract Config admin();

    @Before
    public void open() {
        rig = new StageRig(admin());
    }

    @After
    public void close() {
        if (rig != null) {
            rig.close();
        }
    }

    /** {@code claim} or {@code secret}: what the cluster must come to by itself. */
    protected abstract String expected();

    private StageJobSpec plan(String script) {
        StageJobSpec spec = rig.spec("plan", "plan", script);
        spec.outputs = "tf.plan, out/*.json";
        return spec;
    }

    private static final String PLAN =
            "mkdir out; echo the plan >tf.plan; echo 1 >out/a.json; echo 2 >out/b.json; exit 2";

    private StageJobSpec apply(String script) {
        StageJobSpec spec = rig.spec("apply", "apply", script);
        spec.after = "plan";
        assertThat(rig.service().link(rig.environment, spec, rig.store().read()))
                .isNull();
        return spec;
    }

    private static final String APPLY = "cat tf.plan out/a.json out/b.json; sleep 1";

    @Test
    public void theNextStageFindsThemInItsWorkingDirectory() throws Exception {
        StageRig.Running plan = rig.start(plan(PLAN));
        StageJobResult result = plan.await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.CHANGES);
        assertThat(result.exitCode()).isEqualTo(2);
        StageEntry entry = rig.entry("plan");
        assertThat(entry.handover).startsWith(expected() + '/');
        assertThat(entry.outputsSha256).matches("[0-9a-f]{64}");
        assertThat(rig.text()).contains("[plan] outputs: tf.plan, out/*.json");
        assertThat(rig.console).noneMatch(line -> line.startsWith("[plan] outputs: ") && line.length() > 200);

        StageRig.Running apply = rig.start(apply(APPLY));
        assertThat(apply.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.console).containsSubsequence("[apply] the plan", "[apply] 1", "[apply] 2");
    }

    @Test
    public void missingAndEmptyOutputsAreNamed() throws Exception {
        StageJobResult result = rig.start(plan("mkdir out; : >tf.plan; echo 1 >out/a.json; exit 2"))
                .await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.OUTPUTS);
        assertThat(result.reason()).contains("missing or empty: tf.plan.").doesNotContain("a.json");
        assertThat(rig.entry("plan").handover).isNull();

        StageJobSpec none = rig.spec("none", "custom", "true");
        none.outputs = "*.plan";
        assertThat(rig.start(none).await().reason()).contains("missing or empty: *.plan");
    }

    @Test
    public void aFailureStaysAFailure() throws Exception {
        StageJobResult result = rig.start(plan("echo bad; exit 1")).await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.FAILED);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(rig.entry("plan").handover).isNull();
    }

    @Test
    public void theSignalReachesTheProgramThroughTheScript() throws Exception {
        StageJobSpec spec =
                rig.spec("long", "custom", "trap 'echo got it; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
        spec.outputs = "x";
        spec.terminationGracePeriodSeconds = 60;
        StageRig.Running stage = rig.start(spec);
        rig.untilSaid("[long] ready");
        long begin = System.nanoTime();
        StageJobResult result = stage.cancelled().await();

        assertThat(result.outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.console).contains("[long] got it");
        assertThat((System.nanoTime() - begin) / 1_000_000_000L)
                .as("nothing waits for the kill")
                .isLessThan(50);
    }

    @Test
    public void aSideCarThatDoesNotEndTakesNothingAway() throws Exception {
        StageJobSpec spec = plan(PLAN);
        spec.podYaml = "spec:\n  containers:\n  - name: beside\n    image: " + StageRig.IMAGE
                + "\n    command: [sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]\n";
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.CHANGES);
        assertThat(rig.entry("plan").handover).as(rig.text()).startsWith(expected() + '/');
        assertThat(rig.start(apply(APPLY)).await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void aRestartAfterTheEndLosesNothing() throws Exception {
        StageRig.Running plan = rig.start(plan("echo begun; sleep 2; " + PLAN));
        rig.untilSaid("[plan] begun");
        StageJobSpec spec = plan.spec;
        StageJobState saved = rig.restart(plan);
        rig.until("the stage is over", () -> PodFacts.terminated(rig.pods().get(0)) != null);

        assertThat(rig.start(spec, saved).await().outcome()).as(rig.text()).isEqualTo(Outcome.CHANGES);
        assertThat(rig.start(apply(APPLY)).await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void whatWasChangedIsRefusedBeforeTheProgramStarts() throws Exception {
        StageJobSpec spec = plan(PLAN);
        spec.handover = "secret";
        rig.start(spec).await();
        String name = rig.entry("plan").handover.substring("secret/".length());
        Secret kept =
                rig.client.secrets().inNamespace(rig.namespace).withName(name).get();
        byte[] archive = Base64.getDecoder().decode(kept.getData().get("outputs.tar"));
        for (byte[] other : List.of(changed(archive), new byte[0])) {
            rig.client
                    .resource(new SecretBuilder(kept)
                            .editMetadata()
                            .withResourceVersion(null)
                            .endMetadata()
                            .withData(Map.of("outputs.tar", Base64.getEncoder().encodeToString(other)))
                            .build())
                    .update();
            StageJobSpec apply = apply("echo never");
            apply.name = "apply-" + other.length;
            StageJobResult result = rig.start(apply).await();

            assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.INPUTS);
            assertThat(result.reason()).contains(other.length == 0 ? "missing or empty" : "They were changed");
        }
        assertThat(rig.text()).doesNotContain("] never");
    }

    private static byte[] changed(byte[] archive) {
        byte[] other = archive.clone();
        other[600] ^= 1;
        return other;
    }

    @Test
    public void aCopyIsArchivedIfTheStepAsksForIt() throws Exception {
        StageJobSpec spec = plan(PLAN);
        spec.archiveOutputs = true;
        assertThat(rig.start(spec).await().outcome()).as(rig.text()).isEqualTo(Outcome.CHANGES);

        StageEntry entry = rig.entry("plan");
        assertThat(entry.handover).startsWith(expected() + '/');
        assertThat(rig.archived).containsOnlyKeys("plan");
        assertThat(StageJobNames.hexadecimal(StageJobNames.sha256().digest(rig.archived.get("plan"))))
                .isEqualTo(entry.outputsSha256);
        assertThat(rig.text()).contains("[plan] outputs are archived as plan.tar");
        assertThat(rig.start(apply(APPLY)).await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.archived).as("it did not ask").containsOnlyKeys("plan");
    }

    @Test
    public void whatCannotBeArchivedIsSaidAndChangesNothing() throws Exception {
        StageJobSpec spec = plan(PLAN);
        spec.archiveOutputs = true;
        rig.unableToArchive = "the disk is full";
        assertThat(rig.start(spec).await().outcome()).as(rig.text()).isEqualTo(Outcome.CHANGES);
        assertThat(rig.text()).contains("[plan] outputs are not archived with the build: the disk is full");
        assertThat(rig.entry("plan").handover).startsWith(expected() + '/');
    }

    @Test
    public void moreThanASecretHoldsIsSaid() throws Exception {
        StageJobSpec spec = rig.spec("big", "custom", "dd if=/dev/zero of=big bs=1024 count=901 2>/dev/null");
        spec.outputs = "big";
        spec.handover = "secret";
        StageJobResult result = rig.start(spec).await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.OUTPUTS);
        assertThat(result.reason()).contains("and a Secret holds 921600");

        StageJobSpec fits = rig.spec("fits", "custom", "dd if=/dev/urandom of=fits bs=1024 count=890 2>/dev/null");
        fits.outputs = "fits";
        fits.handover = "secret";
        assertThat(rig.start(fits).await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void deathAtEachCallOfTheHandoverLosesNothing() throws Exception {
        List<String> points = expected().equals("claim")
                ? List.of("probing PersistentVolumeClaim", "creating PersistentVolumeClaim")
                : List.of("probing PersistentVolumeClaim", "reading Outputs", "applying Secret");
        for (String point : points) {
            for (boolean after : new boolean[] {false, true}) {
                dieAt(point, after);
            }
        }
    }

    private void dieAt(String point, boolean after) throws Exception {
        boolean[] dead = {false};
        Outside.Cut cut = new Outside.Cut() {
            @Override
            public void before(String at) {
                die(at, !after);
            }

            @Override
            public void after(String at) {
                die(at, after);
            }

            private void die(String at, boolean here) {
                if (here && at.equals(point) && !dead[0]) {
                    dead[0] = true;
                    throw new Error("died at " + at);
                }
            }
        };
        try (StageRig doomed = new StageRig(admin(), cut)) {
            StageJobSpec spec = doomed.spec("plan", "plan", "echo the plan >tf.plan; exit 2");
            spec.outputs = "tf.plan";
            StageJobState state = new StageJobState();
            state.jobName = doomed.service().jobName(spec, doomed.run, "12");
            StageJobState[] saved = {StageRig.copy(state)};
            String[] handover = {null};
            StageRig.Running stage = doomed.start(spec, state, () -> {
                saved[0] = StageRig.copy(state);
                handover[0] = spec.handover;
            });
            doomed.until("it died", stage.result::isDone);
            doomed.die();
            spec.handover = handover[0];

            StageJobResult result = doomed.start(spec, saved[0]).await();
            assertThat(result.outcome()).as(point + "\n" + doomed.text()).isEqualTo(Outcome.CHANGES);
            assertThat(doomed.entry("plan").handover).as(point).startsWith(expected());
            assertThat(doomed.pods()).as(point).hasSize(1);
        }
    }
}
