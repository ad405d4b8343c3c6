package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.junit.Test;

/** Server-side apply: create or merge, ownership of fields, conflicts. */
public class ApplyConformance extends Conformance {
    private static PatchContext as(String manager, boolean force) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(force)
                .build();
    }

    private <T extends HasMetadata> T apply(T object, String manager) {
        return client.resource(object).patch(as(manager, false));
    }

    @Test
    public void createsAndMerges() {
        String ns = emptyNamespace();

        ConfigMap first = apply(configMap(ns, "shared", Map.of("a", "1")), "one");
        ConfigMap second = apply(configMap(ns, "shared", Map.of("b", "2")), "two");

        assertThat(first.getMetadata().getUid()).isEqualTo(second.getMetadata().getUid());
        assertThat(second.getData()).containsEntry("a", "1").containsEntry("b", "2");
        assertThat(second.getMetadata().getManagedFields())
                .extracting("manager", "operation")
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("one", "Apply"),
                        org.assertj.core.groups.Tuple.tuple("two", "Apply"));
    }

    @Test
    public void applyingTheSameAgainChangesNothing() {
        String ns = emptyNamespace();
        ConfigMap first = apply(configMap(ns, "same", Map.of("a", "1")), "one");

        ConfigMap again = apply(configMap(ns, "same", Map.of("a", "1")), "one");

        assertThat(again.getMetadata().getResourceVersion())
                .isEqualTo(first.getMetadata().getResourceVersion());
    }

    @Test
    public void conflictNamesTheOwnerAndTheField() {
        String ns = emptyNamespace();
        apply(configMap(ns, "owned", Map.of("a", "1", "b", "1")), "owner");

        KubernetesClientException one = failure(() -> apply(configMap(ns, "owned", Map.of("a", "2")), "other"));

        assertThat(one.getCode()).isEqualTo(409);
        assertThat(reason(one)).isEqualTo("Conflict");
        assertThat(one.getStatus().getMessage())
                .isEqualTo("Apply failed with 1 conflict: conflict with \"owner\": .data.a");
        assertThat(one.getStatus().getDetails().getCauses()).singleElement().satisfies(c -> {
            assertThat(c.getReason()).isEqualTo("FieldManagerConflict");
            assertThat(c.getMessage()).isEqualTo("conflict with \"owner\"");
            assertThat(c.getField()).isEqualTo(".data.a");
        });
        KubernetesClientException two =
                failure(() -> apply(configMap(ns, "owned", Map.of("a", "2", "b", "2")), "other"));
        assertThat(two.getStatus().getMessage())
                .isEqualTo("Apply failed with 2 conflicts: conflicts with \"owner\":\n- .data.a\n- .data.b");
    }

    @Test
    public void whoWroteOtherwiseThanByApplyingOwnsToo() {
        String ns = emptyNamespace();
        client.resource(configMap(ns, "made", Map.of("a", "1"))).create();

        KubernetesClientException conflict = failure(() -> apply(configMap(ns, "made", Map.of("a", "2")), "applier"));

        assertThat(conflict.getStatus().getMessage())
                .startsWith("Apply failed with 1 conflict: conflict with \"")
                .contains("\" using v1")
                .endsWith(": .data.a");
    }

    @Test
    public void equalValuesAreNoConflict() {
        String ns = emptyNamespace();
        apply(configMap(ns, "agreed", Map.of("a", "1")), "one");

        ConfigMap both = apply(configMap(ns, "agreed", Map.of("a", "1")), "two");

        assertThat(both.getMetadata().getManagedFields()).hasSize(2);
    }

    @Test
    public void forceTakesTheField() {
        String ns = emptyNamespace();
        apply(configMap(ns, "taken", Map.of("a", "1")), "owner");

        ConfigMap taken =
                client.resource(configMap(ns, "taken", Map.of("a", "2"))).patch(as("other", true));

        assertThat(taken.getData()).containsEntry("a", "2");
        assertThat(failure(() -> apply(configMap(ns, "taken", Map.of("a", "1")), "owner"))
                        .getStatus()
                        .getMessage())
                .contains("conflict with \"other\"");
    }

    @Test
    public void whatAManagerNoLongerWantsIsRemovedUnlessAnotherOwnsItToo() {
        String ns = emptyNamespace();
        apply(configMap(ns, "less", Map.of("a", "1", "b", "1", "c", "1")), "one");
        apply(configMap(ns, "less", Map.of("c", "1")), "two");

        ConfigMap less = apply(configMap(ns, "less", Map.of("a", "1")), "one");

        assertThat(less.getData()).containsOnlyKeys("a", "c");
    }

    @Test
    public void dryRunSaysWhatWouldBeButStoresNothing() {
        String ns = emptyNamespace();

        ConfigMap would = client.resource(configMap(ns, "dry", Map.of("a", "1")))
                .dryRun(true)
                .patch(as("one", false));

        assertThat(would.getData()).containsEntry("a", "1");
        assertThat(client.configMaps().inNamespace(ns).withName("dry").get()).isNull();
        apply(configMap(ns, "dry", Map.of("a", "1")), "one");
        assertThat(failure(() -> client.resource(configMap(ns, "dry", Map.of("a", "2")))
                                .dryRun(true)
                                .patch(as("other", false)))
                        .getCode())
                .isEqualTo(409);
    }

    @Test
    public void containersAreMergedByTheirNames() {
        String ns = namespace();
        String text =
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: merged, namespace: %s}
                spec:
                  replicas: 0
                  selector: {matchLabels: {app: merged}}
                  template:
                    metadata: {labels: {app: merged}}
                    spec:
                      containers:
                      - {name: %s, image: "busybox:1.35", env: [{name: %s, value: x}]}
                """;
        apply(yaml(text.formatted(ns, "one", "A"), Deployment.class), "one");

        Deployment both = apply(yaml(text.formatted(ns, "two", "B"), Deployment.class), "two");

        assertThat(both.getSpec().getTemplate().getSpec().getContainers())
                .extracting("name")
                .containsExactlyInAnyOrder("one", "two");
        Deployment changed = apply(yaml(text.formatted(ns, "two", "C"), Deployment.class), "two");
        assertThat(changed.getSpec().getTemplate().getSpec().getContainers().stream()
                        .filter(c -> c.getName().equals("two"))
                        .flatMap(c -> c.getEnv().stream()))
                .extracting("name")
                .containsExactly("C");
    }

    @Test
    public void textsOfASecretBecomeData() {
        String ns = emptyNamespace();
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withNamespace(ns)
                .withName("text")
                .endMetadata()
                .withStringData(Map.of("token", "abc"))
                .build();

        Secret applied = apply(secret, "one");

        assertThat(applied.getData()).containsEntry("token", "YWJj");
        assertThat(applied.getStringData()).isNullOrEmpty();
    }

    @Test
    public void uidInTheObjectMustBeThatOfTheLiveOne() {
        String ns = emptyNamespace();
        apply(configMap(ns, "precise", Map.of("a", "1")), "one");
        ConfigMap other = configMap(ns, "precise", Map.of("a", "2"));
        other.getMetadata().setUid("00000000-0000-0000-0000-000000000000");

        assertThat(failure(() -> apply(other, "one")).getCode()).isEqualTo(422);
        other.getMetadata().setName("missing");
        assertThat(failure(() -> apply(other, "one")).getCode()).isEqualTo(409);
    }
}
