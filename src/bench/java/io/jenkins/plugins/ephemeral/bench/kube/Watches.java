package io.jenkins.plugins.ephemeral.bench.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.ephemeral.bench.kube.Store.Change;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The open watches. */
final class Watches {
    /** One open watch: turns changes into events for its client. */
    private final class Watch implements Consumer<Change> {
        private final ResourceType type;
        private final String namespace;
        private final Predicate<JsonNode> selected;
        private final boolean bookmarks;
        private final Consumer<ObjectNode> events;

        private Watch(ResourceType type, ApiRequest request, Consumer<ObjectNode> events) {
            this.type = type;
            namespace = request.namespace();
            selected = Lists.selected(request);
            bookmarks = request.isSet("allowWatchBookmarks");
            this.events = events;
        }

        @Override
        public void accept(Change change) {
            if (!change.type().equals(type.qualified())
                    || !namespace.isEmpty() && !namespace.equals(Json.namespace(change.object()))) {
                return;
            }
            boolean before = change.before() != null && change.after() != null && selected.test(change.before());
            boolean now = selected.test(change.object());
            if (change.after() == null ? now : before && !now) {
                ObjectNode last = change.object().deepCopy();
                Json.meta(last).put("resourceVersion", Long.toString(change.revision()));
                send("DELETED", last);
            } else if (change.after() != null && now) {
                send(before ? "MODIFIED" : "ADDED", change.after());
            }
        }

        private void send(String event, ObjectNode object) {
            ObjectNode envelope = Json.object().put("type", event);
            envelope.set("object", Lists.as(type, object));
            events.accept(envelope);
        }

        private void bookmark() {
            if (bookmarks) {
                ObjectNode mark = Json.object().put("kind", type.kind()).put("apiVersion", type.apiVersion());
                mark.putObject("metadata").put("resourceVersion", Long.toString(store.revision()));
                ObjectNode envelope = Json.object().put("type", "BOOKMARK");
                envelope.set("object", mark);
                events.accept(envelope);
            }
        }
    }

    private final Store store;
    private final Set<Watch> open = ConcurrentHashMap.newKeySet();

    Watches(Store store) {
        this.store = store;
    }

    /**
     * Opens a watch: at a revision it goes on from there, at none (or 0) it begins with what is there.
     *
     * @param events gets the events as they stand on the wire, in order
     * @return closes the watch; it is not open at all where its revision is forgotten, which its first event says
     */
    Runnable open(ResourceType type, ApiRequest request, Consumer<ObjectNode> events) {
        Watch watch = new Watch(type, request, events);
        String from = request.query("resourceVersion");
        synchronized (store) {
            if (from.isEmpty() || from.equals("0")) {
                store.list(type.qualified(), request.namespace()).stream()
                        .filter(watch.selected)
                        .forEach(o -> watch.send("ADDED", o));
            } else {
                Optional<List<Change>> missed = store.since(revision(from));
                if (missed.isEmpty()) {
                    ObjectNode error = Json.object().put("type", "ERROR");
                    error.set(
                            "object",
                            ApiError.expired("too old resource version: " + from + " (" + store.compactedRevision()
                                            + ")")
                                    .status());
                    events.accept(error);
                    return () -> {};
                }
                missed.get().forEach(watch);
            }
            store.listen(watch);
            open.add(watch);
        }
        return () -> {
            store.forget(watch);
            open.remove(watch);
        };
    }

    private static long revision(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiError.badRequest("invalid resource version \"" + text + "\"");
        }
    }

    /** Sends every watch that wants them a bookmark. */
    void bookmark() {
        synchronized (store) {
            open.forEach(Watch::bookmark);
        }
    }

    int count() {
        return open.size();
    }
}
