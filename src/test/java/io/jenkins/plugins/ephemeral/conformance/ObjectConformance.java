package io.jenkins.plugins.ephemeral.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.Test;

/** Create, read, update, delete, and the errors that the plugin tells apart. */
public class ObjectConformance extends Conformance {
    private static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

    @Test
    public void secondCreationIsRefusedAsAlreadyExisting() {
        String ns = emptyNamespace();
        client.resource(configMap(ns, "twice", Map.of())).create();

        KubernetesClientException failure =
                failure(() -> client.resource(configMap(ns, "twice", Map.of())).create());

        assertThat(failure.getCode()).isEqualTo(409);
        assertThat(reason(failure)).isEqualTo("AlreadyExists");
        assertThat(failure.getStatus().getMessage()).isEqualTo("configmaps \"twice\" already exists");
        assertThat(failure.getStatus().getDetails().getName()).isEqualTo("twice");
        assertThat(failure.getStatus().getDetails().getKind()).isEqualTo("configmaps");
    }

    @Test
    public void generatedNamesDiffer() {
        String ns = emptyNamespace();
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(ns)
                .withGenerateName("made-")
                .endMetadata()
                .build();

        String one = client.resource(map).create().getMetadata().getName();
        String two = client.resource(map).create().getMetadata().getName();

        assertThat(one).matches("made-[a-z0-9]{5}").isNotEqualTo(two);
        assertThat(two).matches("made-[a-z0-9]{5}");
    }

    @Test
    public void dryRunCreatesNothing() {
        String ns = emptyNamespace();

        ConfigMap would = client.resource(configMap(ns, "dry", Map.of("a", "1")))
                .dryRun(true)
                .create();

        assertThat(would.getMetadata().getUid()).isNotBlank();
        assertThat(client.configMaps().inNamespace(ns).withName("dry").get()).isNull();
    }

    @Test
    public void aClaimSaysWhetherThereIsADefaultStorageClass() {
        String ns = emptyNamespace();
        String name = "default-" + ns;
        boolean has = client.storage().v1().storageClasses().list().getItems().stream()
                .anyMatch(each -> each.getMetadata().getAnnotations() != null
                        && "true".equals(each.getMetadata().getAnnotations().get(IS_DEFAULT)));
        org.junit.Assume.assumeFalse("the cluster has a default storage class of its own", has);
        assertThat(wouldBe(ns).getSpec().getStorageClassName()).isNull();
        StorageClass made = client.resource(new StorageClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withAnnotations(Map.of(IS_DEFAULT, "true"))
                        .endMetadata()
                        .withProvisioner("kubernetes.io/no-provisioner")
                        .build())
                .create();
        try {
            org.awaitility.Awaitility.await()
                    .untilAsserted(() -> assertThat(wouldBe(ns).getSpec().getStorageClassName())
                            .isEqualTo(name));
        } finally {
            client.resource(made).delete();
        }
        assertThat(client.persistentVolumeClaims().inNamespace(ns).list().getItems())
                .isEmpty();
    }

    private PersistentVolumeClaim wouldBe(String ns) {
        return client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("claim")
                        .withNamespace(ns)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Mi"))
                        .endResources()
                        .endSpec()
                        .build())
                .dryRun(true)
                .create();
    }

    @Test
    public void updateOfAnOldRevisionIsAConflict() {
        String ns = emptyNamespace();
        ConfigMap old =
                client.resource(configMap(ns, "raced", Map.of("a", "1"))).create();
        ConfigMap newer = new ConfigMapBuilder(old).addToData("a", "2").build();
        ConfigMap updated = client.resource(newer).update();
        assertThat(updated.getMetadata().getResourceVersion())
                .isNotEqualTo(old.getMetadata().getResourceVersion());

        KubernetesClientException failure = failure(() -> client.resource(
                        new ConfigMapBuilder(old).addToData("a", "3").build())
                .update());

        assertThat(failure.getCode()).isEqualTo(409);
        assertThat(reason(failure)).isEqualTo("Conflict");
        assertThat(failure.getStatus().getMessage()).contains("the object has been modified");
    }

    @Test
    public void mergePatchTouchesOnlyWhatItNames() {
        String ns = emptyNamespace();
        client.resource(configMap(ns, "patched", Map.of("a", "1", "b", "1"))).create();

        ConfigMap patched = client.configMaps()
                .inNamespace(ns)
                .withName("patched")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"b\":null,\"c\":\"2\"}}");

        assertThat(patched.getData()).containsOnly(Map.entry("a", "1"), Map.entry("c", "2"));
    }

    @Test
    public void mergePatchOfAnOldRevisionIsAConflict() {
        String ns = emptyNamespace();
        ConfigMap old =
                client.resource(configMap(ns, "locked", Map.of("a", "1"))).create();
        client.resource(new ConfigMapBuilder(old).addToData("a", "2").build()).update();
        String patch = "{\"metadata\":{\"resourceVersion\":\"%s\"},\"data\":{\"a\":\"3\"}}"
                .formatted(old.getMetadata().getResourceVersion());

        KubernetesClientException failure = failure(() -> client.configMaps()
                .inNamespace(ns)
                .withName("locked")
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));

        assertThat(failure.getCode()).isEqualTo(409);
    }

    @Test
    public void deletionOfAnotherUidIsRefused() {
        String ns = emptyNamespace();
        ConfigMap map = client.resource(configMap(ns, "kept", Map.of())).create();

        KubernetesClientException failure =
                failure(() -> deleteByUid(ns, "kept", "00000000-0000-0000-0000-000000000000"));

        assertThat(failure.getCode()).isEqualTo(409);
        assertThat(failure.getStatus().getMessage())
                .contains(
                        "UID",
                        "00000000-0000-0000-0000-000000000000",
                        map.getMetadata().getUid());
        assertThat(client.configMaps().inNamespace(ns).withName("kept").get()).isNotNull();
        deleteByUid(ns, "kept", map.getMetadata().getUid());
        assertThat(client.configMaps().inNamespace(ns).withName("kept").get()).isNull();
    }

    private void deleteByUid(String ns, String name, String uid) {
        client.raw(
                "/api/v1/namespaces/" + ns + "/configmaps/" + name,
                "DELETE",
                new DeleteOptionsBuilder()
                        .withApiVersion("v1")
                        .withKind("DeleteOptions")
                        .withNewPreconditions()
                        .withUid(uid)
                        .endPreconditions()
                        .build());
    }

    @Test
    public void objectWithAFinalizerStaysUntilItIsTakenOff() {
        String ns = emptyNamespace();
        ConfigMap map = configMap(ns, "held", Map.of());
        map.getMetadata().setFinalizers(List.of("example.com/hold"));
        client.resource(map).create();

        client.configMaps().inNamespace(ns).withName("held").delete();

        ConfigMap held = client.configMaps().inNamespace(ns).withName("held").get();
        assertThat(held.getMetadata().getDeletionTimestamp()).isNotBlank();
        held.getMetadata().setFinalizers(List.of());
        client.resource(held).update();
        assertThat(client.configMaps().inNamespace(ns).withName("held").get()).isNull();
    }

    @Test
    public void listsComeInChunks() {
        String ns = emptyNamespace();
        for (int i = 0; i < 5; i++) {
            ConfigMap map = configMap(ns, "chunk-" + i, Map.of());
            map.getMetadata().setLabels(Map.of("chunk", "yes"));
            client.resource(map).create();
        }
        List<String> names = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String next = null;
        do {
            ConfigMapList chunk = client.configMaps()
                    .inNamespace(ns)
                    .withLabel("chunk", "yes")
                    .list(new ListOptionsBuilder()
                            .withLimit(2L)
                            .withContinue(next)
                            .build());
            chunk.getItems().forEach(m -> names.add(m.getMetadata().getName()));
            sizes.add(chunk.getItems().size());
            next = chunk.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());

        assertThat(names).containsExactly("chunk-0", "chunk-1", "chunk-2", "chunk-3", "chunk-4");
        assertThat(sizes).containsExactly(2, 2, 1);
    }

    @Test
    public void selectorsSelect() {
        String ns = emptyNamespace();
        for (String tier : List.of("web", "db", "cache")) {
            ConfigMap map = configMap(ns, tier, Map.of());
            map.getMetadata().setLabels(Map.of("tier", tier));
            client.resource(map).create();
        }

        assertThat(names(client.configMaps()
                        .inNamespace(ns)
                        .withLabel("tier", "db")
                        .list()))
                .containsExactly("db");
        assertThat(names(client.configMaps()
                        .inNamespace(ns)
                        .withLabelIn("tier", "db", "web")
                        .list()))
                .containsExactly("db", "web");
        assertThat(names(client.configMaps()
                        .inNamespace(ns)
                        .withLabel("tier")
                        .withLabelNotIn("tier", "db")
                        .list()))
                .containsExactly("cache", "web");
        assertThat(names(client.configMaps()
                        .inNamespace(ns)
                        .withField("metadata.name", "web")
                        .list()))
                .containsExactly("web");
    }

    private static List<String> names(ConfigMapList list) {
        return list.getItems().stream().map(m -> m.getMetadata().getName()).collect(Collectors.toList());
    }

    @Test
    public void inAMissingNamespaceReadsFindNothingAndWritesFindNoNamespace() {
        assertThat(client.configMaps().inNamespace("missing").withName("any").get())
                .isNull();
        assertThat(client.configMaps().inNamespace("missing").list().getItems()).isEmpty();
        assertThat(client.configMaps().inNamespace("missing").withName("any").delete())
                .isEmpty();
        KubernetesClientException create = failure(
                () -> client.resource(configMap("missing", "any", Map.of())).create());
        KubernetesClientException apply = failure(() -> client.resource(configMap("missing", "any", Map.of()))
                .fieldManager("one")
                .serverSideApply());
        for (KubernetesClientException failure : List.of(create, apply)) {
            assertThat(failure.getCode()).isEqualTo(404);
            assertThat(failure.getStatus().getMessage()).isEqualTo("namespaces \"missing\" not found");
            assertThat(failure.getStatus().getDetails().getKind()).isEqualTo("namespaces");
        }
    }

    @Test
    public void missingObjectIsNamed() {
        String ns = emptyNamespace();

        KubernetesClientException failure = failure(() -> client.raw(
                "/api/v1/namespaces/" + ns + "/pods/none",
                "PUT",
                Map.of("apiVersion", "v1", "kind", "Pod", "metadata", Map.of("name", "none", "namespace", ns))));

        assertThat(failure.getCode()).isEqualTo(404);
        assertThat(failure.getStatus().getMessage()).isEqualTo("pods \"none\" not found");
    }

    @Test
    public void unknownKindIsNotFound() {
        KubernetesClientException failure =
                failure(() -> client.raw("/apis/none.example.com/v1/nothings", "POST", Map.of()));

        assertThat(failure.getCode()).isEqualTo(404);
    }

    @Test
    public void badNameIsInvalid() {
        String ns = emptyNamespace();

        KubernetesClientException failure = failure(
                () -> client.resource(configMap(ns, "Not_A_Name", Map.of())).create());

        assertThat(failure.getCode()).isEqualTo(422);
        assertThat(reason(failure)).isEqualTo("Invalid");
        assertThat(failure.getStatus().getDetails().getCauses().get(0).getField())
                .isEqualTo("metadata.name");
    }

    @Test
    public void otherNamespaceInTheObjectThanInThePathIsBadRequest() {
        String ns = emptyNamespace();

        KubernetesClientException failure = failure(() -> client.raw(
                "/api/v1/namespaces/" + ns + "/configmaps", "POST", configMap("default", "stray", Map.of())));

        assertThat(failure.getCode()).isEqualTo(400);
    }
}
