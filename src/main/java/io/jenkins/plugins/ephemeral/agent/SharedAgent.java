package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Mode {@code shared}: the one identity that was pasted into the configuration, held by one environment at a time. Who
 * waits for it keeps its place in the queue across restarts; the time to connect begins when it is held.
 */
final class SharedAgent implements AgentSource {
    private static final Duration LOOK = Duration.ofSeconds(3);
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private final AgentSite site;
    private final Clock clock;
    private AgentCredentials pasted;
    private TestkubeAgent known;
    private String said = "";
    private volatile String status = "reading the shared agent";

    SharedAgent(AgentSite site, Clock clock) {
        this.site = site;
        this.clock = clock;
    }

    @Override
    public AgentMode mode() {
        return AgentMode.SHARED;
    }

    @Override
    public String key() {
        return "shared agent";
    }

    @Override
    public String status() {
        return status;
    }

    @Override
    public Progress<AgentCredentials> identify(Obligation obligation) throws InterruptedException {
        TestkubeClient client = site.client();
        if (pasted == null) {
            AgentCredentials read = PastedCredentials.of(client.connection());
            known = read.isEnvironmentToken() ? null : existing(client, read.id());
            pasted = read;
        }
        EnvironmentRecord record = site.livingRecord();
        Obligation standing = inQueue(obligation, record, client.connection());
        String queue = queueCluster(standing, record, client.connection());
        SharedQueue.Place place =
                new SharedQueue(site.clusters().cluster(queue), client.connection(), clock).place(entry(record, queue));
        if (place.isContended()) {
            return Progress.again(AT_ONCE);
        }
        if (!place.isHolder()) {
            requireNoneAround(place);
            waitsAt(place);
            return Progress.again(LOOK);
        }
        status = "starting the shared agent";
        Obligation held = site.withDeadline(standing);
        if (AgentObligation.accessedBefore(held) == null) {
            Instant accessed =
                    known == null ? null : existing(client, pasted.id()).accessedAt();
            held = AgentObligation.withAccessedBefore(held, accessed == null ? Instant.EPOCH : accessed);
            site.owe(AgentObligation.withAgent(held, pasted.id(), known == null ? "" : known.name()));
        }
        site.cluster()
                .apply(new AgentManifests(site.identity())
                        .secret(site.environment().namespace(), pasted));
        return Progress.done(pasted);
    }

    /** Which cluster keeps the queue is decided once, and written down before a place is taken in it. */
    private Obligation inQueue(Obligation obligation, EnvironmentRecord record, TestkubeConnection connection) {
        boolean before = AgentObligation.id(obligation) != null;
        if (before || AgentObligation.queueCluster(obligation) != null) {
            return obligation;
        }
        List<String> names = site.clusters().names();
        if (connection.queueCluster().isEmpty() && names.size() > 1) {
            throw new UserFault(
                    "queueing for the shared agent",
                    "control plane " + connection.name(),
                    "its configuration does not say which cluster keeps the queue, and there are several: "
                            + String.join(", ", names) + "; a queue in each of them would let several environments have"
                            + " the agent at once",
                    "Name one of them as the cluster of the queue, the same one in all Jenkins controllers that share"
                            + " the agent.");
        }
        return site.owe(AgentObligation.withQueueCluster(obligation, queueCluster(obligation, record, connection)));
    }

    /** Who waits for an environment around it would wait until one of the two expires. */
    private void requireNoneAround(SharedQueue.Place place) {
        for (String around : site.spec().around) {
            if (place.isBehind(around, site.livingRecord().controllerId)) {
                throw new UserFault(
                        "waiting for the shared agent",
                        site.environment().toString(),
                        "environment " + around + " around this one has it, or gets it before, and keeps it until its"
                                + " block ends, which waits for this one",
                        "Call ephemeralAgent(mode: 'shared') in one of the two blocks only, or end the outer block"
                                + " before.");
            }
        }
    }

    private void waitsAt(SharedQueue.Place place) {
        status = "waiting for the shared agent, " + place.text();
        if (!said.equals(place.text())) {
            said = place.text();
            site.console().line("Waiting for the shared Testkube agent: " + said + '.');
        }
    }

    private static TestkubeAgent existing(TestkubeClient client, String id) throws InterruptedException {
        String what = "looking up the shared agent";
        String where = "control plane " + client.connection().name();
        TestkubeAgent agent = client.agent(id)
                .orElseThrow(
                        () -> new UserFault(
                                what,
                                where,
                                "organization " + client.connection().organizationId() + " has no agent " + id,
                                "It was deleted, or belongs to another organization: paste the command of an agent that exists."));
        Proof wrong = OwnAgent.wrongEnvironment(agent, client.connection());
        if (wrong != null) {
            throw new UserFault(what, where, wrong.problem(), wrong.remedy());
        }
        return agent;
    }

    /** Name of the cluster whose queue an environment stands in, or will. */
    static String queueCluster(Obligation obligation, EnvironmentRecord record, TestkubeConnection connection) {
        String known = AgentObligation.queueCluster(obligation);
        if (known != null) {
            return known;
        }
        return connection.queueCluster().isEmpty() ? record.cluster : connection.queueCluster();
    }

    /** The entry of an environment in the queue that a cluster keeps. */
    static QueueEntry entry(EnvironmentRecord record, String queueCluster) {
        return QueueEntry.of(record, queueCluster.equals(record.cluster));
    }

    @Override
    public Proof connected(Obligation obligation) throws InterruptedException {
        TestkubeClient client = site.client();
        String id = AgentObligation.id(obligation);
        if (id.isEmpty()) {
            // the control plane shows no agent for an Environment's own token; a ready Pod has authenticated with it
            return client.organization().isConnected() ? Proof.yes("") : Proof.notYet();
        }
        TestkubeAgent agent = existing(client, id);
        Instant before = AgentObligation.accessedBefore(obligation);
        boolean heard = agent.accessedAt() != null && agent.accessedAt().isAfter(before);
        boolean fromHere = agent.namespace().isEmpty()
                || agent.namespace().equals(site.environment().namespace());
        return heard && fromHere ? Proof.yes(agent.version()) : Proof.notYet();
    }
}
