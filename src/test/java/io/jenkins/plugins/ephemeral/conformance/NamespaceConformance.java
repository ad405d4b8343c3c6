package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** How namespaces come and go. */
public class NamespaceConformance extends Conformance {
    private Namespace get(String name) {
        return client.namespaces().withName(name).get();
    }

    private String condition(String namespace, String type) {
        Namespace found = get(namespace);
        return found == null || found.getStatus().getConditions() == null
                ? ""
                : found.getStatus().getConditions().stream()
                        .filter(c -> c.getType().equals(type) && c.getStatus().equals("True"))
                        .map(c -> c.getReason() + ": " + c.getMessage())
                        .findFirst()
                        .orElse("");
    }

    @Test
    public void aNewOneIsActiveAndGetsItsServiceAccountLater() {
        String ns = emptyNamespace();

        assertThat(get(ns).getStatus().getPhase()).isEqualTo("Active");
        until(
                "the service account",
                () -> client.serviceAccounts()
                                .inNamespace(ns)
                                .withName("default")
                                .get()
                        != null);
    }

    @Test
    public void applyCreatesOneAndAppliesToIt() {
        String name = unique("conformance");
        Namespace namespace = new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("who", "me")
                .endMetadata()
                .build();
        try {
            Namespace made = client.resource(namespace).fieldManager("one").serverSideApply();
            Namespace again = client.resource(namespace).fieldManager("one").serverSideApply();

            assertThat(again.getMetadata().getUid())
                    .isEqualTo(made.getMetadata().getUid());
            assertThat(again.getMetadata().getLabels()).containsEntry("who", "me");
        } finally {
            client.namespaces().withName(name).delete();
        }
    }

    @Test
    public void deletedOneTerminatesWithItsContentAndIsGone() {
        String ns = namespace();
        client.resource(configMap(ns, "content", Map.of())).create();

        client.namespaces().withName(ns).delete();

        until("gone", () -> get(ns) == null);
        assertThat(client.configMaps().inNamespace(ns).list().getItems()).isEmpty();
    }

    @Test
    public void nothingIsCreatedInATerminatingOne() {
        String ns = namespace();
        ConfigMap held = configMap(ns, "held", Map.of());
        held.getMetadata().setFinalizers(List.of("example.com/hold"));
        client.resource(held).create();
        client.namespaces().withName(ns).delete();
        assertThat(get(ns).getStatus().getPhase()).isEqualTo("Terminating");
        assertThat(get(ns).getMetadata().getDeletionTimestamp()).isNotBlank();

        KubernetesClientException create =
                failure(() -> client.resource(configMap(ns, "late", Map.of())).create());
        KubernetesClientException apply = failure(() -> client.resource(configMap(ns, "late", Map.of()))
                .fieldManager("one")
                .serverSideApply());

        for (KubernetesClientException failure : List.of(create, apply)) {
            assertThat(failure.getCode()).isEqualTo(403);
            assertThat(reason(failure)).isEqualTo("Forbidden");
            assertThat(failure.getStatus().getMessage())
                    .isEqualTo("configmaps \"late\" is forbidden: unable to create new content in namespace " + ns
                            + " because it is being terminated");
            assertThat(failure.getStatus().getDetails().getCauses())
                    .extracting("reason")
                    .containsExactly("NamespaceTerminating");
        }
        free(ns);
    }

    private void free(String ns) {
        until(
                "marked",
                () -> client.configMaps()
                                .inNamespace(ns)
                                .withName("held")
                                .get()
                                .getMetadata()
                                .getDeletionTimestamp()
                        != null);
        client.configMaps().inNamespace(ns).withName("held").edit(m -> {
            m.getMetadata().setFinalizers(List.of());
            return m;
        });
        until("gone", () -> get(ns) == null);
    }

    @Test
    public void stuckOneSaysWhy() {
        String ns = namespace();
        ConfigMap held = configMap(ns, "held", Map.of());
        held.getMetadata().setFinalizers(List.of("example.com/hold"));
        client.resource(held).create();

        client.namespaces().withName(ns).delete();

        until("finalizer named", () -> condition(ns, "NamespaceFinalizersRemaining")
                .contains("example.com/hold in 1 resource instances"));
        assertThat(condition(ns, "NamespaceFinalizersRemaining")).startsWith("SomeFinalizersRemain: ");
        assertThat(condition(ns, "NamespaceContentRemaining"))
                .startsWith("SomeResourcesRemain: ")
                .contains("configmaps. has 1 resource instances");
        free(ns);
    }

    @Test
    public void deletionOfAnotherUidIsRefused() {
        String ns = emptyNamespace();

        KubernetesClientException failure = failure(() -> client.raw(
                "/api/v1/namespaces/" + ns,
                "DELETE",
                new DeleteOptionsBuilder()
                        .withApiVersion("v1")
                        .withKind("DeleteOptions")
                        .withNewPreconditions()
                        .withUid("00000000-0000-0000-0000-000000000000")
                        .endPreconditions()
                        .build()));

        assertThat(failure.getCode()).isEqualTo(409);
        assertThat(get(ns).getStatus().getPhase()).isEqualTo("Active");
    }

    @Test
    public void secondDeletionIsNoError() {
        String ns = namespace();
        client.namespaces().withName(ns).delete();

        client.namespaces().withName(ns).delete();

        until("gone", () -> get(ns) == null);
        assertThat(client.namespaces().withName(ns).delete()).isEmpty();
    }

    @Test
    public void secondCreationIsRefusedAsAlreadyExisting() {
        String ns = emptyNamespace();

        KubernetesClientException failure = failure(() -> client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(ns)
                        .endMetadata()
                        .build())
                .create());

        assertThat(reason(failure)).isEqualTo("AlreadyExists");
    }

    @Test
    public void theDefaultOneCannotBeDeleted() {
        assertThat(failure(() -> client.namespaces().withName("default").delete())
                        .getCode())
                .isEqualTo(403);
    }
}
