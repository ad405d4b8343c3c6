package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Progress;

/** Where the identity of an agent comes from: one way for each mode. */
interface AgentSource {
    /** Its mode. */
    AgentMode mode();

    /** Key of the obligation. */
    String key();

    /**
     * One turn of coming to an identity; called until done, and once in each life of the controller. When it is done the
     * namespace's Secret holds the identity, and the obligation has id, name and deadline.
     *
     * @return the identity, or when to ask again
     */
    Progress<AgentCredentials> identify(Obligation obligation) throws InterruptedException;

    /** Whether what the control plane says about the agent proves that it connected from this environment. */
    Proof connected(Obligation obligation) throws InterruptedException;

    /** What it waits for, a lowercase clause. */
    String status();

    /**
     * What is known about the connection.
     *
     * @param connected whether it is there
     * @param version version of the agent; empty if not said
     * @param problem why it will not come, or null
     * @param remedy what to do about that
     */
    record Proof(boolean connected, String version, String problem, String remedy) {
        static Proof yes(String version) {
            return new Proof(true, version, null, "");
        }

        static Proof notYet() {
            return new Proof(false, "", null, "");
        }

        static Proof never(String problem, String remedy) {
            return new Proof(false, "", problem, remedy);
        }
    }
}
