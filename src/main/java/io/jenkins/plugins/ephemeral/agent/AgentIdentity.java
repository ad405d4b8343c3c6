package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** How an agent of ours is told from others, on both sides. */
final class AgentIdentity {
    private static final String CONTROLLER = "jenkins-controller";
    private static final String ENVIRONMENT = "jenkins-environment";

    private final String environment;
    private final String controllerId;

    AgentIdentity(String environment, String controllerId) {
        this.environment = Objects.requireNonNull(environment);
        this.controllerId = Objects.requireNonNull(controllerId);
    }

    /** Its name in the control plane. */
    String name() {
        return AgentNames.of(environment, controllerId);
    }

    /** Its labels in the control plane. */
    Map<String, String> controlPlaneLabels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("managed-by", Labels.MANAGED_BY_VALUE);
        labels.put(CONTROLLER, controllerId);
        labels.put(ENVIRONMENT, environment);
        return labels;
    }

    /** Whether an agent of the control plane is the one of this environment. */
    boolean isOurs(TestkubeAgent agent) {
        return agent.labels().entrySet().containsAll(controlPlaneLabels().entrySet());
    }

    /** Labels of its objects in the namespace. */
    Map<String, String> clusterLabels() {
        Map<String, String> labels = new LinkedHashMap<>(selector());
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, controllerId);
        return labels;
    }

    /** Labels that its Pods are found by. */
    Map<String, String> selector() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("app.kubernetes.io/name", AgentManifests.NAME);
        labels.put(Labels.ENVIRONMENT, environment);
        return labels;
    }
}
