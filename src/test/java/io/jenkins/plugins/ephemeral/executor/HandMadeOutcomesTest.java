package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.executor.Finding.State;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.Test;

/**
 * Outcomes that Kubernetes 1.20 cannot show, or not on one node: recorded objects, changed by hand after the
 * documentation of the Pod and Job API.
 */
public class HandMadeOutcomesTest {
    private final StageJobSpec spec = new StageJobSpec();

    {
        spec.type = "apply";
    }

    private Finding find(Sight sight) {
        String uid = sight.pods().isEmpty()
                ? null
                : sight.pods().get(0).getMetadata().getUid();
        return Diagnosis.of(spec, uid, sight);
    }

    private static Pod pod(String folder, Consumer<PodBuilder> change) {
        PodBuilder builder = new PodBuilder(Recorded.sight(folder).pod());
        change.accept(builder);
        return builder.build();
    }

    private static Consumer<PodBuilder> disruption(String reason, String message) {
        return pod -> pod.editStatus()
                .addToConditions(new PodConditionBuilder()
                        .withType("DisruptionTarget")
                        .withStatus("True")
                        .withReason(reason)
                        .withMessage(message)
                        .build())
                .endStatus();
    }

    private static Sight sight(String folder, Pod... pods) {
        return Recorded.withPods(Recorded.sight(folder), List.of(pods));
    }

    private static Sight failedBySignal(String reason, String message) {
        Pod pod = pod("killed-from-inside", disruption(reason, message));
        return sight("killed-from-inside", pod);
    }

    @Test
    public void disruptions() {
        assertThat(find(failedBySignal("PreemptionByScheduler", "default-scheduler: preempting"))
                        .outcome())
                .isEqualTo(Outcome.PREEMPTED);
        assertThat(find(failedBySignal("TerminationByKubelet", "The node was low on resource: memory"))
                        .outcome())
                .isEqualTo(Outcome.EVICTED);
        assertThat(find(failedBySignal("DeletionByPodGC", "PodGC: node no longer exists"))
                        .outcome())
                .isEqualTo(Outcome.NODE_LOST);
        for (String reason : List.of("EvictionByEvictionAPI", "DeletionByTaintManager")) {
            Finding finding = find(failedBySignal(reason, "Eviction API: evicting"));
            assertThat(finding.outcome()).isEqualTo(Outcome.DISRUPTED);
            assertThat(finding.reason()).contains(reason).contains("Eviction API: evicting.");
        }
    }

    @Test
    public void aStageThatEndsWellInItsGraceIsWell() {
        Pod pod = pod("succeeded", disruption("EvictionByEvictionAPI", "Eviction API: evicting"));
        assertThat(find(sight("succeeded", pod)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    public void aNodeThatDoesNotAnswer() {
        Finding waiting = find(Recorded.sight("node-silent"));
        assertThat(waiting.state()).isEqualTo(State.RUNNING);
        assertThat(waiting.progress()).contains("its node does not answer");

        Pod unknown = pod("killed-from-inside", pod -> pod.editStatus()
                .editContainerStatus(0)
                .editState()
                .editTerminated()
                .withReason("ContainerStatusUnknown")
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus());
        assertThat(find(sight("killed-from-inside", unknown)).outcome()).isEqualTo(Outcome.NODE_LOST);
    }

    @Test
    public void aNodeThatShutsDownOrRefuses() {
        assertThat(find(sight(
                                "exit-3",
                                failed("NodeShutdown", "Pod was terminated in response to imminent node shutdown.")))
                        .outcome())
                .isEqualTo(Outcome.DISRUPTED);
        Finding refused = find(sight("exit-3", failed("OutOfcpu", "Node didn't have enough resource: cpu")));
        assertThat(refused.outcome()).isEqualTo(Outcome.POD_REFUSED);
        assertThat(refused.reason()).contains("OutOfcpu");
    }

    private static Pod failed(String reason, String message) {
        return pod("exit-3", pod -> pod.editStatus()
                .withReason(reason)
                .withMessage(message)
                .withContainerStatuses(List.of())
                .endStatus());
    }

    @Test
    public void aDeletedPodThatWasKilled() {
        Pod pod = pod("killed-from-inside", p -> p.editMetadata()
                .withDeletionTimestamp("2026-01-02T03:04:05Z")
                .endMetadata());
        Finding finding = find(sight("killed-from-inside", pod));
        assertThat(finding.outcome()).isEqualTo(Outcome.DISRUPTED);
        assertThat(finding.reason()).contains("did not stop in time and was killed");
    }

    @Test
    public void aPodThatWasStoppedWithItsJob() {
        Pod pod = pod("killed-from-inside", p -> p.editMetadata()
                .withDeletionTimestamp("2026-01-02T03:04:05Z")
                .endMetadata());
        Finding deleted = find(Recorded.withoutJob(sight("killed-from-inside", pod)));
        assertThat(deleted.outcome()).isEqualTo(Outcome.JOB_DELETED);
        assertThat(deleted.exitCode()).isEqualTo(137);
        assertThat(deleted.reason()).contains("Somebody deleted its Job while it ran", "was killed");
        Finding replaced = find(new Sight(null, "other", List.of(pod), List.of()));
        assertThat(replaced.outcome()).isEqualTo(Outcome.JOB_REPLACED);
    }

    @Test
    public void aProgramThatTalksOfTooLongArgumentsRan() {
        for (String log : List.of(
                "sh: git: Argument list too long",
                "begin\nexec /bin/sh: argument list too long",
                "xargs: argument list too long")) {
            assertThat(find(sight("argument-too-long", told(log, "2026-11-20T13:20:09Z", 1)))
                            .outcome())
                    .as(log)
                    .isEqualTo(Outcome.FAILED);
        }
        String real = "exec /bin/sh: argument list too long\n";
        assertThat(find(sight("argument-too-long", told(real, "2026-11-20T13:20:09Z", 1)))
                        .outcome())
                .isEqualTo(Outcome.CONTAINER_START);
        assertThat(find(sight("argument-too-long", told(real, "2026-11-20T13:19:59Z", 1)))
                        .outcome())
                .as("it ran for ten seconds")
                .isEqualTo(Outcome.FAILED);
        assertThat(find(sight("argument-too-long", told(real, "2026-11-20T13:20:09Z", 126)))
                        .outcome())
                .as("the exit code of a shell")
                .isEqualTo(Outcome.FAILED);
    }

    private static Pod told(String log, String startedAt, int exitCode) {
        return pod("argument-too-long", pod -> pod.editStatus()
                .editContainerStatus(0)
                .editState()
                .editTerminated()
                .withMessage(log)
                .withStartedAt(startedAt)
                .withExitCode(exitCode)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus());
    }

    @Test
    public void policiesAreFatalAndWebhooksAreNot() {
        assertThat(refused("pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true"))
                .satisfies(f -> assertThat(f.state()).isEqualTo(State.HOPELESS))
                .satisfies(f -> assertThat(f.outcome()).isEqualTo(Outcome.POD_SECURITY))
                .satisfies(f -> assertThat(f.reason()).contains("violates PodSecurity"));
        assertThat(refused("admission webhook \"policy.example.com\" denied the request: no latest tags"))
                .satisfies(f -> assertThat(f.state()).isEqualTo(State.HOPELESS))
                .satisfies(f -> assertThat(f.outcome()).isEqualTo(Outcome.ADMISSION))
                .satisfies(f -> assertThat(f.reason()).contains("policy.example.com", "no latest tags"));
        assertThat(refused("ValidatingAdmissionPolicy 'tags' with binding 'tags' denied request: no latest tags")
                        .outcome())
                .isEqualTo(Outcome.ADMISSION);
        assertThat(refused("Internal error occurred: failed calling webhook \"policy.example.com\": connection refused")
                        .state())
                .isEqualTo(State.STARTING);
        assertThat(refused("something new").state()).isEqualTo(State.STARTING);
    }

    @Test
    public void whatRefusesTheJobItselfIsToldApart() {
        assertThat(means(answer(403, "jobs.batch \"x\" is forbidden: exceeded quota: jobs, used: 1, limited: 1")))
                .satisfies(f -> assertThat(f.outcome()).isEqualTo(Outcome.QUOTA))
                .satisfies(f -> assertThat(f.state()).isEqualTo(State.STARTING));
        assertThat(means(answer(400, "admission webhook \"policy.example.com\" denied the request: no"))
                        .outcome())
                .isEqualTo(Outcome.ADMISSION);
        assertThat(means(
                                answer(
                                        403,
                                        "jobs.batch is forbidden: User \"jenkins\" cannot create resource \"jobs\" in API group \"batch\" in the namespace \"a\""))
                        .outcome())
                .isEqualTo(Outcome.FORBIDDEN);
        assertThat(means(answer(401, "Unauthorized")).outcome()).isEqualTo(Outcome.FORBIDDEN);
        LostFault lost = new LostFault("creating Job", "a/x", "it is being terminated", "");
        assertThat(PodRefusal.of(lost, () -> "is being deleted").outcome()).isEqualTo(Outcome.NAMESPACE_GONE);
        assertThat(PodRefusal.of(lost, () -> null).outcome())
                .as("the namespace is there")
                .isEqualTo(Outcome.LOST);
        assertThat(means(new UserFault("creating Job", "a/x", "there is one of that name", "")))
                .as("our own refusals stay faults")
                .isNull();
        assertThat(means(answer(422, "Job.batch \"x\" is invalid: spec.template: Required value")))
                .as("so does what is wrong with the Job itself")
                .isNull();
    }

    private static Finding means(Fault fault) {
        return PodRefusal.of(fault, () -> {
            throw new AssertionError("the namespace has nothing to do with it");
        });
    }

    private static UserFault answer(int code, String message) {
        Status status = new StatusBuilder().withCode(code).withMessage(message).build();
        return new UserFault("creating Job", "a/x", message, "", new KubernetesClientException(message, code, status));
    }

    private Finding refused(String message) {
        Sight quota = Recorded.sight("quota");
        Event event = new EventBuilder(quota.events().get(0))
                .withReason("FailedCreate")
                .withMessage("Error creating: " + message)
                .build();
        return find(quota.with(List.of(event)));
    }

    @Test
    public void aJobThatIsGoneIsLost() {
        Finding gone = Diagnosis.of(spec, null, new Sight(null, null, List.of(), List.of()));
        assertThat(gone.outcome()).isEqualTo(Outcome.JOB_DELETED);
        assertThat(gone.reason()).contains("somebody deleted it").contains("ttlSecondsAfterFinished");
        Finding another = Diagnosis.of(spec, "u", new Sight(null, "other", List.of(), List.of()));
        assertThat(another.outcome()).isEqualTo(Outcome.JOB_REPLACED);
        assertThat(another.reason()).contains("Another Job has its name now (UID other)");
    }

    @Test
    public void aPodThatOutlivesItsJobSaysHowItEnded() {
        assertThat(find(Recorded.withoutJob(Recorded.sight("exit-3"))).outcome())
                .isEqualTo(Outcome.FAILED);
        assertThat(find(Recorded.withoutJob(Recorded.sight("succeeded"))).outcome())
                .isEqualTo(Outcome.SUCCEEDED);
        assertThat(find(Recorded.withoutJob(Recorded.sight("running"))).state()).isEqualTo(State.RUNNING);
    }

    @Test
    public void aJobWithoutItsPod() {
        Finding complete = find(sight("succeeded"));
        assertThat(complete.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(complete.reason()).contains("its Pod was removed");
        spec.type = "plan";
        assertThat(find(sight("succeeded")).outcome()).isEqualTo(Outcome.NO_CHANGES);
        assertThat(find(sight("exit-2")).outcome())
                .as("nobody knows whether it was 1 or 2")
                .isEqualTo(Outcome.POD_GONE);
    }

    @Test
    public void aJobWithoutItsPodSaysWhatAPolicyDid() {
        Finding finding = find(sight("newer/failure-policy"));
        assertThat(finding.outcome()).isEqualTo(Outcome.POD_GONE);
        assertThat(finding.reason()).contains("PodFailurePolicy", "failed with exit code 42 matching FailJob rule");
    }

    @Test
    public void anotherJobOfThatNameIsNotOurs() {
        Sight now = Recorded.sight("recreated");
        String other = now.job().getMetadata().getUid();
        Pod first = now.pods().get(0);
        assertThat(first.getMetadata().getOwnerReferences())
                .as("its Job was deleted, and it was left")
                .isEmpty();

        Finding finding =
                Diagnosis.of(spec, first.getMetadata().getUid(), new Sight(null, other, List.of(), List.of()));
        assertThat(finding.outcome()).isEqualTo(Outcome.JOB_REPLACED);
        assertThat(finding.reason()).contains("Another Job has its name now (UID " + other + ")");
    }

    @Test
    public void aPodThatSomebodyDeletes() {
        Finding finding = find(sight("deleted", Recorded.sight("deleted").pods().get(0)));
        assertThat(finding.state()).isEqualTo(State.STOPPING);
        assertThat(finding.outcome()).isEqualTo(Outcome.DISRUPTED);
    }

    @Test
    public void aPodThatItsJobsDeadlineStopsBeforeTheJobSaysSo() {
        Pod going = new PodBuilder(Recorded.sight("deleted").pods().get(0))
                .editMetadata()
                .withDeletionTimestamp("2026-01-02T03:04:35Z")
                .withDeletionGracePeriodSeconds(30L)
                .endMetadata()
                .build();
        for (long seconds : new long[] {5, 6}) {
            Job job = new JobBuilder(Recorded.sight("running").job())
                    .editSpec()
                    .withActiveDeadlineSeconds(seconds)
                    .endSpec()
                    .editStatus()
                    .withStartTime("2026-01-02T03:04:00Z")
                    .endStatus()
                    .build();
            assertThat(find(new Sight(job, null, List.of(going), List.of())).outcome())
                    .isEqualTo(seconds == 5 ? Outcome.DEADLINE : Outcome.DISRUPTED);
        }
    }

    @Test
    public void aPodThatItsJobsDeadlineStops() {
        for (String type : List.of("Failed", "FailureTarget")) {
            Job job = new JobBuilder(Recorded.sight("running").job())
                    .editStatus()
                    .addNewCondition()
                    .withType(type)
                    .withStatus("True")
                    .withReason("DeadlineExceeded")
                    .endCondition()
                    .endStatus()
                    .build();
            Pod going = Recorded.sight("deleted").pods().get(0);
            Finding finding = find(new Sight(job, null, List.of(going), List.of()));
            assertThat(finding.state()).isEqualTo(State.STOPPING);
            assertThat(finding.outcome()).isEqualTo(Outcome.DEADLINE);

            Pod killed = pod("killed-from-inside", p -> p.editMetadata()
                    .withDeletionTimestamp("2026-01-02T03:04:05Z")
                    .endMetadata());
            assertThat(find(new Sight(job, null, List.of(killed), List.of())).outcome())
                    .isEqualTo(Outcome.DEADLINE);
        }
    }

    @Test
    public void aPodThatVanishedWhileItRan() {
        Finding finding = Diagnosis.of(spec, "first", sight("running"));
        assertThat(finding.state()).isEqualTo(State.STOPPING);
        assertThat(finding.outcome()).isEqualTo(Outcome.POD_GONE);
        assertThat(finding.outcome().isInfrastructureLoss()).isTrue();
    }

    @Test
    public void podAndJobThatContradictEachOtherAreNoSuccess() {
        Job failed = new JobBuilder(Recorded.sight("exit-3").job()).build();
        Sight sight = new Sight(failed, null, Recorded.sight("succeeded").pods(), List.of());
        assertThat(find(sight).outcome()).isEqualTo(Outcome.LOST);
    }

    @Test
    public void twoPodsThatRan() {
        Pod second = pod(
                "running",
                pod -> pod.editMetadata().withUid("second").withName("second").endMetadata());
        Finding both = find(sight("running", Recorded.sight("running").pod(), second));
        assertThat(both.state()).isEqualTo(State.STOPPING);
        assertThat(both.outcome()).isEqualTo(Outcome.DUPLICATE);

        Pod waiting = pod("running", pod -> pod.editMetadata()
                .withUid("second")
                .endMetadata()
                .editStatus()
                .editContainerStatus(0)
                .withState(new ContainerStateBuilder()
                        .withNewWaiting(null, "CreateContainerConfigError")
                        .build())
                .endContainerStatus()
                .endStatus());
        Finding one = find(sight("running", Recorded.sight("running").pod(), waiting));
        assertThat(one.state()).as("the second never began").isEqualTo(State.STOPPING);
        assertThat(one.outcome()).isEqualTo(Outcome.DISRUPTED);

        Finding ended = find(sight("exit-3", Recorded.sight("exit-3").pod(), waiting));
        assertThat(ended.state()).isEqualTo(State.OVER);
        assertThat(ended.outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    public void theSecondPodRanToItsEndWhileNobodyLooked() {
        Finding finding = Diagnosis.of(spec, "first", Recorded.sight("succeeded"));
        assertThat(finding.outcome()).isEqualTo(Outcome.DUPLICATE);
        assertThat(finding.outcome().verdict()).isNotEqualTo(Outcome.SUCCEEDED.verdict());
    }

    @Test
    public void retriesAreKubernetesOwnAffair() {
        spec.type = "custom";
        spec.backoffLimit = 2;
        Job going = new JobBuilder(Recorded.sight("running").job()).build();
        Pod failed = Recorded.sight("exit-3").pod();
        Sight between = new Sight(going, null, List.of(failed), List.of());
        assertThat(find(between).state()).as("another Pod will come").isNotEqualTo(State.OVER);

        List<Pod> pods =
                new ArrayList<>(List.of(failed, Recorded.sight("running").pod()));
        assertThat(find(new Sight(going, null, pods, List.of())).state()).isEqualTo(State.RUNNING);
        assertThat(find(Recorded.sight("exit-3")).outcome())
                .as("the Job gave up")
                .isEqualTo(Outcome.FAILED);
        spec.type = "plan";
        Sight changes = new Sight(going, null, Recorded.sight("exit-2").pods(), List.of());
        assertThat(find(changes).outcome()).as("nothing to retry").isEqualTo(Outcome.CHANGES);
    }

    @Test
    public void aSuspendedJobWaits() {
        Job job = new JobBuilder(Recorded.sight("quota").job())
                .editSpec()
                .withSuspend(true)
                .endSpec()
                .build();
        Finding finding = find(new Sight(job, null, List.of(), List.of()));
        assertThat(finding.state()).isEqualTo(State.STARTING);
        assertThat(finding.progress()).contains("suspended");
    }
}
