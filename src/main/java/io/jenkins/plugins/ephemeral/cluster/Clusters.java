package io.jenkins.plugins.ephemeral.cluster;

import java.util.List;

/** The clusters of this controller. */
public interface Clusters {
    /**
     * The cluster of that name, the same object as long as the configuration stays the same.
     *
     * @param name a name, or null or empty for the only one there is
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault if there is none of that name, or the name is missing and
     *     there are several; the message lists the names that exist
     */
    Cluster cluster(String name);

    /** The names that exist, in the order of the configuration. */
    List<String> names();

    /** On what terms environments are placed in the cluster of that name. */
    default ClusterTerms terms(String name) {
        return ClusterTerms.NONE;
    }

    /** Whether the builds of a job may use the cluster of that name. */
    default boolean isAllowed(String name, String jobFullName) {
        return true;
    }
}
