package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One watch that is opened again whenever it ended. Kept by one thread; its events come on those of the client. */
final class Feed {
    private static final long FIRST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_BACKOFF_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int OVERDUE_SECONDS = 60;

    private final Cluster cluster;
    private final Class<? extends HasMetadata> type;
    private final String scope;
    private final Map<String, String> labels;
    private final int seconds;
    private final Listener listener;
    private WeakReference<KubernetesClient> client = new WeakReference<>(null);
    private volatile Opened opened;
    /** What was told already: where the next one goes on; empty to begin with what is there. */
    private volatile String from = "";

    private boolean refused;
    private int failures;
    private long notBeforeNanos = System.nanoTime();
    private boolean closed;

    /** Hears of changes, on a thread that must not be held. */
    interface Listener {
        /**
         * @param scope what the feed watches
         * @param object what changed, or null if anything may have happened anywhere in the scope
         * @param deleted whether the object is gone
         */
        void heard(String scope, HasMetadata object, boolean deleted);

        /** Its time was over: nothing was lost if it is opened again soon. */
        void paused();
    }

    /**
     * @param scope a namespace, or empty for all of them
     * @param seconds after which the server ends it: one that stands longer is dead, and nobody has said so
     * @param listener hears of each change
     */
    Feed(
            Cluster cluster,
            Class<? extends HasMetadata> type,
            String scope,
            Map<String, String> labels,
            int seconds,
            Listener listener) {
        this.cluster = cluster;
        this.type = type;
        this.scope = scope;
        this.labels = labels;
        this.seconds = seconds;
        this.listener = listener;
    }

    String scope() {
        return scope;
    }

    /** Whether it is open, as far as we heard. */
    boolean stands() {
        Opened now = opened;
        return now != null && now.stands;
    }

    /** Whether the last attempt to open it was answered with 403. */
    synchronized boolean wasRefused() {
        return refused;
    }

    /**
     * Opens it if it does not stand, or stands on another client than this one, and its back-off is over.
     *
     * @return whether it was opened, and anything may have happened before
     */
    boolean keep(KubernetesClient current) {
        boolean moved = client.get() != current;
        Opened old = opened;
        boolean dead = old != null && old.isOverdue();
        synchronized (this) {
            if (closed || stands() && !moved && !dead || !moved && System.nanoTime() - notBeforeNanos < 0) {
                return false;
            }
        }
        closeOpened();
        if (moved || dead) {
            from = "";
        }
        boolean gap = from.isEmpty();
        Opened next = new Opened();
        try {
            next.watch = cluster.call(
                    "watching " + type.getSimpleName(), scope.isEmpty() ? "*" : scope, api -> watch(api, next));
        } catch (Fault fault) {
            failed(fault);
            throw fault;
        }
        client = new WeakReference<>(current);
        synchronized (this) {
            refused = false;
            opened = next;
            if (!closed) {
                return gap;
            }
        }
        closeOpened();
        return false;
    }

    /** Closes it for good. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        closeOpened();
    }

    private void closeOpened() {
        Opened old = opened;
        opened = null;
        if (old != null) {
            old.close();
        }
    }

    private WatchStream watch(KubernetesClient api, Opened watcher) {
        return WatchStream.open(api, type, scope, labels, from, seconds, watcher);
    }

    private synchronized void failed(Fault fault) {
        refused = fault.getCause() instanceof KubernetesClientException
                && ((KubernetesClientException) fault.getCause()).getCode() == 403;
        if (fault instanceof QueuedFault) {
            return; // the limiter's: it comes again when it is due
        }
        if (fault.getCause() instanceof KubernetesClientException
                && ((KubernetesClientException) fault.getCause()).getCode() == 410) {
            from = ""; // what it would go on from is forgotten there
        }
        long pause = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(failures++, 6));
        if (fault instanceof TransientFault) {
            pause = Math.max(pause, ((TransientFault) fault).retryAfter().toNanos());
        }
        notBeforeNanos = System.nanoTime() + pause;
    }

    /** One opening of it; what an earlier one still says does not matter. */
    private final class Opened implements WatchStream.Listener {
        private volatile boolean stands = true;
        private volatile boolean ours;
        private volatile WatchStream watch;
        private final long openedNanos = System.nanoTime();

        /** Whether the server should have ended it long ago. */
        boolean isOverdue() {
            return System.nanoTime() - openedNanos > TimeUnit.SECONDS.toNanos(seconds + OVERDUE_SECONDS);
        }

        @Override
        public void changed(String kind, HasMetadata object) {
            listener.heard(scope, object, kind.equals("DELETED"));
        }

        @Override
        public void reached(String resourceVersion) {
            if (!ours && !resourceVersion.isEmpty()) {
                from = resourceVersion;
            }
        }

        @Override
        public void ended(boolean whole) {
            boolean before = stands;
            stands = false;
            if (ours || !before) {
                return;
            }
            if (!whole) {
                from = "";
            }
            synchronized (Feed.this) {
                boolean stoodWell = System.nanoTime() - openedNanos > TimeUnit.SECONDS.toNanos(10);
                failures = stoodWell ? 0 : failures + 1;
                long pause = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(failures, 6));
                notBeforeNanos = System.nanoTime() + (stoodWell ? 0 : pause);
            }
            if (whole) {
                listener.paused();
            } else {
                listener.heard(scope, null, false);
            }
        }

        void close() {
            ours = true;
            stands = false;
            if (watch != null) {
                watch.close();
            }
        }
    }
}
