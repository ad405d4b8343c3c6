package io.jenkins.plugins.ephemeral.executor;

import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import java.time.Instant;

/** One stage: what was asked for, where it is, how far it has come, and who listens. */
final class Stage {
    private final Clusters clusters;
    private final NamespaceRef environment;
    private final Instant usableSince;
    private final StageJobSpec spec;
    private final StageJobState state;
    private final Console console;
    private final SecretWords secrets;
    private final StageLock lock;

    /** @param usableSince when the environment became usable, or null if nobody knows */
    Stage(
            Clusters clusters,
            NamespaceRef environment,
            Instant usableSince,
            StageJobSpec spec,
            StageJobState state,
            Console console,
            StageLocks locks) {
        this.clusters = clusters;
        this.usableSince = usableSince;
        this.environment = environment;
        this.spec = spec;
        this.state = state;
        this.console = console;
        this.lock = new StageLock(locks, clusters, spec.lock, where(), where(), this::say);
        this.secrets = SecretWords.of(spec.payload);
    }

    /** The cluster, as it is configured now. */
    Cluster cluster() {
        return clusters.cluster(environment.cluster());
    }

    NamespaceRef environment() {
        return environment;
    }

    /** When the environment became usable, or null. */
    Instant usableSince() {
        return usableSince;
    }

    String namespace() {
        return environment.namespace();
    }

    StageJobSpec spec() {
        return spec;
    }

    StageType type() {
        return StageType.of(spec);
    }

    StageJobState state() {
        return state;
    }

    /** {@code dev/shop-pr-41/plan-7-3f2a9c1b0d5e}: what messages call its Job. */
    String where() {
        return environment + "/" + state.jobName;
    }

    /** Its lock, which wants nothing if the stage needs none. */
    StageLock lock() {
        return lock;
    }

    /** What a program printed, without the payload's secret values. */
    String masked(String text) {
        return secrets.masked(text);
    }

    /** Prints one line with the stage's name before it. */
    void say(String text) {
        console.line('[' + spec.name + "] " + text);
    }
}
