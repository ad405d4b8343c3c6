package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The half of a removal that is in the cluster: no Pod of the agent is left. */
final class AgentStop {
    private final Cluster cluster;
    private final EnvironmentRecord environment;
    private final AgentIdentity identity;

    AgentStop(Cluster cluster, EnvironmentRecord environment, AgentIdentity identity) {
        this.cluster = cluster;
        this.environment = environment;
        this.identity = identity;
    }

    /**
     * Whether no Pod of the agent is there any more; asks for it if one is.
     *
     * @param scaled whether the Deployment has to stay, at no replicas, until its Pods are gone: a deleted one's
     *     ReplicaSet may replace a Pod meanwhile
     */
    boolean isConfirmed(boolean scaled) {
        try {
            List<Pod> pods = pods();
            if (!pods.isEmpty() && pods.stream().allMatch(AgentStop::isEnding)) {
                return false;
            }
            Optional<Deployment> deployment = cluster.get(Deployment.class, environment.name, AgentManifests.NAME)
                    .filter(this::isOurs);
            if (scaled && deployment.isPresent() && !isAtZero(deployment.get())) {
                return false;
            }
            if (deployment.isEmpty()) {
                // looked at after the Deployment, which may have made one in between
                return pods.isEmpty() && pods().isEmpty();
            }
            if (!scaled || pods.isEmpty()) {
                delete(deployment.get());
            }
            return false;
        } catch (UserFault refused) {
            // our rights in a namespace go with it
            if (isNamespaceGone()) {
                return true;
            }
            throw refused;
        }
    }

    private List<Pod> pods() {
        return cluster.list(Pod.class, environment.name, identity.selector());
    }

    /** What is on its way out is looked for only, with one request each time. */
    private static boolean isEnding(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private void delete(Deployment deployment) {
        if (deployment.getMetadata().getDeletionTimestamp() == null) {
            cluster.delete(
                    Deployment.class,
                    environment.name,
                    AgentManifests.NAME,
                    deployment.getMetadata().getUid(),
                    -1);
        }
    }

    private boolean isAtZero(Deployment deployment) {
        Integer wanted = deployment.getSpec().getReplicas();
        if (wanted == null || wanted != 0) {
            String patch =
                    "{\"metadata\":{\"uid\":\"" + deployment.getMetadata().getUid() + "\"},\"spec\":{\"replicas\":0}}";
            cluster.call("stopping the agent", environment.name + '/' + AgentManifests.NAME, client -> client.apps()
                    .deployments()
                    .inNamespace(environment.name)
                    .withName(AgentManifests.NAME)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
            return false;
        }
        Integer left =
                deployment.getStatus() == null ? null : deployment.getStatus().getReplicas();
        Long observed =
                deployment.getStatus() == null ? null : deployment.getStatus().getObservedGeneration();
        return (left == null || left == 0)
                && observed != null
                && observed >= deployment.getMetadata().getGeneration();
    }

    private boolean isOurs(Deployment deployment) {
        Map<String, String> labels = deployment.getMetadata().getLabels();
        return labels != null
                && labels.entrySet().containsAll(identity.clusterLabels().entrySet());
    }

    private boolean isNamespaceGone() {
        return cluster.get(Namespace.class, null, environment.name)
                .filter(namespace ->
                        environment.uid.equals(namespace.getMetadata().getUid()))
                .isEmpty();
    }
}
