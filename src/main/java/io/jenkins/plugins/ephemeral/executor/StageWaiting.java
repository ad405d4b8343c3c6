package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.AccessRight;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.Hints;
import io.jenkins.plugins.ephemeral.cluster.Observer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What wakes a stage between its turns: watches of Jobs and Pods, of which it hears of its own. */
final class StageWaiting {
    private static final Duration A_WHILE = Duration.ofSeconds(3);

    private final List<Hints.Subscription> subscriptions = new ArrayList<>();
    private Cluster watched;
    private boolean closed;
    private Instant blindSince;
    private boolean complained;

    /** Watches that cluster from now on, also when it was configured anew. */
    synchronized void watch(Cluster cluster, String namespace, String jobName, Observer observer) {
        if (closed || cluster == watched) {
            return;
        }
        unsubscribe();
        if (watched != null) {
            observer.missed();
        }
        watched = cluster;
        subscriptions.add(cluster.hints().observe(Job.class, namespace, job -> isNamed(job, jobName), observer));
        subscriptions.add(cluster.hints().observe(Pod.class, namespace, pod -> isOf(pod, jobName), observer));
    }

    private static boolean isNamed(HasMetadata job, String jobName) {
        return jobName.equals(job.getMetadata().getName());
    }

    private static boolean isOf(HasMetadata pod, String jobName) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels != null && jobName.equals(labels.get(StageJobManifest.JOB));
    }

    /** Whether both watches stand, as far as we heard. */
    synchronized boolean isWatched() {
        return !subscriptions.isEmpty() && subscriptions.stream().allMatch(Hints.Subscription::isWatched);
    }

    /**
     * Says once what it may not watch. The server is asked only when the watches have not stood for a while: they also
     * fall while it restarts.
     */
    void complain(Stage stage, Instant now) {
        synchronized (this) {
            boolean blind = slowLook().compareTo(A_WHILE) < 0;
            blindSince = blind ? blindSince == null ? now : blindSince : null;
            if (complained || blindSince == null || now.isBefore(blindSince.plus(A_WHILE))) {
                return;
            }
        }
        for (AccessRight right : List.of(
                new AccessRight("watch", "batch", "jobs", null, stage.namespace()),
                new AccessRight("watch", "", "pods", null, stage.namespace()))) {
            if (!stage.cluster().reviews().holds(right)) {
                stage.say("Jenkins' identity may not " + right
                        + ": what happens is seen by looking each second. docs/rbac.md lists what it needs.");
            }
        }
        synchronized (this) {
            complained = true;
        }
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
