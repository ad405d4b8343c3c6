package io.jenkins.plugins.ephemeral.workflow;

import static io.jenkins.plugins.ephemeral.workflow.YamlDocuments.refuse;

import java.util.ArrayList;
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
    /** Group and version of what is applied. */
    static final String API_VERSION = "testworkflows.testkube.io/v1";

    /** Kind of workflows. */
    static final String WORKFLOW = "TestWorkflow";

    /** Kind of templates. */
    static final String TEMPLATE = "TestWorkflowTemplate";

    /** Documents of one call. */
    static final int MAX_DOCUMENTS = 500;

    /** Characters of all files of one call. */
    static final int MAX_CHARS = 8 * 1024 * 1024;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final int MAX_NAME = 253;

    private static final Set<String> CLUSTER_SCOPED = Set.of(
            "APIService",
            "CSIDriver",
            "CSINode",
            "CertificateSigningRequest",
            "ClusterRole",
            "ClusterRoleBinding",
            "ClusterTrustBundle",
            "CustomResourceDefinition",
            "FlowSchema",
            "IngressClass",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PodSecurityPolicy",
            "PriorityClass",
            "PriorityLevelConfiguration",
            "RuntimeClass",
            "StorageClass",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
            "VolumeAttachment");

    private final String namespace;
    private final Parameters parameters;

    /**
     * @param namespace the only namespace that {@code metadata.namespace} may name
     * @param parameters values for <code>${name}</code>
     */
    ManifestLoader(String namespace, Map<String, String> parameters) {
        this.namespace = namespace;
        this.parameters = new Parameters(parameters);
    }

    /**
     * The documents of all files, templates before the workflows that use them, else in their order.
     *
     * @throws io.jenkins.plugins.ephemeral.outside.UserFault for the first thing that is wrong
     */
    List<Manifest> load(List<ManifestSource> sources) {
        long chars = 0;
        Map<String, Manifest> byId = new HashMap<>();
        List<Manifest> templates = new ArrayList<>();
        List<Manifest> others = new ArrayList<>();
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
                (manifest.kind().equals(TEMPLATE) ? templates : others).add(manifest);
            }
        }
        templates.addAll(others);
        if (templates.isEmpty()) {
            throw refuse(
                    sources.isEmpty() ? "no files" : sources.get(0).name(),
                    "there is no document in " + (sources.size() == 1 ? "it" : "these " + sources.size() + " files"),
                    "Name files with TestWorkflow or TestWorkflowTemplate resources.");
        }
        return templates;
    }

    private Manifest check(YamlDocuments.Document document) {
        String apiVersion = string(document, "apiVersion");
        String kind = string(document, "kind");
        checkKind(document, apiVersion, kind);
        Map<?, ?> metadata = mapping(document, "metadata");
        mapping(document, "spec");
        String name = string(document, "metadata", "name");
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw refuse(
                    document.place("metadata", "name"),
                    "'" + name + "' is no name for a " + kind,
                    "Use at most " + MAX_NAME
                            + " lower-case letters, digits, '-' and '.', with a letter or digit at both ends.");
        }
        checkMetadata(document, metadata, kind + '/' + name);
        return new Manifest(document.file(), document.line(), kind, name, document.content());
    }

    private void checkKind(YamlDocuments.Document document, String apiVersion, String kind) {
        if (CLUSTER_SCOPED.contains(kind)) {
            throw refuse(
                    document.place("kind"),
                    kind + " belongs to the whole cluster, and an environment may only change its own namespace",
                    "Have an administrator of the cluster install it once.");
        }
        if (kind.equals("TestWorkflowExecution")) {
            throw refuse(
                    document.place("kind"),
                    "an agent in runner mode does not execute TestWorkflowExecution resources: nothing would run, and"
                            + " nothing would say so",
                    "Run workflows with the ephemeralWorkflow step.");
        }
        if (kind.equals("List") || kind.endsWith("List") && document.content().containsKey("items")) {
            throw refuse(document.place("kind"), "lists are not applied", "Write its items as documents of their own.");
        }
        if (!kind.equals(WORKFLOW) && !kind.equals(TEMPLATE)) {
            throw refuse(
                    document.place("kind"),
                    apiVersion + ' ' + kind + " is not applied by this step",
                    "It applies " + WORKFLOW + " and " + TEMPLATE + " of " + API_VERSION + '.');
        }
        if (!apiVersion.equals(API_VERSION)) {
            throw refuse(
                    document.place("apiVersion"),
                    kind + " has no version " + apiVersion,
                    "Write apiVersion: " + API_VERSION + '.');
        }
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
