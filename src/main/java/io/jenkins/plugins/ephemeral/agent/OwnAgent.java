package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.Secret;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Mode {@code runner}: the agent is made in the control plane, under a name that follows from the environment's. */
final class OwnAgent implements AgentSource {
    private final AgentSite site;
    private final AgentIdentity identity;

    OwnAgent(AgentSite site) {
        this.site = site;
        this.identity = site.identity();
    }

    @Override
    public AgentMode mode() {
        return AgentMode.RUNNER;
    }

    @Override
    public String key() {
        return identity.name();
    }

    @Override
    public String status() {
        return "creating the agent in the control plane";
    }

    @Override
    public Progress<AgentCredentials> identify(Obligation obligation) throws InterruptedException {
        Obligation known = site.withDeadline(obligation);
        TestkubeClient client = site.client();
        String installed = installedId();
        if (installed != null
                && client.agent(installed).filter(identity::isOurs).isPresent()) {
            return Progress.done(credentials(client.connection(), installed, null));
        }
        TestkubeAgent agent = client.createAgent(request()).orElse(null);
        if (agent == null) {
            agent = readBack(client);
        } else {
            site.console()
                    .line("Testkube agent " + agent.name() + " created in control plane "
                            + client.connection().name() + '.');
        }
        dropIfUnwanted(client, agent.id());
        site.owe(AgentObligation.withAgent(known, agent.id(), agent.name()));
        AgentCredentials credentials = credentials(client.connection(), agent.id(), secretKey(client, agent));
        site.cluster()
                .apply(new AgentManifests(identity).secret(site.environment().namespace(), credentials));
        return Progress.done(credentials);
    }

    private AgentRequest request() {
        List<String> capabilities = new ArrayList<>(List.of("runner"));
        if (site.spec().triggers) {
            capabilities.add("listener");
        }
        if (site.spec().gitops) {
            capabilities.add("gitops");
        }
        return new AgentRequest(identity.name(), identity.controlPlaneLabels(), site.spec().floating, capabilities);
    }

    private static AgentCredentials credentials(TestkubeConnection connection, String id, String key) {
        return new AgentCredentials(
                id, key, connection.organizationId(), connection.environmentId(), connection.agentAddress());
    }

    /** The id that the Secret of an earlier turn or life holds, or null. */
    private String installedId() {
        Secret secret = site.cluster()
                .get(Secret.class, site.environment().namespace(), AgentManifests.NAME)
                .orElse(null);
        Map<String, String> labels =
                secret == null ? null : secret.getMetadata().getLabels();
        boolean ours = labels != null && site.environment().environment().equals(labels.get(Labels.ENVIRONMENT));
        boolean complete = ours && secret.getData() != null && secret.getData().containsKey(AgentManifests.SECRET_KEY);
        String id = complete ? secret.getData().get(AgentManifests.ID_KEY) : null;
        return id == null ? null : new String(Base64.getDecoder().decode(id), StandardCharsets.UTF_8);
    }

    /** The agent of our name that was there already: ours from an earlier turn, or somebody else's. */
    private TestkubeAgent readBack(TestkubeClient client) throws InterruptedException {
        String what = "creating agent " + identity.name();
        String where = "control plane " + client.connection().name();
        TestkubeAgent agent = client.findAgent(identity.name())
                .orElseThrow(() -> new UserFault(
                        what,
                        where,
                        "the name is taken by an agent that the API token does not see",
                        "Delete that agent, or give the token the right to see it."));
        if (!identity.isOurs(agent)) {
            throw new UserFault(
                    what,
                    where,
                    "the name is taken by another agent, " + agent.id() + ", which does not carry the labels of this"
                            + " environment",
                    "Delete it or rename it.");
        }
        return agent;
    }

    private static String secretKey(TestkubeClient client, TestkubeAgent agent) throws InterruptedException {
        if (agent.secretKey() != null) {
            return agent.secretKey();
        }
        Optional<String> key;
        try {
            key = client.agentSecretKey(agent.id());
        } catch (UserFault refused) {
            key = Optional.empty();
        }
        if (key.isEmpty()) {
            // its key is told at its creation only, and that answer was lost: nobody can use it
            client.deleteAgent(agent.id());
            throw new TransientFault(
                    "creating agent " + agent.name(),
                    "control plane " + client.connection().name(),
                    "the key of the agent that an earlier attempt made cannot be read; it was deleted",
                    "",
                    Duration.ZERO,
                    null);
        }
        return key.get();
    }

    /** A creation that was under way when the environment was released would be left over. */
    private void dropIfUnwanted(TestkubeClient client, String id) throws InterruptedException {
        try {
            site.livingRecord();
        } catch (LostFault gone) {
            client.deleteAgent(id);
            throw gone;
        }
    }

    @Override
    public Proof connected(Obligation obligation) throws InterruptedException {
        TestkubeClient client = site.client();
        TestkubeAgent agent = client.agent(AgentObligation.id(obligation))
                .orElseThrow(() -> new LostFault(
                        "connecting Testkube agent " + identity.name(),
                        "control plane " + client.connection().name(),
                        "somebody deleted it there",
                        ""));
        Proof wrong = wrongEnvironment(agent, client.connection());
        if (wrong != null) {
            return wrong;
        }
        return agent.hasConnected() ? Proof.yes(agent.version()) : Proof.notYet();
    }

    /** Why an agent is none for this connection, or null if it is one. */
    static Proof wrongEnvironment(TestkubeAgent agent, TestkubeConnection connection) {
        if (agent.disabled()) {
            return Proof.never("somebody disabled it in the control plane", "Enable it there.");
        }
        boolean member =
                agent.environmentIds().isEmpty() || agent.environmentIds().contains(connection.environmentId());
        return member
                ? null
                : Proof.never(
                        "it belongs to environment " + String.join(", ", agent.environmentIds())
                                + ", and the control plane is configured with " + connection.environmentId(),
                        "Correct the environment id in the Jenkins configuration, or let the agent join that"
                                + " environment.");
    }
}
