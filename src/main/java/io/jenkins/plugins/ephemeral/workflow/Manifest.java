package io.jenkins.plugins.ephemeral.workflow;

import java.util.Map;

/** One document of a manifest file: validated, parameters put in, plain maps, lists, strings, numbers and booleans. */
final class Manifest {
    private final String file;
    private final int line;
    private final String kind;
    private final String name;
    private final Map<String, Object> content;

    Manifest(String file, int line, String kind, String name, Map<String, Object> content) {
        this.file = file;
        this.line = line;
        this.kind = kind;
        this.name = name;
        this.content = content;
    }

    /** {@code testkube/smoke.yaml:12}: where the document begins. */
    String place() {
        return file + ':' + line;
    }

    String kind() {
        return kind;
    }

    String name() {
        return name;
    }

    /** {@code TestWorkflow/http-smoke}: what lists and messages call it. */
    String id() {
        return kind + '/' + name;
    }

    /** The document; not to be changed. */
    Map<String, Object> content() {
        return content;
    }

    /** A top-level mapping of the document, empty if it has none of that name. */
    @SuppressWarnings("unchecked")
    Map<String, Object> mapping(String field) {
        Object value = content.get(field);
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
