package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import java.util.List;
import java.util.Objects;

/** One right on a cluster's API: a verb on a kind of resource, in a namespace or in the whole cluster. */
public final class AccessRight {
    private final String verb;
    private final String group;
    private final String resource;
    private final String name;
    private final String namespace;

    /**
     * @param verb API verb such as {@code create}
     * @param group API group, empty for the core's
     * @param resource plural, such as {@code rolebindings}
     * @param name of the one object it is about, or null for all of them
     * @param namespace where, or null for the whole cluster
     */
    public AccessRight(String verb, String group, String resource, String name, String namespace) {
        this.verb = Objects.requireNonNull(verb);
        this.group = Objects.requireNonNull(group);
        this.resource = Objects.requireNonNull(resource);
        this.name = name;
        this.namespace = namespace;
    }

    String verb() {
        return verb;
    }

    String group() {
        return group;
    }

    String resource() {
        return resource;
    }

    String name() {
        return name;
    }

    String namespace() {
        return namespace;
    }

    /** Whether it is about that namespace or the whole cluster, so that a rules review there shows it. */
    public boolean isIn(String there) {
        return namespace == null || namespace.equals(there);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessRight && toString().equals(other.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** Whether a rule of a SelfSubjectRulesReview gives it. */
    boolean isGivenBy(ResourceRule rule) {
        boolean named = rule.getResourceNames() == null
                || rule.getResourceNames().isEmpty()
                || name != null && rule.getResourceNames().contains(name);
        return named
                && covers(rule.getVerbs(), verb)
                && covers(rule.getApiGroups(), group)
                && covers(rule.getResources(), resource);
    }

    private static boolean covers(List<String> patterns, String value) {
        return patterns != null && (patterns.contains("*") || patterns.contains(value));
    }

    /** {@code create rolebindings.rbac.authorization.k8s.io in namespace shop-1}. */
    @Override
    public String toString() {
        return verb
                + ' '
                + resource
                + (group.isEmpty() ? "" : '.' + group)
                + (name == null ? "" : ' ' + name)
                + (namespace == null ? " in the whole cluster" : " in namespace " + namespace);
    }
}
