package io.jenkins.plugins.ephemeral.workflow;

import static io.jenkins.plugins.ephemeral.workflow.YamlDocuments.refuse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the files of one apply and refuses, before anything is written anywhere, what must not be applied: each
 * message names file and line.
 */
final class ManifestLoader {
    /** Kind of workflows. */
    static final String WORKFLOW = "TestWorkflow";

    /** Kind of templates. */
    static final String TEMPLATE = "TestWorkflowTemplate";

    /** Kind of triggers. */
    static final String TRIGGER = "TestTrigger";

    /** Documents of one call. */
    static final int MAX_DOCUMENTS = 500;

    /** Characters of all files of one call. */
    static final int MAX_CHARS = 8 * 1024 * 1024;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final int MAX_NAME = 253;

    private final String namespace;
    private final Parameters parameters;
    private final KindRules kinds;

    /**
     * @param namespace the only namespace that {@code metadata.namespace} may name
     * @param parameters values for <code>${name}</code>
     * @param allowed kinds of applications that an administrator allows
     */
    ManifestLoader(String namespace, Map<String, String> parameters, Set<String> allowed) {
        this.namespace = namespace;
        this.parameters = new Parameters(parameters);
        this.kinds = new KindRules(allowed);
    }

    /**
     * The documents of all files, what others refer to before what refers to it, else in their order.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault for the first thing that is wrong
     */
    List<Manifest> load(List<ManifestSource> sources) {
        long chars = 0;
        Map<String, Manifest> byId = new HashMap<>();
        List<Manifest> manifests = new ArrayList<>();
        for (ManifestSource source : sources) {
            chars += source.text().length();
            if (chars > MAX_CHARS) {
                throw refuse(
                        source.name(),
                        "the files of this step have more than " + MAX_CHARS + " characters",
                        "Apply fewer files.");
            }
            for (YamlDocuments.Document document : new YamlDocuments(source.name(), parameters).read(source.text())) {
                Manifest manifest = check(document);
                Manifest other = byId.putIfAbsent(manifest.id(), manifest);
                if (other != null) {
                    throw refuse(
                            manifest.place(),
                            manifest.id() + " is there twice, first in " + other.place(),
                            "Remove one of them.");
                }
                if (byId.size() > MAX_DOCUMENTS) {
                    throw refuse(
                            manifest.place(),
                            "the files of this step have more than " + MAX_DOCUMENTS + " documents",
                            "Apply fewer files.");
                }
                manifests.add(manifest);
            }
        }
        if (manifests.isEmpty()) {
            throw refuse(
                    sources.isEmpty() ? "no files" : sources.get(0).name(),
                    "there is no document in " + (sources.size() == 1 ? "it" : "these " + sources.size() + " files"),
                    "Name files with TestWorkflow or TestWorkflowTemplate resources.");
        }
        manifests.sort(Comparator.comparingInt(manifest -> manifest.type().order()));
        return manifests;
    }

    private Manifest check(YamlDocuments.Document document) {
        String apiVersion = string(document, "apiVersion");
        String kind = string(document, "kind");
        ManifestKind type = kinds.check(document, apiVersion, kind);
        Map<?, ?> metadata = mapping(document, "metadata");
        if (type.hasSpec()) {
            mapping(document, "spec");
        }
        String name = string(document, "metadata", "name");
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw refuse(
                    document.place("metadata", "name"),
                    "'" + name + "' is no name for a " + kind,
                    "Use at most " + MAX_NAME
                            + " lower-case letters, digits, '-' and '.', with a letter or digit at both ends.");
        }
        String id = kind + '/' + name;
        if (id.equals("ConfigMap/" + Inventory.NAME)) {
            throw refuse(document.place("metadata", "name"), id + " is this plugin's own", "Use another name.");
        }
        checkMetadata(document, metadata, id);
        if (!kind.equals(CustomDefinitions.KIND)) {
            ContentRules.check(document, namespace, id);
        }
        if (kind.equals(TRIGGER)) {
            TriggerRewriting.check(document, namespace, id);
        }
        return new Manifest(document, type, name);
    }

    private void checkMetadata(YamlDocuments.Document document, Map<?, ?> metadata, String id) {
        Object given = metadata.get("namespace");
        if (given != null && !given.equals(namespace)) {
            throw refuse(
                    document.place("metadata", "namespace"),
                    id + " names the namespace " + given + ", and this environment's is " + namespace,
                    "Leave metadata.namespace out: resources go to the environment's own namespace.");
        }
        for (String field : List.of("finalizers", "ownerReferences", "generateName", "managedFields")) {
            if (metadata.containsKey(field)) {
                throw refuse(
                        document.place("metadata", field),
                        id + " sets metadata." + field
                                + ", which could keep its namespace from being deleted or is not ours to set",
                        "Remove it.");
            }
        }
        for (String field : List.of("labels", "annotations")) {
            Object values = metadata.get(field);
            if (values != null && !isStringMap(values)) {
                throw refuse(
                        document.place("metadata", field),
                        "metadata." + field + " of " + id + " must map strings to strings",
                        "Quote numbers and booleans.");
            }
        }
    }

    private static boolean isStringMap(Object value) {
        return value instanceof Map && ((Map<?, ?>) value).values().stream().allMatch(String.class::isInstance);
    }

    private static Map<?, ?> mapping(YamlDocuments.Document document, String field) {
        Object value = document.content().get(field);
        if (!(value instanceof Map)) {
            throw refuse(
                    document.place(field), value == null ? field + " is missing" : field + " must be a mapping", "");
        }
        return (Map<?, ?>) value;
    }

    private static String string(YamlDocuments.Document document, String... path) {
        Object value = document.content();
        for (String field : path) {
            value = value instanceof Map ? ((Map<?, ?>) value).get(field) : null;
        }
        if (value instanceof String && !((String) value).isEmpty()) {
            return (String) value;
        }
        throw refuse(
                document.place(path),
                String.join(".", path) + (value == null ? " is missing" : " must be a string, this is " + value),
                value == null ? "" : "Quote it.");
    }
}
