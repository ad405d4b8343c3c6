package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What wakes a stage between its turns: watches of its Jobs and Pods. */
final class StageWaiting {
    private final List<Hints.Subscription> subscriptions = new ArrayList<>();
    private Cluster watched;
    private boolean closed;

    /** Watches that cluster from now on, also when it was configured anew. */
    synchronized void watch(Cluster cluster, String namespace, Runnable wake) {
        if (closed || cluster == watched) {
            return;
        }
        unsubscribe();
        watched = cluster;
        subscriptions.add(cluster.hints().subscribe(Job.class, namespace, wake));
        subscriptions.add(cluster.hints().subscribe(Pod.class, namespace, wake));
    }

    /** How long to wait until the next look. */
    synchronized Duration slowLook() {
        Duration least = Duration.ofSeconds(30);
        for (Hints.Subscription subscription : subscriptions) {
            Duration look = subscription.slowLook();
            least = look.compareTo(least) < 0 ? look : least;
        }
        return least;
    }

    /** Ends it. */
    synchronized void close() {
        closed = true;
        unsubscribe();
    }

    private void unsubscribe() {
        subscriptions.forEach(Hints.Subscription::close);
        subscriptions.clear();
    }
}
