package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Workflows or templates of the Environment by name, kept in the form of the custom resource. */
final class ResourceStore {
    private record Kept(ObjectNode resource, Instant created, Instant updated) {}

    private final String kind;
    private final Clock clock;
    private final Map<String, Kept> resources = new TreeMap<>();

    ResourceStore(String kind, Clock clock) {
        this.kind = kind;
        this.clock = clock;
    }

    /** {@code TestWorkflow} or {@code TestWorkflowTemplate}. */
    String kind() {
        return kind;
    }

    /** @throws Problem 400 for a resource without a name or with one that is taken */
    synchronized void create(ObjectNode resource) {
        String name = resource.path("name").asText();
        if (name.isEmpty()) {
            throw Problem.badRequest("invalid body: name is required");
        }
        if (resources.containsKey(name)) {
            throw Problem.badRequest("client error: " + kind + " \"" + name + "\" already exists");
        }
        resources.put(name, new Kept(resource, clock.instant(), null));
    }

    /** Replaces one; its name stays. */
    synchronized void update(String name, ObjectNode resource) {
        Kept old = require(name);
        resources.put(name, new Kept(resource.put("name", name), old.created(), clock.instant()));
    }

    synchronized void delete(String name) {
        require(name);
        resources.remove(name);
    }

    synchronized List<String> names() {
        return List.copyOf(resources.keySet());
    }

    /** A copy of one in the form of the custom resource. */
    synchronized Optional<ObjectNode> find(String name) {
        return Optional.ofNullable(resources.get(name))
                .map(kept -> kept.resource().deepCopy());
    }

    /** @throws Problem 404 if there is none of that name */
    synchronized ObjectNode api(String name) {
        Kept kept = require(name);
        return CrForm.toApi(kept.resource(), kept.created(), kept.updated());
    }

    private Kept require(String name) {
        Kept kept = resources.get(name);
        if (kept == null) {
            throw Problem.notFound("client not found: " + kind + " \"" + name + "\" not found");
        }
        return kept;
    }
}
