package io.jenkins.plugins.ephemeral.workflow;

import static io.jenkins.plugins.ephemeral.workflow.YamlDocuments.refuse;

import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a trigger the environment's own: it hears of this namespace only, its runs go to the agent that saw the event,
 * and carry a tag by which they are found. In a control plane it stands beside those of all other environments. Source:
 * Testkube 2.12 {@code api/testtriggers/v1/testtrigger_types.go}.
 */
final class TriggerRewriting {
    private final NamespaceRef environment;
    private final String controllerId;
    private final String agentName;
    private final Map<String, String> workflows;

    /**
     * @param controllerId id of this controller
     * @param agentName the environment's agent in the control plane, or null for one that has no name
     * @param workflows workflows that have another name in this environment
     */
    TriggerRewriting(NamespaceRef environment, String controllerId, String agentName, Map<String, String> workflows) {
        this.environment = environment;
        this.controllerId = controllerId;
        this.agentName = agentName;
        this.workflows = workflows;
    }

    /** Refuses a trigger that listens to other namespaces. */
    static void check(YamlDocuments.Document document, String namespace, String id) {
        Object spec = document.content().get("spec");
        Object selector = spec instanceof Map ? ((Map<?, ?>) spec).get("resourceSelector") : null;
        if (!(selector instanceof Map)) {
            return;
        }
        Object named = ((Map<?, ?>) selector).get("namespace");
        if (named != null && !named.equals(namespace)) {
            throw refuse(
                    document.place("spec", "resourceSelector", "namespace"),
                    id + " listens to the namespace " + named + ", and this environment's is " + namespace,
                    "Leave resourceSelector.namespace out.");
        }
        if (((Map<?, ?>) selector).containsKey("namespaceRegex")) {
            throw refuse(
                    document.place("spec", "resourceSelector", "namespaceRegex"),
                    id + " listens to other namespaces",
                    "Leave resourceSelector.namespaceRegex out: it hears of the environment's own.");
        }
    }

    /** A copy of the document. */
    Map<String, Object> rewrite(Map<String, Object> content) {
        Map<String, Object> document = new LinkedHashMap<>(content);
        Map<String, Object> spec = child(content, "spec");
        if (spec.containsKey("resource") || spec.containsKey("resourceRef")) {
            Map<String, Object> selector = child(spec, "resourceSelector");
            selector.put("namespace", environment.namespace());
            spec.put("resourceSelector", selector);
        }
        if (spec.containsKey("selector")) {
            Map<String, Object> selector = child(spec, "selector");
            Map<String, Object> labels = child(selector, "matchLabels");
            labels.put("testkube.io/resource-namespace", environment.namespace());
            selector.put("matchLabels", labels);
            spec.put("selector", selector);
        }
        Map<String, Object> tests = child(spec, "testSelector");
        if (workflows.containsKey(tests.get("name"))) {
            tests.put("name", workflows.get(tests.get("name")));
            spec.put("testSelector", tests);
        }
        Map<String, Object> action = child(spec, "actionParameters");
        Map<String, Object> tags = child(action, "tags");
        tags.put(RunTags.ENVIRONMENT, environment.environment());
        tags.put(RunTags.CONTROLLER, controllerId);
        action.put("tags", tags);
        if (agentName != null) {
            spec.putIfAbsent("listener", Map.of("match", Map.of("name", List.of(agentName))));
            action.putIfAbsent("target", Map.of("match", Map.of("name", List.of("{{ .Agent.Name }}"))));
        }
        spec.put("actionParameters", action);
        document.put("spec", spec);
        return document;
    }

    private static Map<String, Object> child(Map<String, Object> of, String field) {
        Map<String, Object> copy = new LinkedHashMap<>();
        if (of.get(field) instanceof Map) {
            ((Map<?, ?>) of.get(field)).forEach((key, value) -> copy.put((String) key, value));
        }
        return copy;
    }
}
