package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.executor.Finding.State;
import java.util.Arrays;
import java.util.Collection;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** The table of outcomes, from objects as a real API server sent them, or as newer ones are known to. */
@RunWith(Parameterized.class)
public class RecordedOutcomesTest {
    private static Object[] row(
            String folder, String type, State state, Outcome outcome, Integer exitCode, String... says) {
        return new Object[] {folder, type, state, outcome, exitCode, says};
    }

    @Parameters(name = "{0} of {1}: {3}")
    public static Collection<Object[]> table() {
        return Arrays.asList(
                row("succeeded", "custom", State.OVER, Outcome.SUCCEEDED, 0),
                row("succeeded", "plan", State.OVER, Outcome.NO_CHANGES, 0),
                row("exit-2", "plan", State.OVER, Outcome.CHANGES, 2),
                row("exit-2", "apply", State.OVER, Outcome.FAILED, 2, "exit code 2"),
                row("exit-3", "custom", State.OVER, Outcome.FAILED, 3, "exit code 3: see its log"),
                row("exit-127", "custom", State.OVER, Outcome.FAILED, 127, "a command was not found"),
                row("killed-from-inside", "custom", State.OVER, Outcome.FAILED, 137, "SIGKILL"),
                row("oom-killed", "custom", State.OVER, Outcome.OOM_KILLED, 137, "limit of 16Mi", "Raise memory"),
                row("init-failed", "plan", State.OVER, Outcome.FAILED, 5, "Init container fetch failed"),
                row("start-error", "custom", State.OVER, Outcome.CONTAINER_START, 128, "/no/such/program", "command"),
                row("argument-too-long", "plan", State.OVER, Outcome.CONTAINER_START, 1, "too long"),
                row("deadline", "apply", State.OVER, Outcome.DEADLINE, null, "activeDeadlineSeconds"),
                row("deadline-pod", "apply", State.OVER, Outcome.DEADLINE, null, "activeDeadlineSeconds"),
                row("evicted", "apply", State.OVER, Outcome.EVICTED, null, "exceeds the limit", "resources"),
                row("running", "custom", State.RUNNING, null, null),
                row("image-pull", "custom", State.STARTING, Outcome.IMAGE_PULL, null, "registry.invalid"),
                row(
                        "image-pull-backoff",
                        "custom",
                        State.STARTING,
                        Outcome.IMAGE_PULL,
                        null,
                        "registry.invalid/does-not-exist:1 could not be pulled",
                        "failed to pull and unpack image",
                        "imagePullSecrets"),
                row("image-name", "custom", State.HOPELESS, Outcome.IMAGE_PULL, null, "InvalidImageName", "lowercase"),
                row("image-never", "custom", State.HOPELESS, Outcome.IMAGE_PULL, null, "ErrImageNeverPull"),
                row("unschedulable", "custom", State.STARTING, Outcome.UNSCHEDULABLE, null, "Insufficient memory"),
                row("quota", "custom", State.STARTING, Outcome.QUOTA, null, "exceeded quota: none", "Raise"),
                row("quota-unsaid", "custom", State.HOPELESS, Outcome.QUOTA, null, "must specify limits.memory"),
                row(
                        "service-account",
                        "custom",
                        State.HOPELESS,
                        Outcome.SERVICE_ACCOUNT,
                        null,
                        "nobody",
                        "serviceAccount"),
                row(
                        "missing-secret",
                        "custom",
                        State.STARTING,
                        Outcome.CONTAINER_CONFIG,
                        null,
                        "CreateContainerConfigError",
                        "secret \"not-there\" not found"),
                row(
                        "missing-volume",
                        "custom",
                        State.STARTING,
                        Outcome.CONTAINER_CONFIG,
                        null,
                        "FailedMount",
                        "configmap \"not-there\" not found"),
                row("deleted", "apply", State.STOPPING, Outcome.DUPLICATE, null, "ran it more than once"),
                row("preempted", "apply", State.STOPPING, Outcome.PREEMPTED, null, "higher priority"),
                row("tainted", "apply", State.STOPPING, Outcome.DISRUPTED, null, "Its node was tainted", "Marking"),
                row("node-lost", "apply", State.STOPPING, Outcome.NODE_LOST, null, "127.0.0.1 does not answer"),
                row("node-silent", "apply", State.RUNNING, null, null),
                row(
                        "backoff-limit",
                        "apply",
                        State.OVER,
                        Outcome.POD_GONE,
                        null,
                        "BackoffLimitExceeded",
                        "its Pod is gone"),
                row("job-deleted", "apply", State.RUNNING, null, null),
                row("webhook-denied", "apply", State.HOPELESS, Outcome.ADMISSION, null, "images need a digest"),
                row(
                        "webhook-silent",
                        "apply",
                        State.STARTING,
                        Outcome.ADMISSION,
                        null,
                        "connection refused",
                        "webhook that does not answer"),
                row("limit-range", "apply", State.HOPELESS, Outcome.POD_REFUSED, null, "maximum memory usage"),
                row("priority-class", "apply", State.HOPELESS, Outcome.POD_REFUSED, null, "no PriorityClass"),
                row("container-error", "apply", State.STARTING, Outcome.CONTAINER_START, null, "seccomp profile"),
                row(
                        "run-as-root",
                        "apply",
                        State.STARTING,
                        Outcome.CONTAINER_CONFIG,
                        null,
                        "image will run as root",
                        "Take an image that does not run as root"),
                row("out-of-cpu", "apply", State.OVER, Outcome.POD_REFUSED, null, "OutOfcpu", "resource: cpu"),
                row("node-affinity", "apply", State.OVER, Outcome.POD_REFUSED, null, "NodeAffinity"),
                row("newer/pressure", "apply", State.OVER, Outcome.EVICTED, 137, "low on resource: ephemeral"),
                row("newer/pressure-unknown", "apply", State.OVER, Outcome.EVICTED, 137, "Threshold quantity"),
                row("newer/container-unknown", "apply", State.OVER, Outcome.NODE_LOST, 137, "does not answer"),
                row("newer/preempted-1.26", "apply", State.STOPPING, Outcome.PREEMPTED, null, "higher priority"),
                row("newer/preempted", "apply", State.STOPPING, Outcome.PREEMPTED, null, "higher priority"),
                row("newer/preempted-by-kubelet", "apply", State.OVER, Outcome.PREEMPTED, 137, "critical pod"),
                row("newer/tainted", "apply", State.STOPPING, Outcome.DISRUPTED, null, "NoExecute taint"),
                row("newer/drained", "apply", State.STOPPING, Outcome.DISRUPTED, null, "EvictionByEvictionAPI"),
                row("newer/node-gone", "apply", State.OVER, Outcome.NODE_LOST, null, "node no longer exists"),
                row("newer/node-shutdown", "apply", State.OVER, Outcome.DISRUPTED, 137, "Its node was shut down"),
                row("newer/node-shutting-down", "apply", State.OVER, Outcome.DISRUPTED, null, "was rejected as node"),
                row(
                        "newer/pod-security",
                        "apply",
                        State.HOPELESS,
                        Outcome.POD_SECURITY,
                        null,
                        "must set securityContext.runAsNonRoot=true",
                        "podSecurity"),
                row("newer/admission-policy", "apply", State.HOPELESS, Outcome.ADMISSION, null, "demo-policy"),
                row("newer/failure-policy", "apply", State.OVER, Outcome.FAILED, 3, "exit code 3"),
                row("newer/replacement-waits", "apply", State.STOPPING, Outcome.DISRUPTED, null, "deleted its Pod"),
                row("newer/suspended", "apply", State.STARTING, Outcome.POD_REFUSED, null, "suspended the Job"));
    }

    private final String folder;
    private final String type;
    private final State state;
    private final Outcome outcome;
    private final Integer exitCode;
    private final String[] says;

    public RecordedOutcomesTest(
            String folder, String type, State state, Outcome outcome, Integer exitCode, String[] says) {
        this.folder = folder;
        this.type = type;
        this.state = state;
        this.outcome = outcome;
        this.exitCode = exitCode;
        this.says = says;
    }

    @Test
    public void isToldApart() {
        StageJobSpec spec = new StageJobSpec();
        spec.type = type;
        Sight sight = Recorded.sight(folder);
        String podUid = sight.pods().isEmpty()
                ? null
                : sight.pods().get(0).getMetadata().getUid();
        Finding finding = Diagnosis.of(spec, podUid, sight);

        assertThat(finding.state()).as(finding.toString()).isEqualTo(state);
        assertThat(finding.outcome()).as(finding.toString()).isEqualTo(outcome);
        assertThat(finding.exitCode()).as(finding.toString()).isEqualTo(exitCode);
        for (String text : says) {
            assertThat(finding.reason()).containsIgnoringCase(text);
        }
        if (folder.equals("node-silent")) {
            assertThat(finding.progress()).isEqualTo("its node does not answer");
        }
        if (state == State.STARTING || state == State.HOPELESS) {
            assertThat(finding.progress()).as("the console says why it waits").startsWith("waiting because");
        }
    }
}
