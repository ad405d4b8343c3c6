package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.Test;

/** Custom kinds: Testkube's definitions are accepted, and their objects are held to them. */
public class CustomResourceConformance extends Conformance {
    private static final String WORKFLOW =
            """
            apiVersion: testworkflows.testkube.io/v1
            kind: TestWorkflow
            metadata: {name: %s, namespace: %s}
            spec:
              steps: [{name: Say, shell: echo hello}]
            """;

    private GenericKubernetesResource apply(GenericKubernetesResource object) {
        return client.resource(object).fieldManager("one").serverSideApply();
    }

    @Test
    public void samplesOfTestkubesKindsAreAccepted() throws IOException {
        TestkubeDefinitions.require(client);
        String ns = emptyNamespace();
        try (InputStream samples = getClass().getResourceAsStream("/testkube/samples.yaml")) {
            for (HasMetadata each : client.load(samples).items()) {
                GenericKubernetesResource sample = (GenericKubernetesResource) each;
                sample.getMetadata().setNamespace(ns);
                GenericKubernetesResource stored = apply(sample);
                assertThat(stored.getMetadata().getUid()).isNotBlank();
                assertThat(stored.<Object>get("spec")).isEqualTo(sample.get("spec"));
            }
        }
    }

    @Test
    public void fieldOfTheWrongTypeIsInvalid() {
        TestkubeDefinitions.require(client);
        String ns = emptyNamespace();
        GenericKubernetesResource workflow =
                generic(WORKFLOW.formatted("wrong", ns).replace("steps: [", "content: {git: {uri: 3}}\n  steps: ["));

        KubernetesClientException failure =
                failure(() -> client.resource(workflow).create());

        assertThat(failure.getCode()).isEqualTo(422);
        assertThat(reason(failure)).isEqualTo("Invalid");
        assertThat(failure.getStatus().getMessage())
                .startsWith("TestWorkflow.testworkflows.testkube.io \"wrong\" is invalid:")
                .contains("spec.content.git.uri");
    }

    @Test
    public void dryRunHoldsToTheSchemaToo() {
        TestkubeDefinitions.require(client);
        String ns = emptyNamespace();

        apply(generic(WORKFLOW.formatted("dry", ns)));
        GenericKubernetesResource wrong =
                generic(WORKFLOW.formatted("dry", ns).replace("steps: [", "content: {git: {uri: 3}}\n  steps: ["));

        assertThat(failure(() -> client.resource(wrong)
                                .dryRun(true)
                                .fieldManager("one")
                                .serverSideApply())
                        .getCode())
                .isIn(422, 500);
    }

    @Test
    public void conflictNamesTheOwner() {
        TestkubeDefinitions.require(client);
        String ns = emptyNamespace();
        apply(generic(WORKFLOW.formatted("owned", ns)));
        GenericKubernetesResource other =
                generic(WORKFLOW.formatted("owned", ns).replace("hello", "goodbye"));

        KubernetesClientException failure =
                failure(() -> client.resource(other).fieldManager("two").serverSideApply());

        assertThat(failure.getCode()).isEqualTo(409);
        assertThat(failure.getStatus().getMessage())
                .isEqualTo("Apply failed with 1 conflict: conflict with \"one\": .spec.steps");
    }

    @Test
    public void pluralsAndScopesAreDiscovered() {
        TestkubeDefinitions.require(client);

        until(
                "served",
                () -> client.getApiResources("testworkflows.testkube.io/v1") != null
                        && client.getApiResources("testworkflows.testkube.io/v1").getResources().stream()
                                .anyMatch(r -> r.getKind().equals("TestWorkflow")
                                        && r.getName().equals("testworkflows")
                                        && r.getNamespaced()));
        assertThat(client.hasApiGroup("testworkflows.testkube.io", true)).isTrue();
    }

    @Test
    public void kindComesAndGoesWithItsDefinition() {
        String group = unique("conformance") + ".example.com";
        GenericKubernetesResource definition = generic(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: probes.%1$s}
                spec:
                  group: %1$s
                  scope: Namespaced
                  names: {kind: Probe, listKind: ProbeList, plural: probes, singular: probe}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    subresources: {status: {}}
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec:
                            type: object
                            required: [size]
                            properties: {size: {type: integer}, level: {type: string, enum: [low, high]}}
                          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
                """
                        .formatted(group));
        String ns = emptyNamespace();
        try {
            client.resource(definition).create();
            until("established", () -> TestkubeDefinitions.isEstablished(client, "probes." + group));
            GenericKubernetesResource probe = generic(
                    """
                    apiVersion: %s/v1
                    kind: Probe
                    metadata: {name: one, namespace: %s}
                    spec: {size: 1, unknown: dropped}
                    status: {ignored: true}
                    """
                            .formatted(group, ns));

            until("served", () -> stored(probe));

            GenericKubernetesResource found = client.resource(probe).get();
            assertThat(found.<Object>get("spec")).isEqualTo(Map.of("size", 1));
            assertThat(found.<Object>get("status")).isNull();
            GenericKubernetesResource lacking = generic(
                    "apiVersion: %s/v1\nkind: Probe\nmetadata: {name: two, namespace: %s}\nspec: {level: medium}\n"
                            .formatted(group, ns));
            assertThat(failure(() -> client.resource(lacking).create()).getCode())
                    .isEqualTo(422);
        } finally {
            client.resource(definition).delete();
        }
        until(
                "no longer served",
                () -> failure(() -> client.raw("/apis/" + group + "/v1/namespaces/" + ns + "/probes", "POST", Map.of()))
                                .getCode()
                        == 404);
    }

    /** Just after its definition was accepted, a kind may still be unknown. */
    private boolean stored(GenericKubernetesResource object) {
        try {
            client.resource(object).create();
            return true;
        } catch (KubernetesClientException notYet) {
            assertThat(notYet.getCode()).isEqualTo(404);
            return false;
        }
    }
}
