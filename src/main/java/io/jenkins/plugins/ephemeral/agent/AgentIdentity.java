package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** How an agent of ours is told from others, on both sides. */
final class AgentIdentity {
    private static final String MANAGED_BY = "managed-by";
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
        labels.put(MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(CONTROLLER, controllerId);
        labels.put(ENVIRONMENT, environment);
        return labels;
    }

    /** Whether an agent of the control plane is the one of this environment. */
    boolean isOurs(TestkubeAgent agent) {
        return agent.labels().entrySet().containsAll(controlPlaneLabels().entrySet());
    }

    /** Name of the environment that an agent of a controller was made for; null if it is none of that controller's. */
    static String environmentOf(TestkubeAgent agent, String controllerId) {
        boolean ours = Labels.MANAGED_BY_VALUE.equals(agent.labels().get(MANAGED_BY))
                && controllerId.equals(agent.labels().get(CONTROLLER));
        String environment = ours ? agent.labels().get(ENVIRONMENT) : null;
        // whoever copies labels onto an agent of another name has not made it ours
        return environment != null
                        && new AgentIdentity(environment, controllerId).name().equals(agent.name())
                ? environment
                : null;
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
