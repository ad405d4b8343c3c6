package io.jenkins.plugins.ephemeral.cluster;

import java.io.Serializable;
import java.util.Objects;

/** Identity of one ephemeral namespace. Persisted with steps and records: a plain class. */
public final class NamespaceRef implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String environment;
    private final String cluster;
    private final String namespace;
    private final String uid;

    /**
     * @param environment name of the environment: the key of its record
     * @param cluster name of the cluster
     * @param namespace name of the namespace
     * @param uid the namespace's UID
     */
    public NamespaceRef(String environment, String cluster, String namespace, String uid) {
        this.environment = Objects.requireNonNull(environment);
        this.cluster = Objects.requireNonNull(cluster);
        this.namespace = Objects.requireNonNull(namespace);
        this.uid = Objects.requireNonNull(uid);
    }

    /** Name of the environment. */
    public String environment() {
        return environment;
    }

    /** Name of the cluster. */
    public String cluster() {
        return cluster;
    }

    /** Name of the namespace. */
    public String namespace() {
        return namespace;
    }

    /** The namespace's UID. */
    public String uid() {
        return uid;
    }

    /** {@code dev/shop-pr-41}: what messages call it. */
    @Override
    public String toString() {
        return cluster + '/' + namespace;
    }
}
