package io.jenkins.plugins.ephemeral.outside;

import java.io.Serializable;
import java.util.Objects;

/** Which build of which controller something belongs to. Persisted: a plain class. */
public final class RunRef implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String controllerId;
    private final String jobFullName;
    private final int buildNumber;
    private final String url;

    /**
     * @param controllerId id of this Jenkins controller, stable over restarts, unique per JENKINS_HOME
     * @param jobFullName full name of the job with its folders: {@code shop/web/PR-41}
     * @param buildNumber number of the build
     * @param url absolute URL of the build, or empty if Jenkins has no root URL
     */
    public RunRef(String controllerId, String jobFullName, int buildNumber, String url) {
        this.controllerId = Objects.requireNonNull(controllerId);
        this.jobFullName = Objects.requireNonNull(jobFullName);
        this.buildNumber = buildNumber;
        this.url = Objects.requireNonNull(url);
    }

    /** Id of the controller. */
    public String controllerId() {
        return controllerId;
    }

    /** Full name of the job. */
    public String jobFullName() {
        return jobFullName;
    }

    /** Number of the build. */
    public int buildNumber() {
        return buildNumber;
    }

    /** Absolute URL of the build, or empty. */
    public String url() {
        return url;
    }

    /** {@code shop/web/PR-41#7}: what annotations, tags and messages call this build. */
    public String externalId() {
        return jobFullName + '#' + buildNumber;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RunRef
                && controllerId.equals(((RunRef) other).controllerId)
                && jobFullName.equals(((RunRef) other).jobFullName)
                && buildNumber == ((RunRef) other).buildNumber;
    }

    @Override
    public int hashCode() {
        return Objects.hash(controllerId, jobFullName, buildNumber);
    }

    @Override
    public String toString() {
        return externalId();
    }
}
