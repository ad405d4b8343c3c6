package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The objects, their revision and the recent changes. Everything happens under the store's own lock; stored trees are never
 * changed in place, so that readers may keep them.
 */
final class Store {
    /**
     * What happened to one object.
     *
     * @param revision the store's revision after it
     * @param type storage name, {@code jobs.batch}
     * @param before the object before, null when it was created
     * @param after the object after, null when it was removed
     */
    record Change(long revision, String type, ObjectNode before, ObjectNode after) {
        ObjectNode object() {
            return after == null ? before : after;
        }
    }

    /** Where an object lives; ordered as lists are. */
    record Key(String type, String namespace, String name) implements Comparable<Key> {
        static Key of(ResourceType type, String namespace, String name) {
            return new Key(type.qualified(), type.namespaced() ? namespace : "", name);
        }

        static Key of(String type, JsonNode object) {
            return new Key(type, Json.namespace(object), Json.name(object));
        }

        @Override
        public int compareTo(Key other) {
            int byType = type.compareTo(other.type);
            int byNamespace = byType != 0 ? byType : namespace.compareTo(other.namespace);
            return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
        }
    }

    private static final int HISTORY = 20_000;

    private final TreeMap<Key, ObjectNode> objects = new TreeMap<>();
    private final Deque<Change> history = new ArrayDeque<>();
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private long revision = 1;
    private long compacted;

    synchronized long revision() {
        return revision;
    }

    /** The oldest revision from which a watch may still start. */
    synchronized long compactedRevision() {
        return compacted;
    }

    /** Forgets all changes so far: watches and list continuations from before then expire. */
    synchronized void compact() {
        history.clear();
        compacted = revision;
    }

    synchronized Optional<ObjectNode> get(Key key) {
        return Optional.ofNullable(objects.get(key));
    }

    Optional<ObjectNode> get(String type, String namespace, String name) {
        return get(new Key(type, namespace, name));
    }

    /** All objects of a type, of one namespace or ("") of all, in the order of lists. */
    synchronized List<ObjectNode> list(String type, String namespace) {
        List<ObjectNode> found = new ArrayList<>();
        for (Map.Entry<Key, ObjectNode> entry :
                objects.tailMap(new Key(type, namespace, "")).entrySet()) {
            Key key = entry.getKey();
            if (!key.type().equals(type)
                    || (!namespace.isEmpty() && !key.namespace().equals(namespace))) {
                break;
            }
            found.add(entry.getValue());
        }
        return found;
    }

    /** All objects that live in a namespace. */
    synchronized Map<Key, ObjectNode> inNamespace(String namespace) {
        Map<Key, ObjectNode> found = new TreeMap<>();
        objects.forEach((key, object) -> {
            if (key.namespace().equals(namespace)) {
                found.put(key, object);
            }
        });
        return found;
    }

    /** All objects, of every type. */
    synchronized Map<Key, ObjectNode> all() {
        return new TreeMap<>(objects);
    }

    /** Stores an object under the next revision. */
    synchronized ObjectNode put(Key key, ObjectNode object) {
        ObjectNode stored = object.deepCopy();
        Json.meta(stored).put("resourceVersion", Long.toString(++revision));
        changed(new Change(revision, key.type(), objects.put(key, stored), stored));
        return stored;
    }

    synchronized Optional<ObjectNode> remove(Key key) {
        ObjectNode removed = objects.remove(key);
        if (removed == null) {
            return Optional.empty();
        }
        ObjectNode last = removed.deepCopy();
        Json.meta(last).put("resourceVersion", Long.toString(++revision));
        changed(new Change(revision, key.type(), last, null));
        return Optional.of(last);
    }

    /**
     * Changes an object in one step; nothing happens when it is gone, or when the change leaves it equal.
     *
     * @param change gets a copy that it may change and returns it
     */
    synchronized Optional<ObjectNode> update(Key key, UnaryOperator<ObjectNode> change) {
        ObjectNode before = objects.get(key);
        if (before == null) {
            return Optional.empty();
        }
        ObjectNode after = change.apply(before.deepCopy());
        return Optional.of(after.equals(before) ? before : put(key, after));
    }

    /** Changes an object's status only. */
    Optional<ObjectNode> updateStatus(Key key, Consumer<ObjectNode> change) {
        return update(key, object -> {
            change.accept(Json.child(object, "status"));
            return object;
        });
    }

    /** Calls back for every change from now on, under the lock, in order. */
    void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    void forget(Consumer<Change> listener) {
        listeners.remove(listener);
    }

    /** The changes after a revision, oldest first; empty when some of them are forgotten. */
    synchronized Optional<List<Change>> since(long after) {
        if (after < compacted) {
            return Optional.empty();
        }
        return Optional.of(history.stream().filter(c -> c.revision() > after).toList());
    }

    private void changed(Change change) {
        history.add(change);
        if (history.size() > HISTORY) {
            compacted = history.remove().revision();
        }
        listeners.forEach(l -> l.accept(change));
    }
}
