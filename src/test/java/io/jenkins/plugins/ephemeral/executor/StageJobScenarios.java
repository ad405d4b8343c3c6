package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.StageEntry;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** What a stage Job does on any cluster: the embedded one and a real one run the same. */
public abstract class StageJobScenarios {
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

    @Test
    public void runsAndShowsItsLog() throws Exception {
        StageRig.Running stage =
                rig.start(rig.spec("build", "custom", "echo one; echo two >&2; echo $HOME; echo three"));
        StageJobResult result = stage.await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.exitCode()).isZero();
        assertThat(rig.console).contains("[build] one", "[build] two", "[build] three");
        assertThat(rig.text())
                .contains("is created in dev/" + rig.namespace, "is scheduled on node", "[build] started");
        StageEntry entry = rig.entry("build");
        assertThat(entry.verdict).isEqualTo(Verdict.PASSED);
        assertThat(entry.outcome).isEqualTo("SUCCEEDED");
        assertThat(entry.exitCode).isZero();
        assertThat(entry.createdAt).isNotNull();
        assertThat(entry.startedAt).isNotNull();
        assertThat(entry.finishedAt).isNotNull();
        assertThat(entry.logTail).contains("one\n").contains("three");
        assertThat(entry.logLines).isEqualTo(4);
        assertThat(entry.jobName).isEqualTo(stage.state.jobName);
        assertThat(rig.job(stage.state))
                .as("the Job stays for its time to live")
                .isNotNull();
        assertThat(rig.pods()).hasSize(1);
    }

    @Test
    public void anExitCodeIsTheOutcome() throws Exception {
        StageJobResult result =
                rig.start(rig.spec("check", "custom", "echo bad; exit 3")).await();

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.reason()).contains("exit code 3");
        assertThat(rig.console).contains("[check] bad");
        assertThat(rig.entry("check").verdict).isEqualTo(Verdict.FAILED);
    }

    @Test
    public void aPlanTellsChangesFromFailure() throws Exception {
        assertThat(rig.start(rig.spec("p0", "plan", "exit 0")).await().outcome())
                .isEqualTo(Outcome.NO_CHANGES);
        assertThat(rig.start(rig.spec("p1", "plan", "exit 1")).await().outcome())
                .isEqualTo(Outcome.FAILED);
        StageJobResult changes = rig.start(rig.spec("p2", "plan", "exit 2")).await();
        assertThat(changes.outcome()).isEqualTo(Outcome.CHANGES);
        assertThat(changes.exitCode()).isEqualTo(2);
        assertThat(rig.entry("p2").verdict).isEqualTo(Verdict.PASSED);
    }

    @Test
    public void thePayloadReachesTheProgramAndTheSecretGoes() throws Exception {
        StageJobSpec spec = rig.spec(
                "tf", "apply", "echo flag=$EphemeralFlagBatch; echo \"$EphemeralJobData\" | base64 -d; echo; sleep 1");
        spec.payload = "{\"type\":\"terraformApply\",\"jobId\":\"42\"}";
        StageRig.Running stage = rig.start(spec);

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.console).contains("[tf] flag=true", "[tf] " + spec.payload);
        assertThat(rig.client
                        .secrets()
                        .inNamespace(rig.namespace)
                        .withName(stage.state.jobName)
                        .get())
                .as("what a second Pod would need is gone")
                .isNull();
    }

    @Test
    public void aLargePayloadIsAFileAndItsSecretsDoNotShow() throws Exception {
        StageJobSpec spec = rig.spec(
                "tf",
                "plan",
                "[ -z \"$EphemeralJobData\" ] && wc -c <$EPHEMERAL_PAYLOAD_FILE && grep -o '.accessToken.*' $EPHEMERAL_PAYLOAD_FILE");
        spec.payload = "{\"filler\":\"" + "x".repeat(200_000) + "\",\"accessToken\":\"geheim-1234\"}";
        spec.payloadAsFile = true;
        StageRig.Running stage = rig.start(spec);

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.NO_CHANGES);
        assertThat(rig.text()).contains("[tf] " + spec.payload.length(), "[tf] \"accessToken\":\"****\"}");
        assertThat(rig.text()).doesNotContain("geheim");
        assertThat(rig.entry("tf").logTail).contains("****").doesNotContain("geheim");
    }

    @Test
    public void podYamlBringsASideCarAndAFolder() throws Exception {
        StageJobSpec spec = rig.spec("yaml", "custom", "until [ -s /shared/f ]; do sleep 0.1; done; cat /shared/f");
        spec.volumes.add(Map.of("emptyDir", "10Mi", "mountPath", "/shared"));
        spec.podYaml = "spec:\n  containers:\n  - name: car\n    image: " + StageRig.IMAGE
                + "\n    command: [sh, -c, 'echo from the car >/shared/f; echo car is done']\n"
                + "    volumeMounts: [{name: volume-0, mountPath: /shared}]\n";
        StageRig.Running stage = rig.start(spec);

        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.console).contains("[yaml] from the car", "[yaml] car: car is done");
    }

    @Test
    public void aStageThatWasCreatedAlreadyIsTakenOver() throws Exception {
        StageJobSpec spec = rig.spec("apply", "apply", "echo once; sleep 2");
        StageRig.Running first = rig.start(spec);
        rig.untilSaid("is created in");
        String uid = rig.job(first.state).getMetadata().getUid();
        rig.restart(first);
        StageJobState nothingSaved = new StageJobState();
        nothingSaved.jobName = first.state.jobName;
        rig.console.clear();

        StageRig.Running second = rig.start(spec, nothingSaved);
        assertThat(second.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(second.state.jobUid).isEqualTo(uid);
        assertThat(rig.text()).contains("is already there in");
        assertThat(rig.pods()).hasSize(1);
    }

    @Test
    public void aJobOfSomebodyElseIsNotTouched() throws Exception {
        StageRig.Running first = rig.start(rig.spec("apply", "apply", "echo mine"));
        first.await();
        StageJobState sameName = new StageJobState();
        sameName.jobName = first.state.jobName;

        StageRig.Running other = rig.start(rig.spec("apply", "apply", "echo other"), sameName);
        assertThatThrownBy(other::await)
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("belongs to shop/web/PR-41#7, made for another spec");
        assertThat(rig.job(first.state).getMetadata().getUid()).isEqualTo(first.state.jobUid);
    }

    @Test
    public void aNewLifeGoesOnInTheMiddleOfTheLog() throws Exception {
        int lines = 60;
        StageRig.Running stage = rig.start(rig.spec(
                "long", "custom", "i=1; while [ $i -le " + lines + " ]; do echo line $i; i=$((i+1)); sleep 0.1; done"));
        for (String point : List.of("line 7", "line 20", "line 40")) {
            rig.untilSaid("[long] " + point);
            StageJobState saved = rig.restart(stage);
            stage = rig.start(stage.spec, saved);
        }
        assertThat(stage.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);

        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= lines; i++) {
            expected.add("line " + i);
        }
        assertThat(rig.lines("long", "line ")).isEqualTo(expected);
        assertThat(rig.entry("long").logLines).isEqualTo(lines);
        assertThat(rig.entry("long").logTail).isEqualTo(String.join("\n", expected));
    }

    @Test
    public void aStageThatEndedWhileJenkinsWasAwayIsReportedAsItWas() throws Exception {
        StageRig.Running stage = rig.start(rig.spec("away", "custom", "echo before; sleep 2; echo after; exit 4"));
        rig.untilSaid("[away] before");
        StageJobState saved = rig.restart(stage);
        rig.until(
                "the Pod is over",
                () -> rig.pods().get(0).getStatus().getPhase().equals("Failed"));

        StageJobResult result = rig.start(stage.spec, saved).await();
        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.exitCode()).isEqualTo(4);
        assertThat(rig.lines("away", "before")).hasSize(1);
        assertThat(rig.lines("away", "after")).hasSize(1);
    }

    @Test
    public void anAbortReachesTheProgramAndWaitsForIt() throws Exception {
        StageRig.Running stage = rig.start(
                rig.spec("apply", "apply", "trap 'echo got it; exit 0' TERM; echo ready; while :; do sleep 0.1; done"));
        rig.untilSaid("[apply] ready");

        StageJobResult result = stage.cancelled().await();
        assertThat(result.outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.console).contains("[apply] got it");
        assertThat(result.reason()).doesNotContain("killed");
        assertThat(rig.pods()).isEmpty();
        assertThat(rig.job(stage.state)).isNull();
        assertThat(rig.entry("apply").verdict).isEqualTo(Verdict.ABORTED);
        assertThat(stage.result).as("the run says nothing any more").isNotDone();
    }

    @Test
    public void aHardKillIsSaid() throws Exception {
        StageJobSpec spec = rig.spec("apply", "apply", "trap '' TERM; echo ready; while :; do sleep 0.1; done");
        spec.terminationGracePeriodSeconds = 1;
        StageRig.Running stage = rig.start(spec);
        rig.untilSaid("[apply] ready");

        StageJobResult result = stage.cancelled().await();
        assertThat(result.outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.pods()).isEmpty();
        // the last state of a Pod is there for a moment only: when it was seen, it is said
        if (result.exitCode() != null) {
            assertThat(result.reason()).contains("did not stop in time and was killed");
        }
    }

    @Test
    public void anAbortBeforeTheContainerRuns() throws Exception {
        StageJobSpec spec = rig.spec("stuck", "apply", "echo never");
        spec.image = "registry.invalid/does-not-exist:1";
        StageRig.Running stage = rig.start(spec);
        rig.untilSaid("cannot be pulled");

        StageJobResult result = stage.cancelled().await();
        assertThat(result.outcome()).isEqualTo(Outcome.ABORTED);
        rig.assertGoneOrSaid(result);
        assertThat(rig.client
                        .secrets()
                        .inNamespace(rig.namespace)
                        .withName(stage.state.jobName)
                        .get())
                .isNull();
    }

    @Test
    public void anAbortBeforeAnythingWasMade() throws Exception {
        StageJobSpec spec = rig.spec("early", "apply", "echo never");
        StageJobState state = new StageJobState();
        state.jobName = rig.service().jobName(spec, rig.run, "12");
        StageRig.Running stage = rig.start(spec, state);

        StageJobResult result = stage.cancelled().await();
        assertThat(result.outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.job(state)).isNull();
        assertThat(rig.pods()).isEmpty();
    }

    @Test
    public void aTimeoutStopsIt() throws Exception {
        StageJobSpec spec = rig.spec("slow", "custom", "echo begun; sleep 600");
        spec.timeout = Duration.ofSeconds(2);
        StageRig.Running stage = rig.start(spec);
        StageJobResult result = stage.await();

        assertThat(result.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(result.reason()).contains("It ran longer than its timeout of 2s");
        assertThat(rig.console).contains("[slow] begun");
        assertThat(rig.pods()).isEmpty();
    }

    @Test
    public void anImageThatCannotBePulled() throws Exception {
        StageJobSpec spec = rig.spec("pull", "custom", "true");
        spec.image = "registry.invalid/does-not-exist:1";
        spec.startupTimeout = Duration.ofSeconds(8);
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.IMAGE_PULL);
        assertThat(result.reason())
                .contains("It did not start within 8s")
                .contains("registry.invalid/does-not-exist:1 could not be pulled")
                .contains("imagePullSecrets");
        assertThat(rig.text()).contains("waiting because image registry.invalid/does-not-exist:1 cannot be pulled");
        rig.assertGoneOrSaid(result);
        assertThat(rig.entry("pull").verdict).isEqualTo(Verdict.ERROR);
    }

    @Test
    public void anImageThatCannotBeNeverPulledFailsAtOnce() throws Exception {
        StageJobSpec spec = rig.spec("never", "custom", "true");
        spec.image = "not-there:1";
        spec.imagePullPolicy = "Never";
        StageJobResult result = rig.start(spec).await();

        // on a cluster where the image is there after all the program runs
        assertThat(result.outcome()).as(rig.text()).isIn(Outcome.IMAGE_PULL, Outcome.SUCCEEDED);
    }

    @Test
    public void aPodThatNoNodeTakes() throws Exception {
        StageJobSpec spec = rig.spec("huge", "custom", "true");
        spec.resources.put("memory", "900Ti");
        spec.startupTimeout = Duration.ofSeconds(4);
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.UNSCHEDULABLE);
        assertThat(result.reason()).contains("No node took its Pod").contains("nsufficient memory");
        assertThat(rig.pods()).isEmpty();
    }

    @Test
    public void aQuotaIsWaitedForUntilTheTimeIsOver() throws Exception {
        quota("0");
        StageJobSpec spec = rig.spec("quota", "custom", "true");
        spec.startupTimeout = Duration.ofSeconds(7);
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.QUOTA);
        assertThat(result.reason()).contains("exceeded quota").contains("Raise the environment's quota");
        assertThat(rig.text()).contains("waiting because its Pod is refused");
    }

    @Test
    public void aMissingServiceAccountFailsFast() throws Exception {
        StageJobSpec spec = rig.spec("account", "custom", "true");
        spec.serviceAccount = "nobody";
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.SERVICE_ACCOUNT);
        assertThat(result.reason()).contains("nobody").contains("parameter serviceAccount");
        StageJobState again = rig.start(spec).state;
        rig.until("the Job of a second run", () -> rig.job(again) != null);
    }

    @Test
    public void aQuotaOfJobsIsWaitedForAndSaidWithoutALeftover() throws Exception {
        rig.client
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("jobs")
                        .withNamespace(rig.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("count/jobs.batch", new Quantity("0")))
                        .endSpec()
                        .build())
                .create();
        rig.until(
                "the quota counts",
                () -> rig.client
                                .resourceQuotas()
                                .inNamespace(rig.namespace)
                                .withName("jobs")
                                .get()
                                .getStatus()
                                .getHard()
                        != null);
        StageJobSpec spec = rig.spec("jobs", "apply", "true");
        spec.startupTimeout = Duration.ofSeconds(7);
        StageRig.Running stage = rig.start(spec);
        StageJobResult result = stage.await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.QUOTA);
        assertThat(result.reason()).contains("Its Job was refused").contains("exceeded quota: jobs");
        assertThat(rig.text()).contains("waiting because its Job is refused");
        assertThat(rig.entry("jobs").outcome).isEqualTo("QUOTA");
        assertThat(rig.client
                        .secrets()
                        .inNamespace(rig.namespace)
                        .withName(stage.state.jobName)
                        .get())
                .isNull();
    }

    @Test
    public void aNamespaceThatGoesAwayIsNoFailureOfTheProgram() throws Exception {
        StageRig.Running stage = rig.start(rig.spec("going", "custom", "echo ready; sleep 600"));
        rig.untilSaid("[going] ready");
        rig.client.namespaces().withName(rig.namespace).delete();
        StageJobResult result = stage.await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.NAMESPACE_GONE);
        assertThat(result.reason()).contains("Namespace " + rig.namespace);
        assertThat(result.outcome()).isNotEqualTo(Outcome.FAILED);
    }

    @Test
    public void oneStageAtATimeHoldsALock() throws Exception {
        StageJobSpec spec = rig.spec("first", "custom", "echo in; sleep 3; echo out");
        spec.lock = "net";
        StageRig.Running first = rig.start(spec);
        rig.untilSaid("[first] in");
        StageJobSpec other = rig.spec("second", "custom", "echo in; sleep 1; echo out");
        other.lock = "net";
        StageRig.Running second = rig.start(other);
        rig.untilSaid("[second] waiting for lock 'net', held by dev/" + rig.namespace + "/" + first.state.jobName);
        StageJobState saved = rig.restart(first);
        first = rig.start(spec, saved);
        second = rig.start(other, StageRig.copy(second.state));

        assertThat(first.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(second.await().outcome()).as(rig.text()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(rig.console.indexOf("[second] in")).isGreaterThan(rig.console.indexOf("[first] out"));
    }

    @Test
    public void anAbortWhileWaitingForALockLeavesTheQueue() throws Exception {
        StageJobSpec spec = rig.spec("holds", "custom", "echo in; sleep 4");
        spec.lock = "net";
        StageRig.Running holds = rig.start(spec);
        rig.untilSaid("[holds] in");
        StageJobSpec waits = rig.spec("waits", "custom", "echo in");
        waits.lock = "net";
        StageRig.Running waiting = rig.start(waits);
        rig.untilSaid("[waits] waiting for lock");

        assertThat(waiting.cancelled().await().outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(rig.job(waiting.state)).isNull();
        StageJobSpec next = rig.spec("next", "custom", "echo in");
        next.lock = "net";
        assertThat(rig.start(next).await().outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(holds.await().outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void aMissingSecretIsNamed() throws Exception {
        StageJobSpec spec = rig.spec("secret", "custom", "true");
        spec.secrets.add("not-there");
        spec.startupTimeout = Duration.ofSeconds(6);
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.CONTAINER_CONFIG);
        assertThat(result.reason()).contains("CreateContainerConfigError").contains("not-there");
    }

    @Test
    public void aCommandThatIsNotThere() throws Exception {
        StageJobSpec spec = rig.spec("exec", "custom", "");
        spec.command = List.of("/no/such/program");
        StageJobResult result = rig.start(spec).await();

        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.CONTAINER_START);
        assertThat(result.reason()).contains("/no/such/program");
    }

    @Test
    public void aDeletedJobIsLost() throws Exception {
        StageRig.Running stage = rig.start(rig.spec("gone", "custom", "echo ready; sleep 600"));
        rig.untilSaid("[gone] ready");
        rig.client
                .batch()
                .v1()
                .jobs()
                .inNamespace(rig.namespace)
                .withName(stage.state.jobName)
                .delete();

        StageJobResult result = stage.await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.JOB_DELETED);
        assertThat(result.outcome().verdict()).isEqualTo(Verdict.ERROR);
    }

    @Test
    public void aJobThatWasReplacedIsNotTheOneThatWasMade() throws Exception {
        StageRig.Running stage = rig.start(rig.spec("other", "custom", "echo ready; sleep 600"));
        rig.untilSaid("[other] ready");
        Job was = rig.job(stage.state);
        StageJobState saved = rig.restart(stage);
        rig.client.resource(was).delete();
        rig.until(
                "Job and Pod are gone",
                () -> rig.job(saved) == null && rig.pods().isEmpty());
        rig.client
                .resource(new JobBuilder(was)
                        .withStatus(null)
                        .editMetadata()
                        .withResourceVersion(null)
                        .withUid(null)
                        .endMetadata()
                        .editSpec()
                        .withSuspend(true)
                        .withSelector(null)
                        .editTemplate()
                        .editMetadata()
                        .removeFromLabels("controller-uid")
                        .removeFromLabels("batch.kubernetes.io/controller-uid")
                        .endMetadata()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();

        StageJobResult result = rig.start(stage.spec, saved).await();
        assertThat(result.outcome()).as(rig.text()).isEqualTo(Outcome.JOB_REPLACED);
        assertThat(result.reason()).contains("Another Job has its name now");
        assertThat(rig.job(saved)).as("it is somebody else's").isNotNull();
    }

    @Test
    public void aDeletedPodIsNotRunAgain() throws Exception {
        StageRig.Running stage = rig.start(rig.spec("apply", "apply", "echo ready; sleep 600"));
        rig.untilSaid("[apply] ready");
        rig.client
                .pods()
                .inNamespace(rig.namespace)
                .withName(stage.state.podName)
                .withGracePeriod(1)
                .delete();

        StageJobResult result = stage.await();
        assertThat(result.outcome()).as(rig.text()).isIn(Outcome.DISRUPTED, Outcome.POD_GONE, Outcome.DUPLICATE);
        assertThat(rig.lines("apply", "ready")).hasSize(1);
        assertThat(rig.pods())
                .as("a second Pod never begins")
                .noneMatch(pod -> !pod.getMetadata().getUid().equals(stage.state.podUid) && PodFacts.hasBegun(pod));
    }

    private void quota(String pods) {
        rig.client
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("few")
                        .withNamespace(rig.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("pods", new Quantity(pods)))
                        .endSpec()
                        .build())
                .create();
        rig.until("the quota counts", () -> {
            var quota = rig.client
                    .resourceQuotas()
                    .inNamespace(rig.namespace)
                    .withName("few")
                    .get();
            return quota.getStatus() != null && !quota.getStatus().getHard().isEmpty();
        });
    }
}
