package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Takes an agent away on both sides: first it is stopped, so that it starts nothing any more, then it is deleted in the
 * control plane, where it would hold a licence. Faults come out of {@link #undo}; it is called again until it is done.
 */
final class AgentRemoval implements Undoer {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Clusters clusters;
    private final TestkubeClients clients;

    AgentRemoval(Clusters clusters, TestkubeClients clients) {
        this.clusters = clusters;
        this.clients = clients;
    }

    @Override
    public String kind() {
        return AgentObligation.KIND;
    }

    @Override
    public Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console)
            throws InterruptedException {
        AgentIdentity identity = new AgentIdentity(environment.name, environment.controllerId);
        if (environment.uid != null && !isStopped(environment, identity)) {
            return Progress.again(LOOK);
        }
        deregister(obligation, identity);
        console.line("Testkube agent " + obligation.key + " is stopped and deleted in control plane "
                + AgentObligation.controlPlane(obligation) + '.');
        return Progress.done(null);
    }

    /** Whether no Pod of the agent is there any more; asks for it if one is. */
    private boolean isStopped(EnvironmentRecord environment, AgentIdentity identity) {
        Cluster cluster = clusters.cluster(environment.cluster);
        try {
            Optional<Deployment> deployment = cluster.get(Deployment.class, environment.name, AgentManifests.NAME);
            if (deployment.isPresent() && isOurs(deployment.get(), identity)) {
                if (deployment.get().getMetadata().getDeletionTimestamp() == null) {
                    cluster.delete(
                            Deployment.class,
                            environment.name,
                            AgentManifests.NAME,
                            deployment.get().getMetadata().getUid(),
                            -1);
                }
                return false;
            }
            return cluster.list(Pod.class, environment.name, identity.selector())
                    .isEmpty();
        } catch (UserFault refused) {
            // our rights in a namespace go with it
            if (isNamespaceGone(cluster, environment)) {
                return true;
            }
            throw refused;
        }
    }

    private static boolean isOurs(Deployment deployment, AgentIdentity identity) {
        Map<String, String> labels = deployment.getMetadata().getLabels();
        return labels != null
                && labels.entrySet().containsAll(identity.clusterLabels().entrySet());
    }

    private static boolean isNamespaceGone(Cluster cluster, EnvironmentRecord environment) {
        return cluster.get(Namespace.class, null, environment.name)
                .filter(namespace ->
                        environment.uid.equals(namespace.getMetadata().getUid()))
                .isEmpty();
    }

    /** By name too: an attempt whose answer was lost has left an id that nobody wrote down. */
    private void deregister(Obligation obligation, AgentIdentity identity) throws InterruptedException {
        TestkubeClient client = clients.client(AgentObligation.controlPlane(obligation));
        String id = AgentObligation.id(obligation);
        if (id != null) {
            client.deleteAgent(id);
        }
        Optional<TestkubeAgent> left = client.findAgent(obligation.key).filter(identity::isOurs);
        if (left.isPresent()) {
            client.deleteAgent(left.get().id());
        }
    }
}
