package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;

/** Pods: what their containers get, how they end, and what keeps them from starting. */
public class PodConformance extends Conformance {
    private Pod create(String ns, String text) {
        return client.pods().inNamespace(ns).resource(yaml(text, Pod.class)).create();
    }

    private Optional<ContainerStatus> container(String ns, String pod, String name) {
        Pod found = pod(ns, pod);
        return found == null
                ? Optional.empty()
                : found.getStatus().getContainerStatuses().stream()
                        .filter(c -> c.getName().equals(name))
                        .findFirst();
    }

    private String waiting(String ns, String pod) {
        return container(ns, pod, "main")
                .map(ContainerStatus::getState)
                .map(ContainerState::getWaiting)
                .map(w -> w.getReason())
                .orElse("");
    }

    private String logOf(String ns, String pod) {
        return client.pods().inNamespace(ns).withName(pod).getLog();
    }

    @Test
    public void environmentComesFromWhereItIsSaid() {
        String ns = namespace();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("credentials")
                        .endMetadata()
                        .withStringData(Map.of("user", "me"))
                        .build())
                .create();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("settings")
                        .endMetadata()
                        .withData(Map.of("COLOUR", "red"))
                        .build())
                .create();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: told, labels: {kind: test}}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: main
                    image: busybox:1.35
                    command: [sh, -c, 'echo "$PLAIN $REFERRED $USER_NAME $COLOUR $POD $LABEL $(PLAIN) $1"', sh]
                    args: ["$(PLAIN)-arg"]
                    envFrom: [{configMapRef: {name: settings}}]
                    env:
                    - {name: PLAIN, value: plain}
                    - {name: REFERRED, value: "<$(PLAIN)>"}
                    - {name: USER_NAME, valueFrom: {secretKeyRef: {name: credentials, key: user}}}
                    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['kind']"}}}
                """);

        until("ended", () -> "Succeeded".equals(phase(ns, "told")));

        assertThat(logOf(ns, "told")).isEqualTo("plain <plain> me red told test plain plain-arg\n");
    }

    @Test
    public void volumesAreSharedAndFilled() {
        String ns = namespace();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(ns)
                        .withName("files")
                        .endMetadata()
                        .withStringData(Map.of("key", "secret content", "other", "unused"))
                        .build())
                .create();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: mounted}
                spec:
                  restartPolicy: Never
                  volumes:
                  - {name: work, emptyDir: {}}
                  - {name: files, secret: {secretName: files, items: [{key: key, path: renamed}]}}
                  initContainers:
                  - name: first
                    image: busybox:1.35
                    command: [sh, -c, "echo from init > /handed/shared"]
                    volumeMounts: [{name: work, mountPath: /handed}]
                  containers:
                  - name: main
                    image: busybox:1.35
                    command: [sh, -c, "cat /handed/shared /etc/files/renamed; ls /etc/files"]
                    volumeMounts: [{name: work, mountPath: /handed}, {name: files, mountPath: /etc/files}]
                """);

        until("ended", () -> "Succeeded".equals(phase(ns, "mounted")));

        assertThat(logOf(ns, "mounted")).isEqualTo("from init\nsecret contentrenamed\n");
    }

    @Test
    public void failingInitContainerFailsThePod() {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: unprepared}
                spec:
                  restartPolicy: Never
                  initContainers: [{name: first, image: "busybox:1.35", command: [sh, -c, "exit 7"]}]
                  containers: [{name: main, image: "busybox:1.35", command: [sh, -c, "echo never"]}]
                """);

        until("failed", () -> "Failed".equals(phase(ns, "unprepared")));

        assertThat(pod(ns, "unprepared")
                        .getStatus()
                        .getInitContainerStatuses()
                        .get(0)
                        .getState()
                        .getTerminated()
                        .getExitCode())
                .isEqualTo(7);
        assertThat(container(ns, "unprepared", "main").orElseThrow().getState().getTerminated())
                .isNull();
    }

    @Test
    public void terminationMessageIsInTheStatus() {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: speaks}
                spec:
                  restartPolicy: Never
                  containers: [{name: main, image: "busybox:1.35", command: [sh, -c, "echo -n done > /dev/termination-log; exit 2"]}]
                """);

        until("failed", () -> "Failed".equals(phase(ns, "speaks")));

        ContainerState state = container(ns, "speaks", "main").orElseThrow().getState();
        assertThat(state.getTerminated().getMessage()).isEqualTo("done");
        assertThat(state.getTerminated().getExitCode()).isEqualTo(2);
        assertThat(state.getTerminated().getFinishedAt()).isNotBlank();
    }

    @Test
    public void imageThatCannotBePulledIsAWaitingStateAndAnEvent() {
        String ns = namespace();
        Pod pod = create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: imageless}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: main, image: "example.invalid/does-not-exist:1"}]
                """);

        until("cannot pull", () -> List.of("ErrImagePull", "ImagePullBackOff").contains(waiting(ns, "imageless")));
        until("backs off", () -> "ImagePullBackOff".equals(waiting(ns, "imageless")));

        assertThat(phase(ns, "imageless")).isEqualTo("Pending");
        untilEvent(
                ns, pod.getMetadata().getUid(), "Failed", "Failed to pull image \"example.invalid/does-not-exist:1\"");
    }

    @Test
    public void programThatIsMissingEndsTheContainer() {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: programless}
                spec:
                  restartPolicy: Never
                  containers: [{name: main, image: "busybox:1.35", command: [no-such-program]}]
                """);

        until("failed", () -> "Failed".equals(phase(ns, "programless")));

        ContainerState state =
                container(ns, "programless", "main").orElseThrow().getState();
        assertThat(state.getTerminated().getReason()).isIn("StartError", "ContainerCannotRun");
        assertThat(state.getTerminated().getExitCode()).isEqualTo(128);
        assertThat(state.getTerminated().getMessage()).contains("no-such-program");
    }

    @Test
    public void deletedPodGetsATermSignalAndItsGrace() throws IOException {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: tidy}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 20
                  containers:
                  - name: main
                    image: busybox:1.35
                    command: [sh, -c, "trap 'echo tidied; sleep 1; exit 0' TERM; echo ready; while :; do sleep 0.1; done"]
                """);
        until(
                "ready",
                () -> "Running".equals(phase(ns, "tidy")) && logOf(ns, "tidy").contains("ready"));
        try (LogWatch log = client.pods().inNamespace(ns).withName("tidy").watchLog()) {
            client.pods().inNamespace(ns).withName("tidy").delete();

            assertThat(pod(ns, "tidy").getMetadata().getDeletionTimestamp()).isNotBlank();
            assertThat(new String(log.getOutput().readAllBytes(), StandardCharsets.UTF_8))
                    // the node may add a line of its own when the container is gone before its log was read
                    .startsWith("ready\ntidied\n");
        }
        until("gone", () -> pod(ns, "tidy") == null);
    }

    @Test
    public void podThatIgnoresTheSignalIsKilledAfterItsGrace() {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: stubborn}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: main, image: "busybox:1.35", command: [sh, -c, "trap '' TERM; while :; do sleep 0.1; done"]}
                """);
        until("running", () -> "Running".equals(phase(ns, "stubborn")));

        client.pods().inNamespace(ns).withName("stubborn").delete();

        until("gone", () -> pod(ns, "stubborn") == null);
    }

    @Test
    public void crashingContainerIsRestarted() {
        String ns = namespace();
        create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: crashes}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: main, image: "busybox:1.35", command: [sh, -c, "echo crash; exit 1"]}]
                """);

        until("restarted", () -> container(ns, "crashes", "main")
                .filter(c -> c.getRestartCount() > 0)
                .isPresent());
        until("backs off", () -> "CrashLoopBackOff".equals(waiting(ns, "crashes")));

        assertThat(container(ns, "crashes", "main")
                        .orElseThrow()
                        .getLastState()
                        .getTerminated()
                        .getExitCode())
                .isEqualTo(1);
    }

    @Test
    public void podThatFitsNowhereSaysSo() {
        String ns = namespace();
        Pod pod = create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: homeless}
                spec:
                  nodeSelector: {example.com/none: such}
                  containers: [{name: main, image: "busybox:1.35", command: ["true"]}]
                """);

        untilEvent(ns, pod.getMetadata().getUid(), "FailedScheduling", "0/1 nodes are available");
        until("condition", () -> pod(ns, "homeless").getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("PodScheduled") && "Unschedulable".equals(c.getReason())));
    }

    @Test
    public void limitRangeFillsInWhatAQuotaDemands() {
        String ns = namespace();
        client.resource(generic(
                        """
                        apiVersion: v1
                        kind: LimitRange
                        metadata: {name: defaults, namespace: %s}
                        spec: {limits: [{type: Container, default: {memory: 64Mi}, defaultRequest: {memory: 32Mi}}]}
                        """
                                .formatted(ns)))
                .create();

        Pod pod = create(
                ns,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: modest}
                spec:
                  restartPolicy: Never
                  containers: [{name: main, image: "busybox:1.35", command: ["true"]}]
                """);

        assertThat(pod.getSpec()
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getLimits()
                        .get("memory"))
                .hasToString("64Mi");
        assertThat(pod.getSpec()
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getRequests()
                        .get("memory"))
                .hasToString("32Mi");
    }

    @Test
    public void deploymentBecomesAvailable() {
        String ns = namespace();
        Deployment deployment = yaml(
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: server}
                spec:
                  selector: {matchLabels: {app: server}}
                  template:
                    metadata: {labels: {app: server}}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers:
                      - name: main
                        image: busybox:1.35
                        command: [sh, -c, "sleep 1; echo > /tmp/ready; while :; do sleep 0.1; done"]
                        readinessProbe: {exec: {command: [sh, -c, "test -e /tmp/ready"]}, periodSeconds: 1}
                        volumeMounts: [{name: tmp, mountPath: /tmp}]
                      volumes: [{name: tmp, emptyDir: {}}]
                """,
                Deployment.class);

        client.apps().deployments().inNamespace(ns).resource(deployment).create();

        until("available", () -> available(ns, "server"));
        List<Pod> pods =
                client.pods().inNamespace(ns).withLabel("app", "server").list().getItems();
        assertThat(pods).hasSize(1);
        assertThat(pods.get(0).getStatus().getConditions())
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    private boolean available(String ns, String name) {
        Deployment found =
                client.apps().deployments().inNamespace(ns).withName(name).get();
        return found.getStatus() != null
                && found.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Available") && c.getStatus().equals("True"));
    }
}
