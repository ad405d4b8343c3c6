package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResource;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes definitions to the control plane, where all builds share them by name. A trigger always is the environment's
 * own; a workflow or template is where the spec asks for variants and the shared one says something else. What is the
 * environment's own has a name of its own, is written down before it is made, and goes with the environment.
 *
 * <p>Called with templates first, then workflows, then triggers, since a variant's name is put in where it is used.
 */
final class Definitions {
    /** Longest name of ours: the agent makes a label value of a workflow's name. */
    private static final int LONGEST = 63;

    /** Longest name that versions before made. */
    private static final int LONGEST_BEFORE = 200;

    private final TestkubeClient client;
    private final NamespaceRef environment;
    private final ApplySpec spec;
    private final String controllerId;
    private final DefinitionOwner owner;
    private final Owed owed;
    private final Console console;
    private final Map<String, String> templates = new HashMap<>();
    private final Map<String, String> workflows = new TreeMap<>();

    Definitions(
            TestkubeClient client,
            NamespaceRef environment,
            ApplySpec spec,
            String controllerId,
            Owed owed,
            Console console) {
        this.client = client;
        this.environment = environment;
        this.spec = spec;
        this.controllerId = controllerId;
        this.owner = new DefinitionOwner(controllerId, environment, spec);
        this.owed = owed;
        this.console = console;
    }

    /** Creates or replaces. */
    void apply(Manifest manifest) throws InterruptedException {
        try {
            TestkubeResourceKind kind = kind(manifest.kind());
            if (kind == TestkubeResourceKind.TRIGGER) {
                String own = own(kind, manifest.name());
                Map<String, Object> trigger = new TriggerRewriting(environment, controllerId, spec.agentName, workflows)
                        .rewrite(manifest.content());
                write(kind, own, manifest, trigger, null);
            } else {
                definition(kind, manifest);
            }
        } catch (UserFault refused) {
            String where = refused.where() + ", from " + manifest.place();
            throw new UserFault(refused.what(), where, refused.why(), refused.remedy(), refused);
        }
    }

    private void definition(TestkubeResourceKind kind, Manifest manifest) throws InterruptedException {
        Map<String, Object> content = templates.isEmpty() ? manifest.content() : renamed(manifest.content());
        String hash = hash(content, manifest);
        String name = manifest.name();
        if (spec.variants) {
            TestkubeResource shared = client.resource(kind, name).orElse(null);
            if (shared != null && hash.equals(shared.annotations().get(DefinitionOwner.HASH))) {
                return;
            }
            name = own(kind, manifest.name());
            content = withoutEvents(content);
            (kind == TestkubeResourceKind.TEMPLATE ? templates : workflows).put(manifest.name(), name);
            console.line(manifest.id() + " differs from the one that all builds share, and is " + name
                    + " in this environment.");
        }
        write(kind, name, manifest, content, hash);
    }

    private void write(
            TestkubeResourceKind kind, String name, Manifest manifest, Map<String, Object> content, String hash)
            throws InterruptedException {
        boolean own = !name.equals(manifest.name());
        if (own) {
            owed.owe(environment, spec.controlPlane, kind, name);
        }
        client.upsert(kind, name, document(name, manifest, content, hash), known -> {
            String other = owner.other(known, own);
            // what says the same may be anybody's: it is used as it is
            boolean same = hash != null && hash.equals(known.annotations().get(DefinitionOwner.HASH));
            if (other != null && !same) {
                throw refused(kind, name, other);
            }
            return other == null;
        });
    }

    private UserFault refused(TestkubeResourceKind kind, String name, String other) {
        return new UserFault(
                "writing " + kind.word() + ' ' + name,
                "control plane " + client.connection().name(),
                "one of that name is there, which says something else and belongs to " + other,
                kind == TestkubeResourceKind.TRIGGER || spec.mainOf != null
                        ? "Rename yours, or delete that one there."
                        : "Use definitions: 'main', which gives one that differs a name of this environment's own;"
                                + " or rename yours.");
    }

    /** Takes away what an earlier call of this environment made as its own; what all share stays. */
    void prune(ManifestKind type, String name) throws InterruptedException {
        TestkubeResourceKind kind = kind(type.kind());
        String own = own(kind, name);
        if (owed.isOwed(environment, spec.controlPlane, kind, own)) {
            client.delete(kind, own);
            owed.settle(environment, spec.controlPlane, kind, own);
        }
    }

    /** Workflows that have another name in this environment: name to name in the control plane. */
    Map<String, String> variants() {
        return workflows;
    }

    /**
     * A name of the environment's own: no other environment of this controller or another one has it. An environment
     * that owes one of the form of earlier versions, without the controller, keeps that until it ends.
     */
    private String own(TestkubeResourceKind kind, String name) {
        String before = cut(name, LONGEST_BEFORE)
                + '-'
                + sha256(environment.environment()).substring(0, 8);
        if (owed.isOwed(environment, spec.controlPlane, kind, before)) {
            return before;
        }
        String whole = controllerId + '/' + environment.environment() + '/' + name;
        return cut(name, LONGEST - 9).replaceAll("[^A-Za-z0-9]+$", "")
                + '-'
                + sha256(whole).substring(0, 8);
    }

    private static String cut(String name, int length) {
        return name.length() > length ? name.substring(0, length) : name;
    }

    /** As the control plane keeps it; what is shared by all builds carries nothing of this environment. */
    private String document(String name, Manifest manifest, Map<String, Object> content, String hash) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("name", name);
        boolean own = !name.equals(manifest.name());
        Map<String, String> labels = manifest.strings("labels");
        labels.putAll(owner.labels(own));
        meta.put("labels", labels);
        Map<String, String> annotations = manifest.strings("annotations");
        annotations.putAll(owner.annotations(own));
        if (hash != null) {
            annotations.put(DefinitionOwner.HASH, hash);
        }
        if (!annotations.isEmpty()) {
            meta.put("annotations", annotations);
        }
        Map<String, Object> document = new LinkedHashMap<>(content);
        document.remove("status");
        document.put("metadata", meta);
        return Serialization.asJson(document);
    }

    private static String hash(Map<String, Object> content, Manifest manifest) {
        Map<String, Object> said = new TreeMap<>(content);
        said.keySet().removeAll(List.of("metadata", "status"));
        said.put("labels", manifest.strings("labels"));
        return sha256(Serialization.asJson(said)).substring(0, 32);
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A variant is for this build's runs: what would start it by the clock is left to the shared one. */
    private static Map<String, Object> withoutEvents(Map<String, Object> content) {
        Map<String, Object> copy = new LinkedHashMap<>(content);
        if (content.get("spec") instanceof Map) {
            Map<Object, Object> spec = new LinkedHashMap<>((Map<?, ?>) content.get("spec"));
            spec.remove("events");
            copy.put("spec", spec);
        }
        return copy;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> renamed(Map<String, Object> content) {
        return (Map<String, Object>) renamed(content, "");
    }

    /** A copy in which references to templates name their variants: in {@code use} lists and {@code template}s. */
    private Object renamed(Object value, String parent) {
        if (value instanceof List) {
            return ((List<?>) value).stream().map(item -> renamed(item, parent)).toList();
        }
        if (!(value instanceof Map)) {
            return value;
        }
        Map<Object, Object> copy = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((key, field) -> {
            boolean reference = key.equals("name") && (parent.equals("use") || parent.equals("template"));
            copy.put(key, reference ? templates.getOrDefault(field, (String) field) : renamed(field, (String) key));
        });
        return copy;
    }

    private static TestkubeResourceKind kind(String kind) {
        switch (kind) {
            case ManifestLoader.TEMPLATE:
                return TestkubeResourceKind.TEMPLATE;
            case ManifestLoader.TRIGGER:
                return TestkubeResourceKind.TRIGGER;
            default:
                return TestkubeResourceKind.WORKFLOW;
        }
    }
}
