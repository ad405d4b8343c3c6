package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * One Kubernetes API endpoint and identity. The client is borrowed: it may be replaced at any time (the kubernetes
 * plugin renews its clients after minutes and when a cloud is saved), so it is asked for before each call and neither
 * kept nor closed.
 */
public interface ClusterAccess {
    /** The name users know it by: of the Kubernetes cloud, or of a connection of ours. */
    String name();

    /**
     * The client to make the next call with.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if the configuration or the credentials do not allow one
     */
    KubernetesClient client();

    /**
     * Who Jenkins is in that cluster, for servers that do not say it themselves (before Kubernetes 1.27):
     * {@code system:serviceaccount:jenkins:controller} or the name of a user.
     *
     * @return null or empty if it was not configured
     */
    default String subject() {
        return null;
    }

    /** On what terms environments are placed there. */
    default ClusterTerms terms() {
        return ClusterTerms.NONE;
    }

    /**
     * Whether the builds of a job may use it.
     *
     * @param jobFullName full name of the job
     */
    default boolean isAllowedFor(String jobFullName) {
        return true;
    }
}
