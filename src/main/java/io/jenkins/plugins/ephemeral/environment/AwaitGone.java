package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.time.Duration;

/** Waits until an environment is gone, or until it is known why it does not go. */
final class AwaitGone implements Reconciler<EnvironmentRecord> {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Registry registry;
    private final String name;
    private EnvironmentRecord last;

    AwaitGone(Registry registry, String name) {
        this.registry = registry;
        this.name = name;
        this.last = registry.find(name).orElseGet(EnvironmentRecord::new);
    }

    @Override
    public Progress<EnvironmentRecord> reconcile() {
        EnvironmentRecord record = registry.find(name).orElse(null);
        if (record == null) {
            last.name = name;
            last.state = EnvironmentState.GONE;
            last.reason = null;
            return Progress.done(last);
        }
        last = record;
        boolean given = record.state == EnvironmentState.STUCK || record.state == EnvironmentState.UNREACHABLE;
        return given ? Progress.done(record) : Progress.again(LOOK);
    }

    @Override
    public String status() {
        return "waiting until environment " + name + " is gone";
    }
}
