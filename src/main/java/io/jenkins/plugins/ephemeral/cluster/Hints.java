package io.jenkins.plugins.ephemeral.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Watches for speed: whoever waits for objects of a kind in a namespace subscribes to be woken when one changes. A hint
 * is only a reason to look; looking is the truth, so subscribers keep a slow look of their own.
 *
 * <p>There is one watch per kind over all namespaces, of objects that carry our labels, while anybody subscribes to the
 * kind. Where the identity may not watch a kind in the whole cluster, as an access review says, there is one per namespace
 * in which somebody waits: see {@link Following}. Of those there are {@link #MOST_WATCHES} of a kind at most, for who has
 * waited longest; the others look by themselves: see {@link Looks}.
 * A watch is opened anew, with back-off, when it ends for whatever reason, and moved when the borrowed client is
 * replaced. One thread per cluster looks after all of them, and only while there are any.
 */
public final class Hints {
    private static final Logger LOGGER = Logger.getLogger(Hints.class.getName());
    private static final long UPKEEP_MILLIS = 2_000;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final String EVERYWHERE = "";

    /** Each costs a thread of the client library and a stream of the connection, of which servers allow 100 and more. */
    static final int MOST_WATCHES = 50;

    private final Cluster cluster;
    private final Map<String, String> labels = new HashMap<>();
    private final Map<Class<? extends HasMetadata>, Kind> kinds = new HashMap<>();
    private final Upkeep upkeep;
    private volatile int watchSeconds = 600;

    Hints(Cluster cluster, String controllerId) {
        this.cluster = cluster;
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        if (controllerId != null) {
            labels.put(Labels.CONTROLLER, controllerId);
        }
        upkeep = new Upkeep("watches of cluster " + cluster.name(), this::attendNow);
    }

    /** One subscription; closing it twice is harmless. */
    public interface Subscription extends AutoCloseable {
        /** How long to wait until the next look while this subscription stands. */
        Duration slowLook();

        /** Whether a watch stands that brings its changes, as far as we heard. */
        boolean isWatched();

        @Override
        void close();
    }

    /**
     * Subscribes to changes of our labelled objects of a kind. Makes no call itself.
     *
     * @param type the kind; only objects with our labels are seen, so others need looks of their own
     * @param namespace the namespace they are in; for namespaces themselves, the name of the one that is meant
     * @param wake called at each change, on a thread that must not be held: {@code Turn.waker()}
     */
    public Subscription subscribe(Class<? extends HasMetadata> type, String namespace, Runnable wake) {
        return subscribe(type, namespace, object -> true, wake);
    }

    /** As the other one, but only woken by objects that {@code concerns} is quick to say yes to, without calls. */
    public Subscription subscribe(
            Class<? extends HasMetadata> type, String namespace, Predicate<HasMetadata> concerns, Runnable wake) {
        return observe(type, namespace, concerns, Observer.waking(wake));
    }

    /** As the other one, but hears what changed. While {@link Subscription#isWatched} no change is missed in silence. */
    public Subscription observe(
            Class<? extends HasMetadata> type, String namespace, Predicate<HasMetadata> concerns, Observer observer) {
        return subscribe(new Interest(type, namespace, concerns, false, observer));
    }

    /** As the first one, but only woken when an object is gone: each step of a long deletion is a change too. */
    public Subscription subscribeToEnd(Class<? extends HasMetadata> type, String namespace, Runnable wake) {
        return subscribe(new Interest(type, namespace, object -> true, true, Observer.waking(wake)));
    }

    private synchronized Subscription subscribe(Interest interest) {
        Waiting waiting = new Waiting(interest);
        kinds.computeIfAbsent(interest.type(), Kind::new).waiting.add(waiting);
        upkeep.within(0);
        return waiting;
    }

    /** For how many seconds a watch is opened that is opened from now on; then it goes on where it was. */
    void watchFor(int seconds) {
        watchSeconds = seconds;
    }

    /** How many watches stand, for the cluster's page and for tests. */
    public synchronized int standing() {
        return (int) kinds.values().stream()
                .flatMap(kind -> kind.feeds.values().stream())
                .filter(Feed::stands)
                .count();
    }

    /** How each kind that somebody waited for lately is followed, by the kind's name. */
    public synchronized Map<String, Following> following() {
        Map<String, Following> ways = new TreeMap<>();
        kinds.values().stream()
                .filter(kind -> kind.choice.way() != null)
                .forEach(kind -> ways.put(kind.type.getSimpleName(), kind.choice.way()));
        return ways;
    }

    /** Closes all watches for good; subscriptions then look by themselves. */
    void close() {
        List<Feed> feeds = new ArrayList<>();
        synchronized (this) {
            kinds.values().forEach(kind -> feeds.addAll(kind.feeds.values()));
            kinds.clear();
        }
        upkeep.close();
        feeds.forEach(Feed::close);
    }

    private void attendNow() {
        List<Kind> all;
        synchronized (this) {
            all = new ArrayList<>(kinds.values());
        }
        for (Kind kind : all) {
            try {
                kind.attend();
            } catch (QueuedFault fault) {
                // while no watch stands everybody looks by himself: no waiting for the next round
                upkeep.within(fault.retryAfter().toMillis());
            } catch (RuntimeException e) {
                LOGGER.log(Level.WARNING, "watching " + kind.type.getSimpleName() + " in " + cluster.name(), e);
            }
        }
        synchronized (this) {
            kinds.values().removeIf(kind -> kind.waiting.isEmpty() && kind.feeds.isEmpty());
            if (!kinds.isEmpty()) {
                upkeep.within(UPKEEP_MILLIS);
            }
        }
    }

    private long looking(boolean watched) {
        return kinds.values().stream()
                .flatMap(kind ->
                        kind.waiting.stream().filter(each -> kind.isWatched(each.interest.namespace()) == watched))
                .count();
    }

    private final class Waiting implements Subscription {
        private final Interest interest;

        Waiting(Interest interest) {
            this.interest = interest;
        }

        @Override
        public Duration slowLook() {
            synchronized (Hints.this) {
                boolean watched = isWatched();
                return Looks.apart(watched, looking(watched), cluster.traffic().perSecond());
            }
        }

        @Override
        public boolean isWatched() {
            synchronized (Hints.this) {
                Kind kind = kinds.get(interest.type());
                return kind != null && kind.isWatched(interest.namespace());
            }
        }

        @Override
        public void close() {
            synchronized (Hints.this) {
                Kind kind = kinds.get(interest.type());
                if (kind != null && kind.waiting.remove(this) && kind.waiting.isEmpty()) {
                    kind.idleSinceNanos = System.nanoTime();
                }
            }
        }
    }

    /** What is known of one kind; fields are guarded by the Hints object, calls are made without holding it. */
    private final class Kind implements Feed.Listener {
        private final Class<? extends HasMetadata> type;
        /** Who has waited longest first. */
        private final Set<Waiting> waiting = new LinkedHashSet<>();
        /** By namespace, or {@link #EVERYWHERE}. */
        private final Map<String, Feed> feeds = new HashMap<>();

        private final FollowingChoice choice;
        private long idleSinceNanos;

        Kind(Class<? extends HasMetadata> type) {
            this.type = type;
            this.choice = new FollowingChoice(cluster, type);
        }

        boolean isWatched(String namespace) {
            Feed feed = feeds.getOrDefault(EVERYWHERE, feeds.get(namespace));
            return feed != null && feed.stands();
        }

        /** Opens, moves and closes watches until they are those that are wanted. */
        void attend() {
            KubernetesClient current = cluster.access().client();
            boolean isWaitedFor;
            synchronized (Hints.this) {
                isWaitedFor = !waiting.isEmpty();
            }
            if (isWaitedFor) {
                choice.review();
            }
            List<Feed> wanted = new ArrayList<>();
            List<Feed> unwanted = new ArrayList<>();
            synchronized (Hints.this) {
                Set<String> scopes = scopes();
                for (String scope : scopes) {
                    wanted.add(feeds.computeIfAbsent(
                            scope, key -> new Feed(cluster, type, key, labels, watchSeconds, this)));
                }
                unwanted.addAll(feeds.values());
                unwanted.removeAll(wanted);
                feeds.keySet().retainAll(scopes);
            }
            unwanted.forEach(Feed::close);
            for (Feed feed : wanted) {
                open(feed, current);
            }
        }

        private Set<String> scopes() {
            long now = System.nanoTime();
            if (waiting.isEmpty() && now - idleSinceNanos > IDLE_NANOS) {
                return Set.of();
            }
            if (choice.way() != Following.NAMESPACED) {
                return Set.of(EVERYWHERE);
            }
            Set<String> awaited = new LinkedHashSet<>();
            if (Namespaced.class.isAssignableFrom(type)) {
                waiting.forEach(each -> awaited.add(each.interest.namespace()));
            }
            // a watch that stands is not given up for somebody who came before but could not be watched then
            Set<String> namespaces = new HashSet<>(awaited);
            namespaces.retainAll(feeds.keySet());
            for (String each : awaited) {
                if (namespaces.size() < MOST_WATCHES) {
                    namespaces.add(each);
                }
            }
            return namespaces;
        }

        private void open(Feed feed, KubernetesClient current) {
            try {
                if (feed.keep(current)) {
                    // whatever happened before it stood
                    heard(feed.scope(), null, false);
                }
            } catch (QueuedFault fault) {
                throw fault;
            } catch (Fault fault) {
                LOGGER.log(Level.FINE, fault, fault::getMessage);
                if (feed.wasRefused() && feed.scope().equals(EVERYWHERE)) {
                    choice.decided(Following.NAMESPACED);
                    upkeep.within(0);
                }
            }
        }

        @Override
        public void paused() {
            upkeep.within(0);
        }

        @Override
        public void heard(String scope, HasMetadata object, boolean deleted) {
            List<Waiting> concerned = new ArrayList<>();
            synchronized (Hints.this) {
                for (Waiting each : waiting) {
                    boolean here = scope.equals(EVERYWHERE) || scope.equals(each.interest.namespace());
                    if (here && (object == null || each.interest.isIn(object, deleted))) {
                        concerned.add(each);
                    }
                }
            }
            concerned.forEach(each -> each.interest.tell(object, deleted));
            if (object == null) {
                upkeep.within(UPKEEP_MILLIS);
            }
        }
    }
}
