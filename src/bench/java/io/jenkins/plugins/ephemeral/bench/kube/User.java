package io.jenkins.plugins.ephemeral.bench.kube;

import java.util.List;

/**
 * An authenticated user.
 *
 * @param name user name, {@code system:serviceaccount:<namespace>:<name>} for a service account
 * @param groups groups
 */
record User(String name, List<String> groups) {
    static final String MASTERS = "system:masters";
    static final User SYSTEM = new User("system:kube-controller-manager", List.of(MASTERS));

    static User serviceAccount(String namespace, String name) {
        return new User(
                "system:serviceaccount:" + namespace + ":" + name,
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"));
    }

    boolean isMaster() {
        return groups.contains(MASTERS);
    }
}
