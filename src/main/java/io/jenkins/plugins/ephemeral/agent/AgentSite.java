package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.Namespace;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.util.Optional;

/** One environment that is to have an agent: what was asked for, and the ways to both sides. */
final class AgentSite {
    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Clock clock;
    private final NamespaceRef environment;
    private final AgentSpec spec;
    private final AgentIdentity identity;
    private final Console console;

    AgentSite(
            Clusters clusters,
            Environments environments,
            TestkubeClients clients,
            Clock clock,
            NamespaceRef environment,
            AgentSpec spec,
            AgentIdentity identity,
            Console console) {
        this.clusters = clusters;
        this.environments = environments;
        this.clients = clients;
        this.clock = clock;
        this.environment = environment;
        this.spec = spec;
        this.identity = identity;
        this.console = console;
    }

    NamespaceRef environment() {
        return environment;
    }

    AgentSpec spec() {
        return spec;
    }

    AgentIdentity identity() {
        return identity;
    }

    Console console() {
        return console;
    }

    Clusters clusters() {
        return clusters;
    }

    Environments environments() {
        return environments;
    }

    Cluster cluster() {
        return clusters.cluster(environment.cluster());
    }

    TestkubeClient client() {
        return clients.client(spec.controlPlane);
    }

    long nowMillis() {
        return clock.millis();
    }

    /** The record, while the environment is there to have an agent. */
    EnvironmentRecord livingRecord() {
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

    /** Writes down what will have to be undone, before it is done; what is known already stays as it is. */
    Obligation takeOn(AgentMode mode, String controlPlane, String key) {
        Optional<Obligation> known = AgentObligation.in(livingRecord());
        if (known.isPresent()) {
            requireSame(known.get(), mode, controlPlane);
            return known.get();
        }
        Obligation obligation = AgentObligation.of(mode, controlPlane, key);
        return owe(spec.gitops ? AgentObligation.holding(obligation) : obligation);
    }

    private void requireSame(Obligation known, AgentMode mode, String controlPlane) {
        boolean sameMode = AgentObligation.mode(known) == mode;
        if (sameMode && controlPlane.equals(AgentObligation.controlPlane(known))) {
            return;
        }
        throw new UserFault(
                "installing a Testkube agent",
                environment.toString(),
                "the environment has one already, "
                        + (sameMode
                                ? "of control plane " + AgentObligation.controlPlane(known)
                                : "in mode " + AgentObligation.mode(known).word()),
                "Use one agent per environment.");
    }

    /** Writes an obligation down, and gives it back. */
    Obligation owe(Obligation obligation) {
        environments.owe(environment.environment(), obligation);
        return obligation;
    }

    /** With a deadline from now, if it has none. */
    Obligation withDeadline(Obligation obligation) {
        return AgentObligation.deadlineMillis(obligation) > 0
                ? obligation
                : owe(AgentObligation.withDeadline(obligation, nowMillis() + spec.timeout.toMillis()));
    }

    /** The environment of the runs, which is of the same build: we have no rights elsewhere and take nothing from others. */
    EnvironmentRecord executionRecord() {
        EnvironmentRecord own = livingRecord();
        if (spec.executionNamespace == null || spec.executionNamespace.isEmpty()) {
            return own;
        }
        return environments
                .find(spec.executionNamespace)
                .filter(record -> record.cluster.equals(own.cluster)
                        && record.run().equals(own.run())
                        && !isEnding(record.state)
                        && record.uid != null)
                .orElseThrow(
                        () -> new UserFault(
                                "installing a Testkube agent",
                                environment.toString(),
                                "executionNamespace: '" + spec.executionNamespace
                                        + "' is no environment of this build in cluster " + own.cluster,
                                "Name another environment of the same build: EPHEMERAL_ENVIRONMENT of a block around this one."));
    }

    /** Whether a namespace enforces Pod Security's {@code restricted}. */
    boolean isRestricted(String namespace) {
        return cluster()
                .get(Namespace.class, null, namespace)
                .map(found -> found.getMetadata().getLabels())
                .filter(labels -> "restricted".equals(labels.get("pod-security.kubernetes.io/enforce")))
                .isPresent();
    }
}
