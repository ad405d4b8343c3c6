package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.util.Optional;

/** Agents in environments. */
public interface Agents {
    /**
     * Installs and connects an agent: obligation into the record, agent created in the control plane (a lost answer is
     * settled by its name), its objects applied, its Pod ready, and the control plane's own {@code accessedAt} later
     * than {@code createdAt}. Idempotent across restarts by the agent's name, which follows from the environment's. In
     * mode {@code shared} it waits for its turn first; in mode {@code standalone} nothing is installed.
     *
     * @return a reconciler whose result is the connected agent
     */
    Reconciler<AgentRef> install(NamespaceRef environment, AgentSpec spec, RunRef run, Console console);

    /** The agent of an environment, read from its record, once it is known. */
    Optional<AgentRef> find(NamespaceRef environment);

    /** Takes agents away again on both sides: stops the Deployment, deletes the agent in the control plane. */
    Undoer undoer();
}
