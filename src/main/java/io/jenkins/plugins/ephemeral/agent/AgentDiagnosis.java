package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.controlplane.SecretMask;
import io.jenkins.plugins.ephemeral.outside.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Why an agent's Pod is not ready, from what the cluster says about it. */
final class AgentDiagnosis {
    private static final int HOPELESS_RESTARTS = 3;
    private static final int LOG_LINES = 60;
    private static final int LONGEST_LINE = 300;

    /** Reasons that do not go away by waiting. */
    private static final Set<String> HOPELESS = Set.of("InvalidImageName", "ErrImageNeverPull");

    /** What a refused agent logs before it ends (cmd/api-server of Testkube). */
    private static final Pattern REFUSED = Pattern.compile(
            "(?i)cannot get pro context|error registering runner|runner already registered|unauthenticated|permission denied");

    private final List<String> findings = new ArrayList<>();
    private boolean hopeless;
    private boolean refused;

    private AgentDiagnosis() {}

    /**
     * Looks.
     *
     * @param deployment the agent's Deployment, or null if it is not there
     */
    static AgentDiagnosis of(Cluster cluster, String namespace, AgentIdentity identity, Deployment deployment) {
        AgentDiagnosis diagnosis = new AgentDiagnosis();
        List<Pod> pods = cluster.list(Pod.class, namespace, identity.selector());
        if (deployment == null) {
            diagnosis.findings.add("its Deployment is gone");
        } else if (pods.isEmpty()) {
            diagnosis.noPod(deployment);
        }
        for (Pod pod : pods) {
            diagnosis.pod(cluster, pod);
        }
        return diagnosis;
    }

    /** Whether waiting longer would change nothing. */
    boolean isHopeless() {
        return hopeless;
    }

    /** Whether the agent's own log says that it was refused. */
    boolean isRefused() {
        return refused;
    }

    /** One sentence without a full stop; empty if nothing is to be seen. */
    String text() {
        return String.join("; ", findings);
    }

    private void noPod(Deployment deployment) {
        List<DeploymentCondition> conditions = deployment.getStatus() == null
                ? List.of()
                : deployment.getStatus().getConditions();
        for (DeploymentCondition condition : conditions) {
            if ("ReplicaFailure".equals(condition.getType()) && "True".equals(condition.getStatus())) {
                findings.add("its Pod is refused: " + condition.getMessage());
                hopeless |= String.valueOf(condition.getMessage()).contains("violates PodSecurity");
                return;
            }
        }
        findings.add("it has no Pod yet");
    }

    private void pod(Cluster cluster, Pod pod) {
        String name = pod.getMetadata().getName();
        if (pod.getStatus() == null) {
            return;
        }
        for (PodCondition condition : pod.getStatus().getConditions()) {
            boolean scheduling = "PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus());
            if (scheduling) {
                findings.add(
                        "Pod " + name + " is not scheduled: " + condition.getReason() + ' ' + condition.getMessage());
            }
        }
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            container(cluster, pod, container);
        }
        if (findings.isEmpty()) {
            findings.add("Pod " + name + " is " + pod.getStatus().getPhase() + " and not ready");
        }
    }

    private void container(Cluster cluster, Pod pod, ContainerStatus container) {
        String name = pod.getMetadata().getName();
        ContainerStateWaiting waiting =
                container.getState() == null ? null : container.getState().getWaiting();
        if (waiting != null && waiting.getReason() != null && !"ContainerCreating".equals(waiting.getReason())) {
            String message = waiting.getMessage() == null ? "" : ": " + SecretMask.mask(waiting.getMessage());
            findings.add("Pod " + name + " waits, " + waiting.getReason() + message);
            hopeless |= HOPELESS.contains(waiting.getReason());
        }
        int restarts = container.getRestartCount() == null ? 0 : container.getRestartCount();
        ContainerStateTerminated last = container.getLastState() == null
                ? null
                : container.getLastState().getTerminated();
        if (restarts > 0) {
            String end = last == null ? "" : ", last with exit code " + last.getExitCode() + ' ' + last.getReason();
            findings.add("Pod " + name + " was restarted " + restarts + " times" + end.stripTrailing());
            readLog(cluster, pod, container.getName());
            hopeless |= restarts >= HOPELESS_RESTARTS;
        }
    }

    private void readLog(Cluster cluster, Pod pod, String container) {
        String namespace = pod.getMetadata().getNamespace();
        String name = pod.getMetadata().getName();
        String log;
        try {
            log = cluster.call("reading log of Pod " + name, namespace + '/' + name, client -> client.pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .inContainer(container)
                    .terminated()
                    .tailingLines(LOG_LINES)
                    .getLog());
        } catch (Fault fault) {
            // the log of an earlier container may be gone, and it is an aside
            return;
        }
        log.lines()
                .filter(line -> REFUSED.matcher(line).find())
                .reduce((first, second) -> second)
                .ifPresent(line -> {
                    refused = true;
                    String text = SecretMask.mask(line.strip());
                    findings.add("its log says: "
                            + (text.length() > LONGEST_LINE ? text.substring(0, LONGEST_LINE) + '…' : text));
                });
    }
}
