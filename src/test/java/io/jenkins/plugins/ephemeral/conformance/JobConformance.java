package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.junit.Test;

/** Jobs: one Pod, how it ends, and what the Job says about it. */
public class JobConformance extends Conformance {
    private static String job(String name, String spec, String script) {
        return """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                  backoffLimit: 0
                %s
                  template:
                    spec:
                      restartPolicy: Never
                      terminationGracePeriodSeconds: 1
                      containers:
                      - name: main
                        image: busybox:1.35
                        command: [sh, -c, %s]
                """
                .formatted(name, spec.indent(2), "\"" + script.replace("\"", "\\\"") + "\"");
    }

    @Test
    public void exitCodeAndOutputOfAFailingJobAreThere() {
        String ns = namespace();
        createJob(ns, job("three", "", "echo out; echo err >&2; exit 3"));

        until("failed", () -> !condition(job(ns, "three"), "Failed").isEmpty());

        assertThat(condition(job(ns, "three"), "Failed")).isEqualTo("BackoffLimitExceeded");
        assertThat(job(ns, "three").getStatus().getFailed()).isEqualTo(1);
        Pod pod = podOf(ns, "three");
        ContainerStateTerminated end =
                pod.getStatus().getContainerStatuses().get(0).getState().getTerminated();
        assertThat(end.getExitCode()).isEqualTo(3);
        assertThat(end.getReason()).isEqualTo("Error");
        assertThat(pod.getStatus().getPhase()).isEqualTo("Failed");
        assertThat(client.pods()
                        .inNamespace(ns)
                        .withName(pod.getMetadata().getName())
                        .getLog())
                .contains("out\n", "err\n");
    }

    @Test
    public void completeJobHasTimesAndOneSucceededPod() {
        String ns = namespace();
        createJob(ns, job("fine", "", "exit 0"));

        until("complete", () -> !condition(job(ns, "fine"), "Complete").isEmpty());

        Job job = job(ns, "fine");
        assertThat(job.getStatus().getSucceeded()).isEqualTo(1);
        assertThat(job.getStatus().getStartTime()).isNotBlank();
        assertThat(job.getStatus().getCompletionTime()).isNotBlank();
        Pod pod = podOf(ns, "fine");
        assertThat(pod.getMetadata().getLabels())
                .containsEntry("job-name", "fine")
                .containsEntry("controller-uid", job.getMetadata().getUid());
        assertThat(pod.getMetadata().getOwnerReferences().get(0).getUid())
                .isEqualTo(job.getMetadata().getUid());
        assertThat(pod.getMetadata().getName()).startsWith("fine-");
    }

    @Test
    public void failedPodIsReplacedWithinTheBackoffLimit() {
        String ns = namespace();
        createJob(ns, job("again", "backoffLimit: 1", "exit 1").replaceFirst("  backoffLimit: 0\n", ""));

        until("failed", () -> !condition(job(ns, "again"), "Failed").isEmpty());

        assertThat(podsOf(ns, "again")).hasSize(2);
        assertThat(job(ns, "again").getStatus().getFailed()).isEqualTo(2);
    }

    @Test
    public void deletedPodIsReplaced() {
        String ns = namespace();
        createJob(ns, job("replaced", "", "sleep 600").replaceFirst("backoffLimit: 0", "backoffLimit: 3"));
        Pod first = podOf(ns, "replaced");
        until("running", () -> "Running".equals(phase(ns, first.getMetadata().getName())));

        client.pods()
                .inNamespace(ns)
                .withName(first.getMetadata().getName())
                .withGracePeriod(1)
                .delete();

        until("another pod", () -> podsOf(ns, "replaced").stream()
                .anyMatch(p ->
                        !p.getMetadata().getUid().equals(first.getMetadata().getUid())
                                && p.getStatus().getPhase().equals("Running")));
    }

    @Test
    public void deadlineEndsTheJobAndItsPod() {
        String ns = namespace();
        createJob(ns, job("late", "activeDeadlineSeconds: 1", "sleep 600"));

        until("failed", () -> !condition(job(ns, "late"), "Failed").isEmpty());

        assertThat(condition(job(ns, "late"), "Failed")).isEqualTo("DeadlineExceeded");
        until("no pod", () -> podsOf(ns, "late").isEmpty());
    }

    @Test
    public void finishedJobGoesAfterItsTimeToLive() {
        String ns = namespace();
        createJob(ns, job("brief", "ttlSecondsAfterFinished: 1", "exit 0"));

        until("gone", () -> job(ns, "brief") == null);

        until("no pod", () -> podsOf(ns, "brief").isEmpty());
    }

    @Test
    public void deletingAJobInTheBackgroundTakesItsPodAlong() {
        String ns = namespace();
        createJob(ns, job("dropped", "", "trap 'exit 0' TERM; while :; do sleep 0.1; done"));
        Pod pod = podOf(ns, "dropped");
        // one that is deleted while it starts may take minutes (seen on 1.20)
        until("running", () -> "Running".equals(phase(ns, pod.getMetadata().getName())));

        client.batch()
                .v1()
                .jobs()
                .inNamespace(ns)
                .withName("dropped")
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();

        until("no job", () -> job(ns, "dropped") == null);
        until("no pod", () -> pod(ns, pod.getMetadata().getName()) == null);
    }

    @Test
    public void deletingAJobAsOrphanLeavesItsPod() {
        String ns = namespace();
        createJob(ns, job("parent", "", "sleep 600"));
        Pod pod = podOf(ns, "parent");

        client.batch()
                .v1()
                .jobs()
                .inNamespace(ns)
                .withName("parent")
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();

        until("no job", () -> job(ns, "parent") == null);
        Pod left = pod(ns, pod.getMetadata().getName());
        assertThat(left.getMetadata().getDeletionTimestamp()).isNull();
        assertThat(left.getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    public void exceededQuotaIsAnEventOfTheJob() {
        String ns = namespace();
        client.resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("none")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("pods", new Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        until("counted", () -> client.resourceQuotas()
                .inNamespace(ns)
                .withName("none")
                .get()
                .getStatus()
                .getUsed()
                .containsKey("pods"));

        Job job = createJob(ns, job("refused", "", "exit 0"));

        untilEvent(
                ns,
                job.getMetadata().getUid(),
                "FailedCreate",
                "exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0");
        assertThat(podsOf(ns, "refused")).isEmpty();
        assertThat(condition(job(ns, "refused"), "Failed")).isEmpty();
    }

    @Test
    public void missingServiceAccountIsAnEventOfTheJob() {
        String ns = namespace();

        Job job = createJob(
                ns,
                job("nobody", "", "exit 0")
                        .replace("restartPolicy: Never", "restartPolicy: Never\n      serviceAccountName: nobody"));

        untilEvent(ns, job.getMetadata().getUid(), "FailedCreate", "serviceaccount \"nobody\" not found");
    }

    @Test
    public void podWaitsForTheSecretItNeedsToStart() {
        String ns = namespace();
        createJob(
                ns,
                job("gated", "", "echo started").stripTrailing() + "\n        envFrom: [{secretRef: {name: gate}}]\n");
        Pod pod = podOf(ns, "gated");
        until(
                "waits for the secret",
                () -> pod(ns, pod.getMetadata().getName()).getStatus().getContainerStatuses().stream()
                        .anyMatch(c -> c.getState().getWaiting() != null
                                && "CreateContainerConfigError"
                                        .equals(c.getState().getWaiting().getReason())
                                && c.getState().getWaiting().getMessage().contains("secret \"gate\" not found")));

        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("gate")
                        .endMetadata()
                        .withStringData(Map.of("OPEN", "yes"))
                        .build())
                .create();

        until("complete", () -> !condition(job(ns, "gated"), "Complete").isEmpty());
    }

    @Test
    public void templateOfAJobCannotChange() {
        String ns = namespace();
        createJob(ns, job("fixed", "", "exit 0"));

        KubernetesClientException failure = failure(() -> client.batch()
                .v1()
                .jobs()
                .inNamespace(ns)
                .withName("fixed")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":\"OnFailure\"}}}}"));

        assertThat(failure.getCode()).isEqualTo(422);
        assertThat(failure.getStatus().getMessage()).contains("field is immutable");
    }
}
