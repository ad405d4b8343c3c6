package io.jenkins.plugins.ephemeral.bench.kube;

/**
 * What a server of some release does otherwise than others, as far as the plugin meets it.
 *
 * @param text such as {@code 1.31.0}
 */
record ServerVersion(String text) {
    int minor() {
        return Integer.parseInt(text.split("\\.")[1]);
    }

    /** SelfSubjectReview is generally available since 1.28. */
    boolean tellsWhoOneIs() {
        return minor() >= 28;
    }

    /** A Job's {@code podReplacementPolicy} is on since 1.29; before, the field is dropped or ignored. */
    boolean knowsPodReplacementPolicy() {
        return minor() >= 29;
    }

    /**
     * Since Pods are tracked by finalizers (on since 1.26), a Job counts a deleted Pod as failed. Before (seen on 1.20.2) it
     * is replaced at once, also beyond the back-off limit, and both run side by side for its grace period.
     */
    boolean countsDeletedPods() {
        return minor() >= 26;
    }
}
