package io.jenkins.plugins.ephemeral.workflow;

import java.util.LinkedHashMap;
import java.util.Map;

/** One document of a manifest file: validated, parameters put in, plain maps, lists, strings, numbers and booleans. */
final class Manifest {
    private final YamlDocuments.Document document;
    private final ManifestKind type;
    private final String name;

    Manifest(YamlDocuments.Document document, ManifestKind type, String name) {
        this.document = document;
        this.type = type;
        this.name = name;
    }

    /** {@code testkube/smoke.yaml:12}: where the document begins. */
    String place() {
        return document.file() + ':' + document.line();
    }

    /**
     * File and line of a field that a server's message names, or of the nearest of its parents that is there.
     *
     * @param path {@code spec.template.spec.containers[0].image}
     */
    String placeOf(String path) {
        return document.place(path.replace("]", "").split("[.\\[]"));
    }

    /** Its kind. */
    ManifestKind type() {
        return type;
    }

    String kind() {
        return type.kind();
    }

    String name() {
        return name;
    }

    /** {@code TestWorkflow/http-smoke}: what lists and messages call it. */
    String id() {
        return kind() + '/' + name;
    }

    /** The document; not to be changed. */
    Map<String, Object> content() {
        return document.content();
    }

    /** Values of {@code labels} or {@code annotations}; a copy. */
    Map<String, String> strings(String field) {
        Map<String, String> strings = new LinkedHashMap<>();
        Object values = mapping("metadata").get(field);
        if (values != null) {
            ((Map<?, ?>) values).forEach((key, value) -> strings.put((String) key, (String) value));
        }
        return strings;
    }

    /** A top-level mapping of the document, empty if it has none of that name. */
    @SuppressWarnings("unchecked")
    Map<String, Object> mapping(String field) {
        Object value = content().get(field);
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
