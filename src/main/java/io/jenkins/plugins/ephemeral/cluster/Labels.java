package io.jenkins.plugins.ephemeral.cluster;

/** Labels and annotations that mark what is ours. Nothing without them is ever changed or deleted. */
public final class Labels {
    /** Recommended label of Kubernetes; its value on our objects is {@link #MANAGED_BY_VALUE}. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    /** Value of {@link #MANAGED_BY}, and our field manager in server-side apply. */
    public static final String MANAGED_BY_VALUE = "ephemeral-environments";

    /** Id of the controller that owns the object. */
    public static final String CONTROLLER = "ephemeral.jenkins.io/controller";

    /** Name of the environment the object belongs to. */
    public static final String ENVIRONMENT = "ephemeral.jenkins.io/environment";

    /** Name of the stage, on Jobs and Pods of stages. */
    public static final String STAGE = "ephemeral.jenkins.io/stage";

    /** Annotation: {@code shop/web/PR-41#7}, the build it belongs to. */
    public static final String RUN = "ephemeral.jenkins.io/run";

    /** Annotation: URL of the build. */
    public static final String RUN_URL = "ephemeral.jenkins.io/run-url";

    /** Annotation: when it expires, RFC 3339 in UTC with seconds. */
    public static final String EXPIRES_AT = "ephemeral.jenkins.io/expires-at";

    /** Annotation: hash of what was asked for, to tell an equal object from another one after a 409. */
    public static final String SPEC_HASH = "ephemeral.jenkins.io/spec-hash";

    /** Annotation: full name of the job, {@code shop/web/PR-41}. */
    public static final String JOB = "ephemeral.jenkins.io/job";

    /** Annotation: {@code BUILD} or {@code BRANCH}, what it lives as long as. */
    public static final String LIFETIME = "ephemeral.jenkins.io/lifetime";

    /** Annotation: the name that was asked for, without the number of a generation. */
    public static final String BASE = "ephemeral.jenkins.io/base-name";

    /** Annotation: idle time after which it is deleted, ISO-8601. */
    public static final String TTL = "ephemeral.jenkins.io/ttl";

    /** Annotation: age at which it is deleted, ISO-8601. */
    public static final String MAX_AGE = "ephemeral.jenkins.io/max-age";

    /** Annotation that kube-janitor reads: {@code 2026-01-02T03:04:05Z}. */
    public static final String JANITOR_EXPIRES = "janitor/expires";

    private Labels() {}
}
