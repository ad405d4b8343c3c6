package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import java.time.Instant;
import java.util.Optional;

/** What the record of an environment says about its agent; the key is the agent's name, or says whose it is. */
final class AgentObligation {
    /** Kind of the obligation. */
    static final String KIND = "testkube-agent";

    private static final String MODE = "mode";
    private static final String CONTROL_PLANE = "controlPlane";
    private static final String ID = "id";
    private static final String AGENT_NAME = "name";
    private static final String SERVICE = "service";
    private static final String DEADLINE = "deadlineMillis";
    private static final String ACCESSED_BEFORE = "accessedBefore";
    private static final String QUEUE = "queueCluster";
    private static final String GITOPS = "gitops";
    private static final String STOPPED = "stopped";
    private static final String ABORT_ROUNDS = "abortRounds";

    private AgentObligation() {}

    /** One that is taken on before anything is made. */
    static Obligation of(AgentMode mode, String controlPlane, String key) {
        Obligation obligation = new Obligation();
        obligation.kind = KIND;
        obligation.key = key;
        obligation.details.put(MODE, mode.word());
        obligation.details.put(CONTROL_PLANE, controlPlane);
        return obligation;
    }

    /** That of the agent in a record, if one was taken on. */
    static Optional<Obligation> in(EnvironmentRecord environment) {
        return environment.obligations.stream()
                .filter(obligation -> KIND.equals(obligation.kind))
                .findFirst();
    }

    private static Obligation with(Obligation known, String detail, String value) {
        Obligation changed = new Obligation();
        changed.kind = known.kind;
        changed.key = known.key;
        changed.trouble = known.trouble;
        changed.holdsNamespace = known.holdsNamespace;
        changed.details.putAll(known.details);
        if (value == null) {
            changed.details.remove(detail);
        } else {
            changed.details.put(detail, value);
        }
        return changed;
    }

    static AgentMode mode(Obligation obligation) {
        return AgentMode.of(obligation.details.getOrDefault(MODE, AgentMode.RUNNER.word()));
    }

    /** Name of the control plane; empty for an agent that has none. */
    static String controlPlane(Obligation obligation) {
        return obligation.details.get(CONTROL_PLANE);
    }

    /** Id in the control plane, or null while it is not known; empty for one that has none. */
    static String id(Obligation obligation) {
        return obligation.details.get(ID);
    }

    /** Name by which runs target it; empty if they cannot. */
    static String name(Obligation obligation) {
        return obligation.details.getOrDefault(AGENT_NAME, "");
    }

    static Obligation withAgent(Obligation known, String id, String name) {
        return with(with(known, ID, id), AGENT_NAME, name);
    }

    /** {@code namespace/service:port} of a standalone agent; empty for others. */
    static String service(Obligation obligation) {
        return obligation.details.getOrDefault(SERVICE, "");
    }

    static Obligation withService(Obligation known, String service) {
        return with(known, SERVICE, service);
    }

    /** Until when the installation that goes on may take, milliseconds since the epoch; 0 if none goes on. */
    static long deadlineMillis(Obligation obligation) {
        return Long.parseLong(obligation.details.getOrDefault(DEADLINE, "0"));
    }

    static Obligation withDeadline(Obligation known, long deadlineMillis) {
        return with(known, DEADLINE, deadlineMillis == 0 ? null : String.valueOf(deadlineMillis));
    }

    /** When the shared agent had been seen last before this environment got it; null if it was not looked up yet. */
    static Instant accessedBefore(Obligation obligation) {
        String text = obligation.details.get(ACCESSED_BEFORE);
        return text == null ? null : Instant.parse(text);
    }

    static Obligation withAccessedBefore(Obligation known, Instant when) {
        return with(known, ACCESSED_BEFORE, when.toString());
    }

    /** Cluster that keeps the queue this environment stands in; null if it stands in none, or did before this was kept. */
    static String queueCluster(Obligation obligation) {
        return obligation.details.get(QUEUE);
    }

    static Obligation withQueueCluster(Obligation known, String cluster) {
        return with(known, QUEUE, cluster);
    }

    /** Marks an agent whose namespace must not go while it lives, since it would take what it synced along. */
    static Obligation holding(Obligation known) {
        Obligation held = with(known, GITOPS, "true");
        held.holdsNamespace = true;
        return held;
    }

    static boolean isGitops(Obligation obligation) {
        return obligation.details.containsKey(GITOPS);
    }

    /** Whether it was confirmed that nothing of the agent runs in the cluster any more. */
    static boolean isStopped(Obligation obligation) {
        return obligation.details.containsKey(STOPPED);
    }

    static Obligation stopped(Obligation known) {
        Obligation stopped = with(known, STOPPED, "true");
        stopped.holdsNamespace = false;
        return stopped;
    }

    /** How often its runs were asked to end; negative once none was left. */
    static int abortRounds(Obligation obligation) {
        return Integer.parseInt(obligation.details.getOrDefault(ABORT_ROUNDS, "0"));
    }

    static Obligation withAbortRounds(Obligation known, int rounds) {
        return with(known, ABORT_ROUNDS, String.valueOf(rounds));
    }
}
