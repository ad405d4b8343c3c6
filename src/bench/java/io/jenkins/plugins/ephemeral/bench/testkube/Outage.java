package io.jenkins.plugins.ephemeral.bench.testkube;

/** Ways in which the whole control plane can be away for a while. */
public enum Outage {
    /** Nothing listens on its port; open connections and streams break. */
    CONNECTION_REFUSED,
    /** Connections are accepted and closed without an answer. */
    CONNECTION_DROPPED,
    /** Every request is answered with 503. */
    SERVER_ERROR
}
