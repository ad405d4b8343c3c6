package io.jenkins.plugins.ephemeral.bench.kube;

/**
 * One served kind.
 *
 * @param group API group, "" for the core group
 * @param version version under which it is served
 * @param kind kind
 * @param plural name in paths
 * @param namespaced whether objects live in namespaces
 * @param custom whether a CustomResourceDefinition brought it
 */
record ResourceType(String group, String version, String kind, String plural, boolean namespaced, boolean custom) {

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Name in messages and in storage: {@code jobs.batch}. */
    String qualified() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    boolean is(String otherQualified) {
        return qualified().equals(otherQualified);
    }
}
