package io.jenkins.plugins.ephemeral.agent;

import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.Locale;

/** The ways in which an environment comes to an agent. */
public enum AgentMode {
    /** One of its own, made in the control plane for this environment and deleted with it. */
    RUNNER,
    /** The one identity that all environments of a Testkube Environment take in turn. */
    SHARED,
    /** One that is already in the cluster, with an API of its own; nothing is installed. */
    STANDALONE;

    /** The word that users write. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of a word. */
    static AgentMode of(String word) {
        for (AgentMode mode : values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        throw new UserFault(
                "choosing a Testkube agent",
                "",
                "the mode '" + word + "' is not known",
                "Use mode: 'runner', 'shared' or 'standalone'.");
    }
}
