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
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Agents in runner mode: one of its own for each environment. */
public final class AgentService implements Agents {
    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Supplier<AgentImages> images;

    /**
     * @param clusters the clusters
     * @param environments where obligations are written down
     * @param clients the control planes
     * @param images images of Testkube's parts, asked at each installation
     */
    public AgentService(
            Clusters clusters, Environments environments, TestkubeClients clients, Supplier<AgentImages> images) {
        this.clusters = Objects.requireNonNull(clusters);
        this.environments = Objects.requireNonNull(environments);
        this.clients = Objects.requireNonNull(clients);
        this.images = Objects.requireNonNull(images);
    }

    @Override
    public Reconciler<AgentRef> install(NamespaceRef environment, AgentSpec spec, RunRef run, Console console) {
        if (!"runner".equals(spec.mode)) {
            throw new UserFault(
                    "installing a Testkube agent",
                    environment.toString(),
                    "the mode '" + spec.mode + "' is not known",
                    "Use mode: 'runner'.");
        }
        AgentIdentity identity = new AgentIdentity(environment.environment(), run.controllerId());
        return new AgentInstallation(clusters, environments, clients, images, environment, spec, identity, console);
    }

    @Override
    public Optional<AgentRef> find(NamespaceRef environment) {
        Optional<Obligation> obligation =
                environments.find(environment.environment()).flatMap(AgentObligation::in);
        return obligation
                .filter(known -> AgentObligation.id(known) != null)
                .map(known -> new AgentRef(AgentObligation.controlPlane(known), AgentObligation.id(known), known.key));
    }

    @Override
    public Undoer undoer() {
        return new AgentRemoval(clusters, clients);
    }
}
