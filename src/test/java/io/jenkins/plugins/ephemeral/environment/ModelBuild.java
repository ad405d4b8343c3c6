package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Instant;

/** A build as the model of a random history knows it. */
final class ModelBuild {
    static final String NODE = "5";

    final int number;
    final EnvironmentSpec spec;
    /** What it asks for: decided once, and saved with the build. */
    final String base;

    String job;
    /** What it holds; null while it asks. */
    NamespaceRef held;
    /** Why it got nothing; null unless it failed. */
    Throwable failure;

    Instant renewedAt;
    /** Whether what it holds may have been taken away from it: by a person, or because time jumped. */
    boolean excused;

    ModelBuild(String job, int number, EnvironmentSpec spec, String base) {
        this.job = job;
        this.number = number;
        this.spec = spec;
        this.base = base;
    }

    RunRef run() {
        return new RunRef(EnvironmentRig.CONTROLLER, job, number, "");
    }

    boolean isWaiting() {
        return held == null && failure == null;
    }

    @Override
    public String toString() {
        return job + '#' + number + ' ' + spec.lifetime + '/' + spec.concurrency;
    }
}
