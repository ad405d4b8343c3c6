package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Undoes what environments owe for their agents, and finds agents of ours that no record knows. */
final class AgentUndoer implements Undoer {
    private static final Logger LOGGER = Logger.getLogger(AgentUndoer.class.getName());

    private final String controllerId;
    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Clock clock;

    AgentUndoer(
            String controllerId, Clusters clusters, Environments environments, TestkubeClients clients, Clock clock) {
        this.controllerId = controllerId;
        this.clusters = clusters;
        this.environments = environments;
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String kind() {
        return AgentObligation.KIND;
    }

    @Override
    public Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console)
            throws InterruptedException {
        return new AgentRemoval(clusters, environments, clients, clock, environment, obligation, console).turn();
    }

    @Override
    public void sweep() throws InterruptedException {
        for (String name : clients.names()) {
            try {
                TestkubeClient client = clients.client(name);
                sweepAgents(client);
                sweepQueue(client);
            } catch (Fault fault) {
                LOGGER.log(Level.INFO, () -> "Control plane " + name + " could not be swept: " + fault.getMessage());
            }
        }
    }

    private void sweepAgents(TestkubeClient client) throws InterruptedException {
        // before and after the list: what was released or requested meanwhile is not forgotten
        Set<String> before = new HashSet<>();
        environments.all().forEach(record -> before.add(record.name));
        for (TestkubeAgent agent : client.organization().agents()) {
            String environment = AgentIdentity.environmentOf(agent, controllerId);
            if (environment == null) {
                continue;
            }
            if (environments.knows(environment)) {
                environments.find(environment).ifPresent(record -> remind(record, client, agent));
            } else if (!before.contains(environment)) {
                LOGGER.warning(() -> "Testkube agent " + agent + " is ours, but there is no environment " + environment
                        + " any more; it is deleted");
                client.deleteAgent(agent.id());
            }
        }
    }

    /** An environment that was adopted without its record knows nothing of its agent. */
    private void remind(EnvironmentRecord record, TestkubeClient client, TestkubeAgent agent) {
        if (AgentObligation.in(record).isEmpty()) {
            Obligation found =
                    AgentObligation.of(AgentMode.RUNNER, client.connection().name(), agent.name());
            environments.owe(record.name, AgentObligation.withAgent(found, agent.id(), agent.name()));
        }
    }

    /** Prolongs what our environments have in the queue of a shared agent, and takes off what nobody here knows. */
    private void sweepQueue(TestkubeClient client) {
        if (client.connection().sharedAgent().isBlank()) {
            return;
        }
        Set<String> places = new HashSet<>();
        if (client.connection().queueCluster().isEmpty()) {
            environments.all().forEach(record -> places.add(record.cluster));
        } else {
            places.add(client.connection().queueCluster());
        }
        for (String cluster : places) {
            new SharedQueue(clusters.cluster(cluster), client.connection(), clock)
                    .review(controllerId, entry -> reviewed(entry, cluster));
        }
    }

    private QueueEntry reviewed(QueueEntry entry, String queueCluster) {
        Optional<EnvironmentRecord> record = environments.find(entry.environment);
        if (record.isEmpty()) {
            // one that is here is taken off when its namespace is gone, by whoever waits
            return entry.here || environments.knows(entry.environment) ? entry : null;
        }
        long gained = record.get().expiresAt.toEpochMilli() - entry.untilMillis;
        return gained > record.get().spec.ttl.toMillis() / 4 ? SharedAgent.entry(record.get(), queueCluster) : entry;
    }
}
