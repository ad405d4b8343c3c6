package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The operations of control-plane.yaml on triggers, which are kept in the API's form and never fire. */
final class TriggerOperations {
    private static final String PATH = "/triggers";

    private final Map<String, ObjectNode> triggers = new TreeMap<>();

    void addTo(EnvironmentRoutes routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::create)
                .add("GET", PATH + "/{name}", call -> Answer.json(find(call)))
                .add("PATCH", PATH + "/{name}", this::update)
                .add("DELETE", PATH + "/{name}", this::delete);
    }

    /** All of them by name. */
    synchronized List<ObjectNode> all() {
        return triggers.values().stream().map(ObjectNode::deepCopy).toList();
    }

    private synchronized Answer list(Call call) {
        ArrayNode all = Json.array();
        triggers.values().stream()
                .filter(each -> Selectors.matches(call.query("selector"), Json.strings(each.path("labels"))))
                .forEach(all::add);
        return Answer.json(all);
    }

    private synchronized Answer create(Call call) {
        ObjectNode trigger = read(call);
        String name = trigger.path("name").asText();
        if (name.isEmpty()) {
            throw Problem.badRequest("invalid body: name is required");
        }
        if (triggers.containsKey(name)) {
            throw Problem.badRequest("client error: TestTrigger \"" + name + "\" already exists");
        }
        triggers.put(name, trigger);
        return Answer.json(trigger);
    }

    /** Merges, unless the caller says that it sends the whole. */
    private synchronized Answer update(Call call) {
        ObjectNode known = find(call);
        ObjectNode sent = read(call);
        ObjectNode updated = "replace".equals(call.query("mode")) ? Json.object() : known;
        updated.setAll(sent);
        updated.put("name", call.parameter("name"));
        triggers.put(call.parameter("name"), updated);
        return Answer.json(updated);
    }

    private synchronized Answer delete(Call call) {
        find(call);
        triggers.remove(call.parameter("name"));
        return Answer.noContent();
    }

    private synchronized ObjectNode find(Call call) {
        ObjectNode known = triggers.get(call.parameter("name"));
        if (known == null) {
            throw Problem.notFound("client not found: TestTrigger \"" + call.parameter("name") + "\" not found");
        }
        return known;
    }

    private static ObjectNode read(Call call) {
        if (!call.hasYaml()) {
            return call.json();
        }
        ObjectNode resource = Json.parseYaml(call.body());
        if (!"TestTrigger".equals(resource.path("kind").asText())
                || !"tests.testkube.io/v1".equals(resource.path("apiVersion").asText())) {
            throw Problem.badRequest("invalid body: only TestTrigger of tests.testkube.io/v1 is accepted");
        }
        ObjectNode trigger = Json.object();
        for (String field : List.of("name", "labels", "annotations")) {
            if (resource.path("metadata").hasNonNull(field)) {
                trigger.set(field, resource.path("metadata").get(field));
            }
        }
        if (resource.path("spec") instanceof ObjectNode spec) {
            trigger.setAll(spec);
        }
        return trigger;
    }
}
