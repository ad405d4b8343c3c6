package io.jenkins.plugins.ephemeral.bench.kube;

/**
 * Who writes, and how.
 *
 * @param user the authenticated user
 * @param manager name under which the written fields are owned
 * @param dryRun whether nothing may be stored
 * @param apply whether this is a server-side apply
 * @param force whether an apply takes fields from their owners
 */
record Call(User user, String manager, boolean dryRun, boolean apply, boolean force) {
    /** The cluster's own controllers. */
    static final Call CONTROLLER = new Call(User.SYSTEM, "kube-controller-manager", false, false, false);
}
