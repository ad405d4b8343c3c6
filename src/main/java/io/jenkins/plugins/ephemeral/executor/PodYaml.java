package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads the YAML of a Pod that is to be merged over a stage's template: {@code metadata} (labels and annotations) and
 * {@code spec}. Misspelt fields are refused, since a server drops what it does not know.
 */
final class PodYaml {
    private static final int MOST_CHARACTERS = 256 * 1024;
    private static final int MOST_LEVELS = 40;
    private static final String MODEL = "io.fabric8.kubernetes.api.model.";
    private static final Set<String> ROOT = Set.of("apiVersion", "kind", "metadata", "spec");
    private static final Set<String> METADATA = Set.of("labels", "annotations");

    /** What a parameter says instead, so that there is one place for it. */
    private static final List<String> BY_PARAMETER = List.of("terminationGracePeriodSeconds");

    private static final ObjectMapper JSON = new ObjectMapper();

    private PodYaml() {}

    /**
     * Reads it.
     *
     * @param text the YAML; null or blank for nothing
     * @return metadata and spec, what is there of them
     * @throws IllegalArgumentException saying what is wrong
     */
    static ObjectNode read(String text) {
        if (text == null || text.isBlank()) {
            return JSON.createObjectNode();
        }
        JsonNode tree = JSON.valueToTree(parse(text));
        if (!tree.isObject()) {
            throw new IllegalArgumentException("it is not a mapping with metadata and spec");
        }
        ObjectNode pod = (ObjectNode) tree;
        only(pod, ROOT, "");
        only(pod.path("metadata"), METADATA, "metadata.");
        pod.remove(List.of("apiVersion", "kind"));
        for (String field : BY_PARAMETER) {
            if (pod.path("spec").has(field)) {
                throw new IllegalArgumentException("spec." + field + " has a parameter of its own");
            }
        }
        String policy = pod.at("/spec/restartPolicy").asText("Never");
        if (!policy.equals("Never")) {
            throw new IllegalArgumentException(
                    "spec.restartPolicy is always Never: a stage is not run again by itself");
        }
        refuseUnknown(typed(pod), "");
        return pod;
    }

    /** A merged template with its types. */
    static PodTemplateSpec typed(JsonNode pod) {
        try {
            return JSON.treeToValue(pod, PodTemplateSpec.class);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException("it is not a Pod: " + e.getOriginalMessage(), e);
        }
    }

    /** A template as a tree. */
    static ObjectNode tree(PodTemplateSpec pod) {
        return (ObjectNode) Serialization.unmarshal(Serialization.asJson(pod), JsonNode.class);
    }

    private static Object parse(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("it has more than " + MOST_CHARACTERS + " characters");
        }
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(0);
        options.setNestingDepthLimit(MOST_LEVELS);
        try {
            return new Yaml(new SafeConstructor(options)).load(text);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new IllegalArgumentException("it is not YAML: " + e.getProblem() + " (line " + line + ")", e);
        } catch (YAMLException e) {
            throw new IllegalArgumentException("it is not YAML: " + e.getMessage(), e);
        }
    }

    private static void only(JsonNode node, Set<String> known, String before) {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("field " + before + name + " cannot be set here");
            }
        });
    }

    /** Types of the model keep what they do not know in their additional properties. */
    private static void refuseUnknown(Object value, String path) {
        if (value instanceof Collection) {
            ((Collection<?>) value).forEach(element -> refuseUnknown(element, path));
        } else if (value != null && value.getClass().getName().startsWith(MODEL)) {
            try {
                for (PropertyDescriptor property :
                        Introspector.getBeanInfo(value.getClass()).getPropertyDescriptors()) {
                    if (property.getReadMethod() != null) {
                        Object child = property.getReadMethod().invoke(value);
                        refuseUnknownIn(property.getName(), child, path);
                    }
                }
            } catch (IntrospectionException | ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void refuseUnknownIn(String property, Object child, String path) {
        if (!property.equals("additionalProperties")) {
            refuseUnknown(child, path.isEmpty() ? property : path + '.' + property);
            return;
        }
        for (Object name : ((Map<?, ?>) child).keySet()) {
            if (!String.valueOf(name).startsWith("$")) {
                throw new IllegalArgumentException("a Pod has no field " + (path.isEmpty() ? "" : path + '.') + name);
            }
        }
    }
}
