package io.jenkins.plugins.ephemeral.bench.testkube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Inlines configuration and templates into the spec of a workflow: given values over defaults, the workflow's own
 * settings over those of its templates, setup and steps of a template before, after-steps behind its own.
 */
final class WorkflowResolver {
    private static final String CONFIG = "Cannot inline Test Workflow configuration";
    private static final String FETCH = "Cannot fetch required Test Workflow Templates";
    private static final Set<String> STEP_LISTS = Set.of("setup", "steps", "after");

    private final ResourceStore templates;

    WorkflowResolver(ResourceStore templates) {
        this.templates = templates;
    }

    /** @throws SpecificationError if a used parameter has no value, or a template does not exist */
    ObjectNode resolve(JsonNode spec, Map<String, String> config) {
        ObjectNode resolved = withConfig(spec, config);
        useTemplates(resolved);
        resolveSteps(resolved);
        return resolved;
    }

    private static ObjectNode withConfig(JsonNode spec, Map<String, String> given) {
        JsonNode schema = spec.path("config");
        Map<String, String> values = new LinkedHashMap<>(given);
        schema.fields().forEachRemaining(parameter -> {
            JsonNode standard = parameter.getValue().path("default");
            if (!standard.isMissingNode()) {
                values.putIfAbsent(parameter.getKey(), standard.asText());
            }
        });
        values.forEach((name, value) ->
                requireType(name, value, schema.path(name).path("type").asText("string")));
        ObjectNode resolved = Json.object();
        spec.fields().forEachRemaining(field -> {
            // the schema of the parameters is no place for their values
            boolean isSchema = "config".equals(field.getKey());
            resolved.set(
                    field.getKey(),
                    isSchema ? field.getValue() : Expressions.resolve(field.getValue(), "config.", values, CONFIG));
        });
        return resolved;
    }

    private static void requireType(String name, String value, String type) {
        try {
            switch (type) {
                case "integer" -> new BigInteger(value);
                case "number" -> new BigDecimal(value);
                case "boolean" -> {
                    if (!Set.of("true", "false").contains(value)) {
                        throw new NumberFormatException();
                    }
                }
                default -> {
                    // every text is a string
                }
            }
        } catch (NumberFormatException e) {
            throw new SpecificationError(CONFIG, "config." + name + ": '" + value + "' is no " + type);
        }
    }

    private ObjectNode template(JsonNode reference) {
        String name = reference.path("name").asText();
        ObjectNode template = templates
                .find(name.replace("/", "--"))
                .orElseThrow(() -> new SpecificationError(FETCH, "TestWorkflowTemplate \"" + name + "\" not found"));
        ObjectNode spec = withConfig(template.path("spec"), Json.strings(reference.path("config")));
        spec.remove("config");
        resolveSteps(spec);
        return spec;
    }

    private void useTemplates(ObjectNode into) {
        JsonNode use = into.path("use");
        for (int i = use.size() - 1; i >= 0; i--) {
            mergeBelow(into, template(use.get(i)));
        }
        into.remove("use");
    }

    private void resolveSteps(ObjectNode spec) {
        for (String list : STEP_LISTS) {
            for (JsonNode step : spec.path(list)) {
                resolveStep((ObjectNode) step);
            }
        }
    }

    private void resolveStep(ObjectNode step) {
        useTemplates(step);
        if (step.has("template")) {
            ObjectNode inner = template(step.get("template"));
            ArrayNode steps = Json.array();
            for (String list : new String[] {"setup", "steps", "after"}) {
                inner.path(list).forEach(steps::add);
                inner.remove(list);
            }
            inner.set("steps", steps);
            prepend(step, "setup", Json.array().add(inner));
            step.remove("template");
        }
        resolveSteps(step);
    }

    /** Merges a template under what is there: scalars stay, objects are merged, lists of a template come first. */
    private static void mergeBelow(ObjectNode own, ObjectNode template) {
        Set<String> names = new HashSet<>();
        template.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            JsonNode theirs = template.get(name);
            JsonNode ours = own.get(name);
            if (ours == null || ours.isNull()) {
                own.set(name, theirs.deepCopy());
            } else if (ours.isObject() && theirs.isObject()) {
                mergeBelow((ObjectNode) ours, (ObjectNode) theirs);
            } else if ("after".equals(name)) {
                ((ArrayNode) ours).addAll((ArrayNode) theirs.deepCopy());
            } else if (ours.isArray()
                    && theirs.isArray()
                    && !Set.of("command", "args").contains(name)) {
                prepend(own, name, (ArrayNode) theirs);
            }
        }
    }

    private static void prepend(ObjectNode object, String name, ArrayNode first) {
        ArrayNode merged = first.deepCopy();
        object.path(name).forEach(merged::add);
        object.set(name, merged);
    }
}
