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

/** Why an agent's Pod is not ready, from what the cluster says about it. */
final class AgentDiagnosis {
    private static final int HOPELESS_RESTARTS = 3;
    private static final int LOG_LINES = 60;
    private static final int LONGEST_LINE = 300;

    /** Reasons that do not go away by waiting. */
    private static final Set<String> HOPELESS = Set.of("InvalidImageName", "ErrImageNeverPull");

    private final List<String> findings = new ArrayList<>();
    private boolean hopeless;
    private AgentTrouble trouble = AgentTrouble.NONE;
    private String words = "";

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

    /** What the agent's own log says the trouble is. */
    AgentTrouble trouble() {
        return trouble;
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
        boolean running = container.getState() != null && container.getState().getRunning() != null;
        if (restarts > 0) {
            String end = last == null ? "" : ", last with exit code " + last.getExitCode() + ' ' + last.getReason();
            findings.add("Pod " + name + " was restarted " + restarts + " times" + end.stripTrailing());
            readLog(cluster, pod, container.getName(), true);
            hopeless |= restarts >= HOPELESS_RESTARTS;
        }
        if ((running || restarts > 0) && trouble == AgentTrouble.NONE) {
            // one that tries for long before it gives up, or has just ended: a node keeps one dead container
            readLog(cluster, pod, container.getName(), false);
        }
    }

    private void readLog(Cluster cluster, Pod pod, String container, boolean previous) {
        String namespace = pod.getMetadata().getNamespace();
        String name = pod.getMetadata().getName();
        String log;
        try {
            log = cluster.call("reading log of Pod " + name, namespace + '/' + name, client -> {
                var of = client.pods().inNamespace(namespace).withName(name).inContainer(container);
                return previous
                        ? of.terminated().tailingLines(LOG_LINES).getLog()
                        : of.tailingLines(LOG_LINES).getLog();
            });
        } catch (Fault fault) {
            // the log of an earlier container may be gone, and it is an aside
            return;
        }
        // the last word, unless an earlier one of the same agent says more
        log.lines().filter(line -> AgentTrouble.in(line) != AgentTrouble.NONE).forEach(line -> {
            AgentTrouble said = AgentTrouble.in(line);
            if (said != AgentTrouble.REFUSED || trouble == AgentTrouble.NONE) {
                trouble = said;
                words = SecretMask.mask(line.strip());
            }
        });
        if (trouble != AgentTrouble.NONE) {
            findings.add("its log says: "
                    + (words.length() > LONGEST_LINE ? words.substring(0, LONGEST_LINE) + '…' : words));
        }
    }
}
