package io.jenkins.plugins.ephemeral.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Why a workload is not available, from its conditions, its Pods, and at the end what they logged last. */
final class WorkloadDiagnosis {
    private static final int LOG_LINES = 5;
    private static final int LONGEST = 300;

    /** Reasons that do not go away by waiting. */
    private static final Set<String> HOPELESS = Set.of("InvalidImageName", "ErrImageNeverPull");

    private final Set<String> findings = new LinkedHashSet<>();
    private boolean hopeless;

    private WorkloadDiagnosis() {}

    /** @param closely whether it is the last look, at which logs are read too */
    static WorkloadDiagnosis of(Cluster cluster, NamespaceRef environment, JsonNode workload, boolean closely) {
        WorkloadDiagnosis diagnosis = new WorkloadDiagnosis();
        diagnosis.conditions(workload.at("/status/conditions"));
        Map<String, String> selector = new LinkedHashMap<>();
        workload.at("/spec/selector/matchLabels")
                .properties()
                .forEach(label -> selector.put(label.getKey(), label.getValue().asText()));
        if (!selector.isEmpty()) {
            for (Pod pod : cluster.list(Pod.class, environment.namespace(), selector)) {
                diagnosis.pod(cluster, pod, closely);
            }
        }
        return diagnosis;
    }

    /** Whether waiting longer would change nothing. */
    boolean isHopeless() {
        return hopeless;
    }

    /** What was found, without a full stop; empty if nothing. */
    String text() {
        return String.join("; ", findings);
    }

    private void conditions(JsonNode conditions) {
        for (JsonNode condition : conditions) {
            String type = condition.path("type").asText();
            String message = condition.path("message").asText();
            boolean holds = condition.path("status").asText().equals("True");
            if (type.equals("ReplicaFailure") && holds) {
                findings.add("its Pods are refused: " + message);
                hopeless |= message.contains("violates PodSecurity");
            } else if (type.equals("Failed") && holds) {
                findings.add(condition.path("reason").asText() + ' ' + message);
                hopeless = true;
            } else if (type.equals("Progressing") && !holds) {
                findings.add(message);
            }
        }
    }

    private void pod(Cluster cluster, Pod pod, boolean closely) {
        String name = pod.getMetadata().getName();
        if (pod.getStatus() == null || pod.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
                findings.add("Pod " + name + " is not scheduled: " + condition.getMessage());
            }
        }
        List<ContainerStatus> containers = new ArrayList<>(pod.getStatus().getInitContainerStatuses());
        containers.addAll(pod.getStatus().getContainerStatuses());
        for (ContainerStatus container : containers) {
            container(cluster, pod, container, closely);
        }
    }

    private void container(Cluster cluster, Pod pod, ContainerStatus container, boolean closely) {
        String where = "container " + container.getName() + " of Pod "
                + pod.getMetadata().getName();
        ContainerState state = container.getState() == null ? new ContainerState() : container.getState();
        ContainerStateWaiting waiting = state.getWaiting();
        boolean starts = waiting == null
                || waiting.getReason() == null
                || Set.of("ContainerCreating", "PodInitializing").contains(waiting.getReason());
        if (!starts) {
            findings.add(where + " waits, " + waiting.getReason()
                    + (waiting.getMessage() == null ? "" : ": " + cut(waiting.getMessage())));
            hopeless |= HOPELESS.contains(waiting.getReason());
        }
        ContainerStateTerminated ended = state.getTerminated();
        if (ended == null && container.getLastState() != null) {
            ended = container.getLastState().getTerminated();
        }
        if (ended != null && ended.getExitCode() != null && ended.getExitCode() != 0) {
            findings.add(where + " ended with exit code " + ended.getExitCode()
                    + (ended.getReason() == null ? "" : " (" + ended.getReason() + ')'));
            if (closely) {
                log(cluster, pod, container.getName(), state.getTerminated() == null);
            }
        } else if (closely && state.getRunning() != null && Boolean.FALSE.equals(container.getReady())) {
            findings.add(where + " runs, and its readiness probe says no");
        }
    }

    private void log(Cluster cluster, Pod pod, String container, boolean previous) {
        String namespace = pod.getMetadata().getNamespace();
        String name = pod.getMetadata().getName();
        try {
            String log = cluster.call("reading log", namespace + '/' + name, client -> {
                var one = client.pods().inNamespace(namespace).withName(name).inContainer(container);
                return previous
                        ? one.terminated().tailingLines(LOG_LINES).getLog()
                        : one.tailingLines(LOG_LINES).getLog();
            });
            if (log != null && !log.isBlank()) {
                findings.add("its log ends: " + cut(log.strip().replaceAll("\\s*\\R\\s*", " / ")));
            }
        } catch (Fault fault) {
            // the log of an earlier container may be gone, and it is an aside
            return;
        }
    }

    private static String cut(String text) {
        String masked = SecretMask.mask(text);
        return masked.length() > LONGEST ? masked.substring(0, LONGEST) + '…' : masked;
    }
}
