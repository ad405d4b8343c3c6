package io.jenkins.plugins.ephemeral.environment;

import io.jenkins.plugins.ephemeral.cluster.NamespaceContents;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes out of a namespace of a pool what was not there before it was leased for the first time. */
final class PoolCleaning {
    private static final int NAMED = 10;

    private final NamespaceContents contents;

    PoolCleaning(NamespaceContents contents) {
        this.contents = contents;
    }

    /** How far it is. */
    static final class State {
        /** What is there and should not be. */
        final List<String> left = new ArrayList<>();
        /** What should be there and is not. */
        final Set<String> missing = new HashSet<>();

        @Override
        public String toString() {
            return left.stream().limit(NAMED).collect(Collectors.joining(", "))
                    + (left.size() > NAMED ? " and " + (left.size() - NAMED) + " more" : "");
        }
    }

    /** What is in a namespace now. */
    PoolLease.Snapshot snapshot(String namespace) {
        NamespaceContents.Found found = contents.list(namespace);
        PoolLease.Snapshot snapshot = new PoolLease.Snapshot();
        found.items().stream()
                .map(NamespaceContents.Item::key)
                .filter(key -> !key.equals(PoolLease.KEY))
                .forEach(snapshot.objects::add);
        snapshot.unseen.addAll(found.unseen());
        return snapshot;
    }

    /**
     * One pass: looks, and asks for the deletion of what should not be there. Called again until nothing is left.
     *
     * @param lease the lease by which it is done, as it was read just before
     */
    State advance(String namespace, PoolLease lease) {
        PoolLease.Snapshot snapshot = lease.snapshot()
                .orElseThrow(() -> new UserFault(
                        "cleaning the leased namespace",
                        namespace,
                        "its Lease " + PoolLease.NAME + " does not say what was there before",
                        "Clean it by hand, and delete the Lease."));
        Set<String> kept = new HashSet<>(snapshot.objects);
        kept.add(PoolLease.KEY);
        NamespaceContents.Found found = contents.list(namespace);
        State state = new State();
        state.missing.addAll(snapshot.objects);
        for (NamespaceContents.Item item : found.items()) {
            state.missing.remove(item.key());
            String resource = item.key().substring(0, item.key().indexOf('/'));
            if (kept.contains(item.key()) || snapshot.unseen.contains(resource)) {
                continue;
            }
            state.left.add(item.key());
            if (!item.isGoing()) {
                contents.delete(item);
            }
        }
        // what cannot be seen just now is not missed
        state.missing.removeIf(key -> found.unseen().contains(key.substring(0, key.indexOf('/'))));
        return state;
    }
}
