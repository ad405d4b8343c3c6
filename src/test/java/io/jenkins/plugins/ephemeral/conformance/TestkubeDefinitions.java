package io.jenkins.plugins.ephemeral.conformance;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Testkube's CustomResourceDefinitions, from {@code src/test/resources/testkube/crd}. */
public final class TestkubeDefinitions {
    private static final List<String> KINDS =
            List.of("testworkflows", "testworkflowtemplates", "testworkflowexecutions", "testtriggers");

    private TestkubeDefinitions() {}

    /** The definitions, in a form that servers since 1.20 accept. */
    public static List<GenericKubernetesResource> load() {
        List<GenericKubernetesResource> definitions = new ArrayList<>();
        KINDS.forEach(kind -> definitions.add(definition(kind)));
        return definitions;
    }

    private static GenericKubernetesResource definition(String plural) {
        // 1.20 reads an empty default as null and refuses it; it means the same as none
        String text = read(plural).replaceAll("(?m)^ *default: \"\"\\n", "");
        return Serialization.unmarshal(text, GenericKubernetesResource.class);
    }

    private static String read(String kind) {
        try (InputStream file = TestkubeDefinitions.class.getResourceAsStream("/testkube/crd/" + kind + ".yaml.gz");
                InputStream text = new GZIPInputStream(file)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until the cluster serves them all, and applies them first where it does not; by server-side apply, since the
     * largest does not fit into the annotation of a client-side one.
     */
    public static void require(KubernetesClient client) {
        load().forEach(definition -> require(client, definition));
    }

    /** As {@link #require(KubernetesClient)}, only the kind of that plural. */
    public static void require(KubernetesClient client, String plural) {
        require(client, definition(plural));
    }

    private static void require(KubernetesClient client, GenericKubernetesResource definition) {
        String name = definition.getMetadata().getName();
        if (!isEstablished(client, name)) {
            client.resource(definition).fieldManager("ephemeral-test").serverSideApply();
            await(name).atMost(Duration.ofSeconds(60)).until(() -> isEstablished(client, name));
        }
    }

    /** Whether a definition is accepted and served. */
    public static boolean isEstablished(KubernetesClient client, String name) {
        var definition = client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(name)
                .get();
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }
}
