package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeOrganization;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Logger;

/**
 * Takes an agent away on both sides: its runs are aborted, it is stopped, so that it starts nothing any more, and then it
 * is deleted in the control plane, where it would hold a licence; a shared one is handed on. What is done is written
 * down, and a side that does not answer holds the other one up no longer than need be.
 */
final class AgentRemoval {
    /** Tag of the runs that were started for an environment. */
    static final String TAG = "ephemeral-environment";

    /** Tag with the controller that started them; runs that versions before this tag started have none. */
    static final String CONTROLLER_TAG = "jenkins-controller";

    private static final Duration LOOK = Duration.ofMillis(500);
    /** How often runs are asked to end before the agent is stopped under them. */
    static final int MOST_ROUNDS = 20;
    /** How long the control plane's half waits for a cluster that does not answer. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Logger LOGGER = Logger.getLogger(AgentRemoval.class.getName());

    private final Clusters clusters;
    private final Environments environments;
    private final TestkubeClients clients;
    private final Clock clock;
    private final EnvironmentRecord environment;
    private final AgentIdentity identity;
    private final Console console;
    private Obligation known;

    AgentRemoval(
            Clusters clusters,
            Environments environments,
            TestkubeClients clients,
            Clock clock,
            EnvironmentRecord environment,
            Obligation obligation,
            Console console) {
        this.clusters = clusters;
        this.environments = environments;
        this.clients = clients;
        this.clock = clock;
        this.environment = environment;
        this.console = console;
        this.identity = new AgentIdentity(environment.name, environment.controllerId);
        // the record may know more than the copy that a turn began with
        this.known = environments
                .find(environment.name)
                .flatMap(AgentObligation::in)
                .filter(live -> live.key.equals(obligation.key))
                .orElse(obligation);
    }

    /** One turn. Faults come out of it; it is made anew and called again until it is done. */
    Progress<Void> turn() throws InterruptedException {
        if (AgentObligation.mode(known) == AgentMode.STANDALONE) {
            return standalone();
        }
        Fault away = null;
        try {
            if (!runsHaveEnded()) {
                return Progress.again(LOOK);
            }
        } catch (QueuedFault queued) {
            throw queued;
        } catch (Fault fault) {
            // the agent is stopped all the same; its runs are ended when the control plane is back
            away = fault;
        }
        TransientFault unreachable = stop();
        if (unreachable == null && !AgentObligation.isStopped(known)) {
            return Progress.again(LOOK);
        }
        if (away != null) {
            throw away;
        }
        boolean goOn = unreachable == null || isLate() && AgentObligation.mode(known) == AgentMode.RUNNER;
        if (goOn && !giveUpIdentity()) {
            return Progress.again(LOOK);
        }
        if (unreachable != null) {
            throw unreachable;
        }
        console.line(
                AgentObligation.mode(known) == AgentMode.SHARED
                        ? "The shared Testkube agent is stopped and free for the next environment."
                        : "Testkube agent " + known.key + " is stopped and deleted in control plane "
                                + AgentObligation.controlPlane(known) + '.');
        return Progress.done(null);
    }

    private void write(Obligation changed) {
        known = changed;
        if (environments.find(environment.name).isPresent()) {
            environments.owe(environment.name, changed);
        }
    }

    /** The runs of this environment, and whatever else its own agent has. */
    private boolean runsHaveEnded() throws InterruptedException {
        int rounds = AgentObligation.abortRounds(known);
        if (rounds < 0 || rounds >= MOST_ROUNDS) {
            return true;
        }
        TestkubeClient client = clients.client(AgentObligation.controlPlane(known));
        String id = AgentObligation.mode(known) == AgentMode.RUNNER ? AgentObligation.id(known) : null;
        List<TestkubeOrganization.Unfinished> runs;
        try {
            runs = client.organization().unfinished().stream()
                    .filter(run -> isOurs(run.tags()) || id != null && id.equals(run.runnerId()))
                    .toList();
        } catch (UserFault refused) {
            return isRefusedForGood(refused);
        }
        Fault refused = null;
        for (TestkubeOrganization.Unfinished run : runs) {
            try {
                client.abort(run.id());
            } catch (QueuedFault queued) {
                throw queued;
            } catch (Fault fault) {
                refused = refused == null ? fault : refused;
            }
        }
        write(AgentObligation.withAbortRounds(known, runs.isEmpty() ? -1 : rounds + 1));
        if (refused != null) {
            // counted as well: a run that cannot be aborted must not keep the agent and its licence for ever
            throw refused;
        }
        return runs.isEmpty();
    }

    /** Whether a run was started for this environment, which another controller may have one of the same name as. */
    private boolean isOurs(Map<String, String> tags) {
        return environment.name.equals(tags.get(TAG))
                && environment.controllerId.equals(tags.getOrDefault(CONTROLLER_TAG, environment.controllerId));
    }

    /**
     * Runs that Jenkins may not list (403, 404) cannot be aborted, and time alone will not change that: after a while
     * the agent goes without.
     */
    private boolean isRefusedForGood(UserFault refused) {
        if (!isLate()) {
            throw refused;
        }
        note("Runs of environment " + environment.name + " are not aborted, as they cannot be listed: "
                + refused.getMessage());
        // not written down: what is refused today may be allowed when the agent's deletion is tried again
        return true;
    }

    private void note(String text) {
        LOGGER.warning(text);
        console.line(text);
    }

    /** @return why the cluster could not be asked, or null */
    private TransientFault stop() {
        if (AgentObligation.isStopped(known)) {
            return null;
        }
        try {
            boolean stopped = environment.uid == null
                    || new AgentStop(clusters.cluster(environment.cluster), environment, identity)
                            .isConfirmed(AgentObligation.isGitops(known));
            if (stopped) {
                write(AgentObligation.stopped(known));
            }
            return null;
        } catch (QueuedFault queued) {
            throw queued;
        } catch (TransientFault fault) {
            return fault;
        }
    }

    private boolean isLate() {
        return environment.releasedAt != null && clock.instant().isAfter(environment.releasedAt.plus(PATIENCE));
    }

    /** Deletes an own agent, by name too: an attempt whose answer was lost has left an id that nobody wrote down. */
    private boolean giveUpIdentity() throws InterruptedException {
        TestkubeClient client = clients.client(AgentObligation.controlPlane(known));
        if (AgentObligation.mode(known) == AgentMode.SHARED) {
            String queue = SharedAgent.queueCluster(known, environment, client.connection());
            return environment.uid == null
                    || new SharedQueue(clusters.cluster(queue), client.connection(), clock)
                            .leave(SharedAgent.entry(environment, queue));
        }
        String id = AgentObligation.id(known);
        if (id != null) {
            client.deleteAgent(id);
        }
        Optional<TestkubeAgent> left;
        try {
            left = client.findAgent(known.key).filter(identity::isOurs);
        } catch (UserFault refused) {
            if (id == null) {
                throw refused;
            }
            note("Testkube agent " + known.key
                    + " is deleted; whether another one of that name is left cannot be seen: " + refused.getMessage());
            return true;
        }
        if (left.isPresent()) {
            client.deleteAgent(left.get().id());
        }
        return true;
    }

    private Progress<Void> standalone() {
        int rounds = AgentObligation.abortRounds(known);
        AgentApi api = new AgentApi(clusters.cluster(environment.cluster), known.key);
        boolean goesWithIt = known.key.startsWith(environment.name + '/');
        if (rounds < 0 || rounds >= MOST_ROUNDS || goesWithIt) {
            return Progress.done(null);
        }
        // first what would start more of them
        AgentExecutions.delete(
                clusters.cluster(environment.cluster), known.key.substring(0, known.key.indexOf('/')), environment);
        List<String> runs;
        try {
            runs = api.unfinished(this::isOurs);
        } catch (UserFault refused) {
            if (AgentApi.code(refused) == 401) {
                throw refused; // of the login, not of the right: it will be renewed
            }
            isRefusedForGood(refused);
            return Progress.done(null);
        }
        runs.forEach(api::abort);
        write(AgentObligation.withAbortRounds(known, runs.isEmpty() ? -1 : rounds + 1));
        return runs.isEmpty() ? Progress.done(null) : Progress.again(LOOK);
    }
}
