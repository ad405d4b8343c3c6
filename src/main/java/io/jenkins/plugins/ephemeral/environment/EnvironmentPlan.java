package io.jenkins.plugins.ephemeral.environment;

import java.util.List;

/** What an environment would be made of, found out without making anything. */
public final class EnvironmentPlan {
    /** Name of the environment and of its namespace. */
    public final String name;

    /** Name of the cluster. */
    public final String cluster;

    /** Its objects in the order of their creation, {@code Kind/name}. */
    public final List<String> objects;

    /** The objects as YAML documents. Without the values of Secrets. */
    public final String yaml;

    EnvironmentPlan(String name, String cluster, List<String> objects, String yaml) {
        this.name = name;
        this.cluster = cluster;
        this.objects = List.copyOf(objects);
        this.yaml = yaml;
    }
}
