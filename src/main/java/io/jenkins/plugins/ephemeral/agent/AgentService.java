package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Agents in all modes: one of its own for each environment, a shared one, or one that is there already. */
public final class AgentService implements Agents {
    private final String controllerId;
    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Supplier<AgentImages> images;
    private final Clock clock;

    /**
     * @param controllerId id of this controller
     * @param clusters the clusters
     * @param environments where obligations are written down
     * @param clients the control planes
     * @param images images of Testkube's parts, asked at each installation
     * @param clock what deadlines go by
     */
    public AgentService(
            String controllerId,
            Clusters clusters,
            Environments environments,
            TestkubeClients clients,
            Supplier<AgentImages> images,
            Clock clock) {
        this.controllerId = Objects.requireNonNull(controllerId);
        this.clusters = Objects.requireNonNull(clusters);
        this.environments = Objects.requireNonNull(environments);
        this.clients = Objects.requireNonNull(clients);
        this.images = Objects.requireNonNull(images);
        this.clock = Objects.requireNonNull(clock);
    }

    @Override
    public Reconciler<AgentRef> install(NamespaceRef environment, AgentSpec spec, RunRef run, Console console) {
        AgentMode mode = AgentMode.of(spec.mode);
        AgentIdentity identity = new AgentIdentity(environment.environment(), run.controllerId());
        AgentSite site = new AgentSite(clusters, environments, clients, clock, environment, spec, identity, console);
        switch (mode) {
            case SHARED:
                return new AgentInstallation(site, new SharedAgent(site, clock), images);
            case STANDALONE:
                return new StandaloneAgent(site);
            default:
                return new AgentInstallation(site, new OwnAgent(site), images);
        }
    }

    @Override
    public Optional<AgentRef> find(NamespaceRef environment) {
        return environments
                .find(environment.environment())
                .flatMap(AgentObligation::in)
                .filter(known -> AgentObligation.id(known) != null)
                .map(AgentService::ref);
    }

    private static AgentRef ref(Obligation known) {
        String name = AgentObligation.name(known);
        return new AgentRef(
                AgentObligation.mode(known),
                AgentObligation.controlPlane(known),
                AgentObligation.id(known),
                name,
                AgentObligation.service(known));
    }

    @Override
    public Undoer undoer() {
        return new AgentUndoer(controllerId, clusters, environments, clients, clock);
    }
}
