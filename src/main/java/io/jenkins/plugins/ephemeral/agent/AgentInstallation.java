package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Installs one agent: the obligation is written down, the agent is made in the control plane, its objects are applied,
 * and it is waited for until both sides say that it is there. Each turn looks how far things are, so that it does not
 * matter which turn, of which life of this controller, did what.
 */
final class AgentInstallation implements Reconciler<AgentRef> {
    private static final long FIRST_LOOK_MILLIS = 250;
    private static final long LONGEST_LOOK_MILLIS = 3_000;
    private static final long DIAGNOSIS_MILLIS = 5_000;

    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Supplier<AgentImages> images;
    private final NamespaceRef environment;
    private final AgentSpec spec;
    private final AgentIdentity identity;
    private final Console console;
    private final long startedMillis = System.currentTimeMillis();

    private String agentId;
    private boolean applied;
    private Hints.Subscription subscription;
    private long lookMillis = FIRST_LOOK_MILLIS;
    private long diagnosedMillis;
    private String said = "";
    private volatile String status = "beginning";

    AgentInstallation(
            Clusters clusters,
            Environments environments,
            TestkubeClients clients,
            Supplier<AgentImages> images,
            NamespaceRef environment,
            AgentSpec spec,
            AgentIdentity identity,
            Console console) {
        this.clusters = clusters;
        this.environments = environments;
        this.clients = clients;
        this.images = images;
        this.environment = environment;
        this.spec = spec;
        this.identity = identity;
        this.console = console;
    }

    @Override
    public String status() {
        return status;
    }

    @Override
    public Progress<AgentRef> reconcile() throws InterruptedException {
        EnvironmentRecord record = livingRecord();
        TestkubeClient client = clients.client(spec.controlPlane);
        Cluster cluster = clusters.cluster(environment.cluster());
        Obligation obligation = takeOn(record, client);
        if (agentId == null) {
            agentId = identify(cluster, client, record.spec, AgentObligation.deadlineMillis(obligation));
        }
        if (!applied) {
            apply(cluster, client, record.spec);
            applied = true;
        }
        return await(cluster, client, AgentObligation.deadlineMillis(obligation));
    }

    /** The record, while the environment is there to have an agent. */
    private EnvironmentRecord livingRecord() {
        Optional<EnvironmentRecord> record = environments.find(environment.environment());
        if (record.isEmpty() || isEnding(record.get().state)) {
            throw new LostFault(
                    "installing a Testkube agent",
                    environment.toString(),
                    record.isEmpty() ? "the environment is gone" : "the environment is being taken away",
                    "");
        }
        return record.get();
    }

    private static boolean isEnding(EnvironmentState state) {
        return state != EnvironmentState.REQUESTED
                && state != EnvironmentState.PROVISIONING
                && state != EnvironmentState.READY;
    }

    /** Writes down what will have to be undone, before it is done, and until when it may take. */
    private Obligation takeOn(EnvironmentRecord record, TestkubeClient client) {
        String controlPlane = client.connection().name();
        Optional<Obligation> known = AgentObligation.in(record);
        if (known.isPresent() && !controlPlane.equals(AgentObligation.controlPlane(known.get()))) {
            throw new UserFault(
                    "installing a Testkube agent",
                    environment.toString(),
                    "the environment has one already, of control plane " + AgentObligation.controlPlane(known.get()),
                    "Use one control plane per environment.");
        }
        if (known.isPresent() && AgentObligation.deadlineMillis(known.get()) > 0) {
            return known.get();
        }
        String id = known.map(AgentObligation::id).orElse(null);
        long deadline = System.currentTimeMillis() + spec.timeout.toMillis();
        Obligation obligation = AgentObligation.of(controlPlane, identity.name(), id, deadline);
        environments.owe(environment.environment(), obligation);
        return obligation;
    }

    /** The id of the agent in the control plane, whose key is in the namespace's Secret then. */
    private String identify(Cluster cluster, TestkubeClient client, EnvironmentSpec parts, long deadline)
            throws InterruptedException {
        status = "creating the agent in the control plane";
        String installed = installedId(cluster);
        if (installed != null
                && client.agent(installed).filter(identity::isOurs).isPresent()) {
            return installed;
        }
        AgentRequest request = new AgentRequest(identity.name(), identity.controlPlaneLabels(), spec.floating);
        TestkubeAgent agent = client.createAgent(request).orElse(null);
        if (agent == null) {
            agent = readBack(client);
        } else {
            console.line("Testkube agent " + agent.name() + " created in control plane "
                    + client.connection().name() + '.');
        }
        dropIfUnwanted(client, agent.id());
        environments.owe(
                environment.environment(),
                AgentObligation.of(client.connection().name(), identity.name(), agent.id(), deadline));
        cluster.apply(manifests(parts).secret(client.connection(), agent.id(), key(client, agent)));
        return agent.id();
    }

    /** The id that the Secret of an earlier turn or life holds, or null. */
    private String installedId(Cluster cluster) {
        Secret secret = cluster.get(Secret.class, environment.namespace(), AgentManifests.NAME)
                .orElse(null);
        Map<String, String> labels =
                secret == null ? null : secret.getMetadata().getLabels();
        boolean ours = labels != null && environment.environment().equals(labels.get(Labels.ENVIRONMENT));
        boolean complete = ours && secret.getData() != null && secret.getData().containsKey(AgentManifests.SECRET_KEY);
        String id = complete ? secret.getData().get(AgentManifests.ID_KEY) : null;
        return id == null ? null : new String(Base64.getDecoder().decode(id), java.nio.charset.StandardCharsets.UTF_8);
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

    private String key(TestkubeClient client, TestkubeAgent agent) throws InterruptedException {
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
            livingRecord();
        } catch (LostFault gone) {
            client.deleteAgent(id);
            throw gone;
        }
    }

    private void apply(Cluster cluster, TestkubeClient client, EnvironmentSpec parts) {
        status = "applying the agent's objects";
        AgentImages configured = images.get();
        String image = spec.image == null || spec.image.isEmpty() ? configured.agent() : spec.image;
        AgentImages chosen = new AgentImages(image, configured.init(), configured.toolkit());
        List<HasMetadata> objects = manifests(parts).others(client.connection(), agentId, chosen, cluster.serverPort());
        for (HasMetadata object : objects) {
            cluster.apply(object);
        }
    }

    private AgentManifests manifests(EnvironmentSpec parts) {
        return new AgentManifests(environment.namespace(), identity, parts);
    }

    private Progress<AgentRef> await(Cluster cluster, TestkubeClient client, long deadline)
            throws InterruptedException {
        subscribe(cluster);
        Deployment deployment = cluster.get(Deployment.class, environment.namespace(), AgentManifests.NAME)
                .orElse(null);
        boolean ready = isReady(deployment);
        status = ready ? "waiting for the agent to connect to the control plane" : "waiting for the agent's Pod";
        if (ready) {
            TestkubeAgent agent = client.agent(agentId).orElseThrow(() -> gone(client));
            if (agent.hasConnected()) {
                return connected(client, agent);
            }
            if (agent.disabled()) {
                throw failed(client, deadline, "somebody disabled it in the control plane", "Enable it there.");
            }
        } else if (System.currentTimeMillis() - diagnosedMillis > DIAGNOSIS_MILLIS) {
            diagnosedMillis = System.currentTimeMillis();
            diagnose(cluster, client, deployment, deadline);
        }
        if (System.currentTimeMillis() > deadline) {
            throw late(cluster, client, deployment, deadline);
        }
        return Progress.again(shorter(ready ? nextLook() : subscription.slowLook(), deadline));
    }

    /** Most agents connect at once; the control plane need not be asked often for the others. */
    private Duration nextLook() {
        Duration look = Duration.ofMillis(lookMillis);
        lookMillis = Math.min(lookMillis * 2, LONGEST_LOOK_MILLIS);
        return look;
    }

    private void subscribe(Cluster cluster) {
        if (subscription == null) {
            subscription = cluster.hints().subscribe(Deployment.class, environment.namespace(), Turn.waker());
            Turn turn = Turn.current();
            if (turn != null) {
                turn.drive().whenOver(subscription::close);
            }
        }
    }

    private static Duration shorter(Duration look, long deadline) {
        long left = Math.max(0, deadline - System.currentTimeMillis()) + 50;
        return Duration.ofMillis(Math.min(Math.min(look.toMillis(), DIAGNOSIS_MILLIS), left));
    }

    private static boolean isReady(Deployment deployment) {
        if (deployment == null || deployment.getStatus() == null) {
            return false;
        }
        Integer available = deployment.getStatus().getAvailableReplicas();
        Long observed = deployment.getStatus().getObservedGeneration();
        Integer updated = deployment.getStatus().getUpdatedReplicas();
        return available != null
                && available > 0
                && updated != null
                && updated > 0
                && observed != null
                && observed >= deployment.getMetadata().getGeneration();
    }

    private Progress<AgentRef> connected(TestkubeClient client, TestkubeAgent agent) {
        subscription.close();
        String controlPlane = client.connection().name();
        environments.owe(environment.environment(), AgentObligation.of(controlPlane, identity.name(), agentId, 0));
        long seconds = (System.currentTimeMillis() - startedMillis) / 1000;
        String version = agent.version().isEmpty() ? "" : ", version " + agent.version();
        console.line("Testkube agent " + agent.name() + " is connected to control plane " + controlPlane + " ("
                + seconds + " s" + version + ").");
        return Progress.done(new AgentRef(controlPlane, agentId, agent.name()));
    }

    private void diagnose(Cluster cluster, TestkubeClient client, Deployment deployment, long deadline) {
        AgentDiagnosis diagnosis = AgentDiagnosis.of(cluster, environment.namespace(), identity, deployment);
        if (!diagnosis.text().equals(said)) {
            said = diagnosis.text();
            console.line("Waiting for Testkube agent " + identity.name() + ": " + said + '.');
        }
        if (diagnosis.isHopeless()) {
            throw failed(client, deadline, said, remedy(client, diagnosis));
        }
    }

    private UserFault late(Cluster cluster, TestkubeClient client, Deployment deployment, long deadline) {
        String within = "it was not connected within " + spec.timeout.toSeconds() + " s: ";
        if (isReady(deployment)) {
            return failed(
                    client,
                    deadline,
                    within + "its Pod is ready, and the control plane has not seen it",
                    "Check that Pods may reach " + client.connection().agentAddress()
                            + " (network policies, proxies), and that it belongs to this control plane.");
        }
        AgentDiagnosis diagnosis = AgentDiagnosis.of(cluster, environment.namespace(), identity, deployment);
        return failed(client, deadline, within + diagnosis.text(), remedy(client, diagnosis));
    }

    private static String remedy(TestkubeClient client, AgentDiagnosis diagnosis) {
        return diagnosis.isRefused()
                ? "The agent reached no agreement with " + client.connection().agentAddress()
                        + ": check this address, the organization and environment ids, and that Pods may reach it."
                : "Look at the Pod's events, the image's name and the namespace's quota.";
    }

    /** The next attempt gets a time of its own; one that resumes after a restart keeps this one. */
    private UserFault failed(TestkubeClient client, long deadline, String why, String remedy) {
        String controlPlane = client.connection().name();
        environments.owe(environment.environment(), AgentObligation.of(controlPlane, identity.name(), agentId, 0));
        return new UserFault(
                "connecting Testkube agent " + identity.name(),
                environment + ", control plane " + controlPlane,
                why,
                remedy);
    }

    private LostFault gone(TestkubeClient client) {
        return new LostFault(
                "connecting Testkube agent " + identity.name(),
                "control plane " + client.connection().name(),
                "somebody deleted it there",
                "");
    }
}
