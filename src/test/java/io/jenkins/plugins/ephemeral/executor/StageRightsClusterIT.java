package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.conformance.RealCluster;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.SoftAssertions;
import org.junit.Test;

/** Stages with exactly the rights that {@code deploy/} gives inside of an environment, and with one verb less. */
public class StageRightsClusterIT {
    private static Config admin() {
        return RealCluster.config();
    }

    /** What a stage does: each needs other rights. */
    private enum Feature {
        /** A plan with a payload whose outputs the next stage gets, with their logs. */
        HAND_OVER,
        /** Stopped in the middle. */
        ABORT,
        /** Stopped when its Job is gone and its Pod is left. */
        ORPHAN,
        /** Never starts: why is in an event only. */
        DIAGNOSIS
    }

    /** A verb that is taken away, what is done without it, and what the console or the result says. */
    private record Loss(String verb, String resource, Feature feature, String... says) {
        String right() {
            return verb + ' ' + resource;
        }
    }

    private static Loss loss(String verb, String resource, Feature feature) {
        String named = resource.equals("jobs") ? "jobs.batch" : resource;
        return new Loss(
                verb, resource, feature, "Grant ", " the verb " + verb + " on " + named, "docs/rbac.md lists what");
    }

    private static final List<Loss> LOSSES = List.of(
            loss("create", "secrets", Feature.HAND_OVER),
            loss("patch", "secrets", Feature.HAND_OVER),
            loss("delete", "secrets", Feature.HAND_OVER),
            loss("create", "persistentvolumeclaims", Feature.HAND_OVER),
            loss("create", "jobs", Feature.HAND_OVER),
            loss("get", "jobs", Feature.HAND_OVER),
            loss("delete", "jobs", Feature.ABORT),
            loss("list", "pods", Feature.HAND_OVER),
            loss("delete", "pods", Feature.ORPHAN),
            new Loss("get", "pods/log", Feature.HAND_OVER, "the verb get on pods/log", "docs/rbac.md"),
            loss("list", "events", Feature.DIAGNOSIS),
            new Loss("watch", "jobs", Feature.ABORT, "may not watch jobs.batch", "docs/rbac.md"),
            new Loss("watch", "pods", Feature.ABORT, "may not watch pods", "docs/rbac.md"));

    @Test
    public void everythingRunsWithTheseRights() throws Exception {
        List<Callable<String>> features = new ArrayList<>();
        for (Feature feature : Feature.values()) {
            features.add(() -> run(new Loss("", "", feature)));
        }
        for (Future<String> said : inParallel(features)) {
            assertThat(said.get()).doesNotContain("cannot ", "may not", "FORBIDDEN");
        }
    }

    @Test
    public void eachVerbTakenAwayIsNamed() throws Exception {
        List<Callable<String>> runs = new ArrayList<>();
        LOSSES.forEach(loss -> runs.add(() -> run(loss)));
        List<Future<String>> said = inParallel(runs);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < LOSSES.size(); i++) {
            Loss loss = LOSSES.get(i);
            all.assertThat(said.get(i).get()).as("without %s", loss.right()).contains(loss.says());
        }
        all.assertAll();
    }

    private static List<Future<String>> inParallel(List<Callable<String>> runs) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(runs.size());
        try {
            return threads.invokeAll(runs);
        } finally {
            threads.shutdownNow();
        }
    }

    private static String run(Loss loss) throws Exception {
        try (StageRig rig = new StageRig(
                admin(),
                null,
                (client, namespace) ->
                        DeployedRights.identity(admin(), client, namespace, loss.resource(), loss.verb()))) {
            String end;
            try {
                end = feature(rig, loss.feature());
            } catch (Fault fault) {
                end = fault.getMessage();
            }
            return rig.text() + '\n' + end;
        }
    }

    private static String feature(StageRig rig, Feature feature) throws Exception {
        switch (feature) {
            case ABORT:
                return stopped(rig, false);
            case ORPHAN:
                return stopped(rig, true);
            case DIAGNOSIS:
                StageJobSpec never = rig.spec("never", "custom", "true");
                never.serviceAccount = "nobody";
                never.startupTimeout = Duration.ofSeconds(6);
                return rig.start(never).await().reason();
            default:
                StageJobSpec plan =
                        rig.spec("plan", "plan", "echo $EphemeralJobData >tf.plan; echo planned; sleep 1; exit 2");
                plan.payload = "{\"jobId\":\"42\"}";
                plan.outputs = "tf.plan";
                StageJobResult planned = rig.start(plan).await();
                if (planned.outcome() != Outcome.CHANGES) {
                    return planned.reason();
                }
                StageJobSpec apply = rig.spec("apply", "apply", "cat tf.plan; sleep 1");
                apply.after = "plan";
                rig.service().link(rig.environment, apply, rig.store().read());
                return rig.start(apply).await().reason();
        }
    }

    /** Long enough to be told what may not be watched, then aborted; {@code orphan}: after its Job is gone. */
    private static String stopped(StageRig rig, boolean orphan) throws Exception {
        StageRig.Running stage = rig.start(rig.spec("stop", "custom", "echo ready; sleep 600"));
        rig.untilSaid("] ready");
        if (orphan) {
            rig.client
                    .batch()
                    .v1()
                    .jobs()
                    .inNamespace(rig.namespace)
                    .withName(stage.state.jobName)
                    .withPropagationPolicy(DeletionPropagation.ORPHAN)
                    .delete();
            rig.until("the Job is gone", () -> rig.job(stage.state) == null);
        } else {
            Thread.sleep(5_000);
        }
        return stage.cancelled().await().reason();
    }
}
