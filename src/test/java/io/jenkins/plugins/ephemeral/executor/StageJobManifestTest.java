package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.cluster.PodSecurity;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.Test;

/** What a stage's objects say. */
public class StageJobManifestTest {
    private static final NamespaceRef ENVIRONMENT = new NamespaceRef("shop-pr-41", "dev", "shop-pr-41", "u-1");
    private static final RunRef RUN = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://ci.example.com/job/7/");

    private static StageJobSpec spec(String type) {
        StageJobSpec spec = new StageJobSpec();
        spec.name = "net";
        spec.type = type;
        spec.image = "terraform:1.9";
        spec.command = List.of("sh", "-c", "true");
        return spec;
    }

    private static StageJobManifest manifest(StageJobSpec spec) {
        return new StageJobManifest(ENVIRONMENT, spec, "net-7-abc", RUN, "ephemeral");
    }

    @Test
    public void aJobRunsOnceAndIsBounded() {
        StageJobSpec spec = spec("apply");
        spec.startupTimeout = Duration.ofMinutes(10);
        spec.timeout = Duration.ofHours(1);
        Job job = manifest(spec).job(true);

        assertThat(job.getMetadata().getName()).isEqualTo("net-7-abc");
        assertThat(job.getMetadata().getNamespace()).isEqualTo("shop-pr-41");
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getPodReplacementPolicy()).isEqualTo("Failed");
        assertThat(job.getSpec().getActiveDeadlineSeconds()).isEqualTo(600 + 3600 + 600 + 600);
        assertThat(job.getSpec().getTtlSecondsAfterFinished()).isEqualTo(3600);
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(600);
    }

    @Test
    public void thePodPassesTheStrictestLevelWhateverTheStage() {
        for (String type : List.of("plan", "apply", "destroy", "custom")) {
            StageJobSpec spec = spec(type);
            spec.payload = "{}";
            spec.secrets = List.of("a");
            spec.configMaps = List.of("b");
            assertThat(PodSecurity.RESTRICTED.violations(
                            manifest(spec).job(true).getSpec().getTemplate()))
                    .as(type)
                    .isEmpty();
        }
    }

    @Test
    public void anOldServerIsNotToldWhatItDoesNotKnow() {
        assertThat(Serialization.asJson(manifest(spec("apply")).job(false))).doesNotContain("podReplacementPolicy");
    }

    @Test
    public void theHashStaysWhenTheServerIsUpgraded() {
        assertThat(hash(manifest(spec("apply")).job(false)))
                .isEqualTo(hash(manifest(spec("apply")).job(true)));
    }

    @Test
    public void theHashTellsSpecsApart() {
        StageJobSpec other = spec("apply");
        other.args.add("x");
        assertThat(hash(manifest(other).job(true)))
                .isNotEqualTo(hash(manifest(spec("apply")).job(true)));
    }

    @Test
    public void theHashIsOfTheWorkAndOfNothingElse() {
        String hash = hash(manifest(spec("apply")).job(true));
        StageJobSpec same = spec("apply");
        same.defaultPodYaml = "spec:\n  priorityClassName: low\n";
        same.helperImage = "busybox:2";
        same.timeout = Duration.ofHours(2);
        same.labels.put("team", "net");
        RunRef moved = new RunRef("c0ffee", "shop/web/PR-41", 7, "https://jenkins.example.com/job/7/");
        assertThat(hash(new StageJobManifest(ENVIRONMENT, same, "net-7-abc", moved, "another").job(true)))
                .isEqualTo(hash);
        StageJobSpec secret = spec("apply");
        secret.payload = "{\"accessToken\":\"geheim\"}";
        assertThat(hash(manifest(secret).job(true)))
                .as("nothing to guess a secret by")
                .isEqualTo(hash);
        StageJobSpec other = spec("apply");
        other.inputsSha256 = "ab";
        assertThat(hash(manifest(other).job(true))).isNotEqualTo(hash);
    }

    @Test
    public void thePodPassesRestricted() {
        PodSpec pod = manifest(spec("plan")).job(true).getSpec().getTemplate().getSpec();
        Container container = pod.getContainers().get(0);

        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(1000);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(pod.getServiceAccountName()).isEqualTo("ephemeral");
        assertThat(pod.getVolumes())
                .allSatisfy(volume -> assertThat(volume.getEmptyDir()).isNotNull());
        assertThat(container.getEnv()).anySatisfy(v -> {
            assertThat(v.getName()).isEqualTo("HOME");
            assertThat(container.getVolumeMounts())
                    .anyMatch(m -> m.getMountPath().equals(v.getValue()));
        });
        assertThat(container.getTerminationMessagePolicy()).isEqualTo("FallbackToLogsOnError");
    }

    @Test
    public void jobAndPodSayWhoseTheyAre() {
        StageJobSpec spec = spec("plan");
        spec.labels.put("team", "net");
        spec.labels.put(Labels.MANAGED_BY, "somebody else");
        Job job = manifest(spec).job(true);

        assertThat(job.getMetadata().getLabels())
                .containsEntry(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE)
                .containsEntry(Labels.CONTROLLER, "c0ffee")
                .containsEntry(Labels.ENVIRONMENT, "shop-pr-41")
                .containsEntry(Labels.STAGE, "net")
                .containsEntry("team", "net");
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
                .isEqualTo(job.getMetadata().getLabels());
        assertThat(job.getMetadata().getAnnotations())
                .containsEntry(Labels.RUN, "shop/web/PR-41#7")
                .containsEntry(Labels.RUN_URL, "https://ci.example.com/job/7/")
                .containsKey(Labels.SPEC_HASH);
    }

    @Test
    public void thePayloadIsInASecretOnly() {
        StageJobSpec spec = spec("plan");
        spec.payload = "{\"accessToken\":\"geheim\"}";
        Job job = manifest(spec).job(true);

        assertThat(StageJobManifest.hasSecret(spec)).isTrue();
        assertThat(Serialization.asJson(job))
                .doesNotContain("geheim")
                .doesNotContain(Base64.getEncoder().encodeToString(spec.payload.getBytes()));
        assertThat(job.getSpec().getTemplate().getSpec().getContainers().get(0).getEnv())
                .anySatisfy(v -> {
                    assertThat(v.getName()).isEqualTo("EphemeralFlagBatch");
                    assertThat(v.getValue()).isEqualTo("true");
                })
                .anySatisfy(v -> {
                    assertThat(v.getName()).isEqualTo("EphemeralJobData");
                    assertThat(v.getValueFrom().getSecretKeyRef().getName()).isEqualTo("net-7-abc");
                });
        Secret secret = manifest(spec).secret("u-2");
        Base64.Decoder decoder = Base64.getDecoder();
        byte[] variable = decoder.decode(secret.getData().get("EphemeralJobData"));
        assertThat(new String(decoder.decode(variable))).isEqualTo(spec.payload);
        assertThat(secret.getMetadata().getOwnerReferences().get(0).getUid()).isEqualTo("u-2");
    }

    @Test
    public void aStageThatChangesThingsCannotStartWithoutItsSecret() {
        for (String type : List.of("apply", "destroy")) {
            assertThat(StageJobManifest.hasSecret(spec(type))).isTrue();
            assertThat(manifest(spec(type))
                            .job(false)
                            .getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .get(0)
                            .getEnv())
                    .anySatisfy(v -> assertThat(
                                    v.getValueFrom() == null
                                            ? null
                                            : v.getValueFrom().getSecretKeyRef().getOptional())
                            .isFalse());
        }
        assertThat(StageJobManifest.hasSecret(spec("plan"))).isFalse();
    }

    private static String hash(Job job) {
        return job.getMetadata().getAnnotations().get(Labels.SPEC_HASH);
    }
}
