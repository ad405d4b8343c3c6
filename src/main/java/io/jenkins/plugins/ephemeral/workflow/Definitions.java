package io.jenkins.plugins.ephemeral.workflow;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
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
    /** Annotation of what we write: hash of the manifest, by which another build sees whether its own says the same. */
    static final String HASH = "jenkins.io/definition-hash";

    /** Label of what is one environment's own, with its name: selectors of other environments must not find it. */
    static final String VARIANT = "jenkins.io/ephemeral-environment";

    private static final int LONGEST = 200;

    private final TestkubeClient client;
    private final NamespaceRef environment;
    private final ApplySpec spec;
    private final Owed owed;
    private final Console console;
    private final Map<String, String> templates = new HashMap<>();
    private final Map<String, String> workflows = new TreeMap<>();

    Definitions(TestkubeClient client, NamespaceRef environment, ApplySpec spec, Owed owed, Console console) {
        this.client = client;
        this.environment = environment;
        this.spec = spec;
        this.owed = owed;
        this.console = console;
    }

    /** Creates or replaces. */
    void apply(Manifest manifest) throws InterruptedException {
        try {
            TestkubeResourceKind kind = kind(manifest.kind());
            if (kind == TestkubeResourceKind.TRIGGER) {
                String own = own(manifest.name());
                Map<String, Object> trigger =
                        new TriggerRewriting(environment, spec.agentName, workflows).rewrite(manifest.content());
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
            Map<String, String> shared = client.annotations(kind, name).orElse(Map.of());
            if (hash.equals(shared.get(HASH))) {
                return;
            }
            name = own(manifest.name());
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
        if (!name.equals(manifest.name())) {
            owed.owe(environment, spec.controlPlane, kind, name);
        }
        client.upsert(kind, name, document(name, manifest, content, hash));
    }

    /** Takes away what an earlier call of this environment made as its own; what all share stays. */
    void prune(ManifestKind type, String name) throws InterruptedException {
        TestkubeResourceKind kind = kind(type.kind());
        client.delete(kind, own(name));
        owed.settle(environment, spec.controlPlane, kind, own(name));
    }

    /** Workflows that have another name in this environment: name to name in the control plane. */
    Map<String, String> variants() {
        return workflows;
    }

    /** A name of the environment's own. */
    private String own(String name) {
        String end = '-' + sha256(environment.environment()).substring(0, 8);
        return (name.length() > LONGEST ? name.substring(0, LONGEST) : name) + end;
    }

    /** As the control plane keeps it; what is shared by all builds carries nothing of this environment. */
    private String document(String name, Manifest manifest, Map<String, Object> content, String hash) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("name", name);
        Map<String, String> labels = manifest.strings("labels");
        if (!name.equals(manifest.name())) {
            labels.put(VARIANT, environment.environment());
        }
        if (!labels.isEmpty()) {
            meta.put("labels", labels);
        }
        Map<String, String> annotations = manifest.strings("annotations");
        if (hash != null) {
            annotations.put(HASH, hash);
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
