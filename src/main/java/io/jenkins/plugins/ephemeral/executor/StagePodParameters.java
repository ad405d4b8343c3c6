package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step's parameters say of its Pod, and nothing else: what was left out is not there. */
final class StagePodParameters {
    private final StageJobSpec spec;

    StagePodParameters(StageJobSpec spec) {
        this.spec = spec;
    }

    PodTemplateSpec template() {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(spec.labels)
                .withAnnotations(spec.podAnnotations)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(spec.serviceAccount)
                .withAutomountServiceAccountToken(spec.automountServiceAccountToken ? Boolean.TRUE : null)
                .withImagePullSecrets(references(spec.imagePullSecrets))
                .withNodeSelector(spec.nodeSelector.isEmpty() ? null : spec.nodeSelector)
                .withTolerations(tolerations())
                .withSecurityContext(spec.podSecurityContext.isEmpty() ? null : podSecurity(spec.podSecurityContext))
                .withContainers(container())
                .withVolumes(volumes())
                .endSpec()
                .build();
    }

    private Container container() {
        ContainerBuilder container = new ContainerBuilder()
                .withName(StageJobManifest.CONTAINER)
                .withImage(spec.image)
                .withImagePullPolicy(spec.imagePullPolicy)
                .withCommand(spec.command)
                .withArgs(spec.args)
                .withWorkingDir(spec.workingDir)
                .withResources(spec.resources.isEmpty() ? null : resources())
                .withSecurityContext(spec.securityContext.isEmpty() ? null : security(spec.securityContext));
        spec.env.forEach((name, value) ->
                container.addNewEnv().withName(name).withValue(value).endEnv());
        spec.secrets.forEach(
                name -> container.addNewEnvFrom().withNewSecretRef(name, null).endEnvFrom());
        spec.configMaps.forEach(name ->
                container.addNewEnvFrom().withNewConfigMapRef(name, null).endEnvFrom());
        for (Map<String, String> source : spec.envFrom) {
            Boolean optional = bool(source, "optional");
            var entry = container.addNewEnvFrom().withPrefix(source.get("prefix"));
            if (source.containsKey("secret")) {
                entry.withNewSecretRef(source.get("secret"), optional).endEnvFrom();
            } else {
                entry.withNewConfigMapRef(source.get("configMap"), optional).endEnvFrom();
            }
        }
        for (int i = 0; i < spec.volumes.size(); i++) {
            Map<String, String> volume = spec.volumes.get(i);
            container
                    .addNewVolumeMount()
                    .withName(volumeName(i))
                    .withMountPath(volume.get("mountPath"))
                    .withSubPath(volume.get("subPath"))
                    .withReadOnly(bool(volume, "readOnly"))
                    .endVolumeMount();
        }
        return container.build();
    }

    private ResourceRequirements resources() {
        ResourceRequirements requirements = new ResourceRequirements();
        Map<String, Quantity> requests = new LinkedHashMap<>();
        Map<String, Quantity> limits = new LinkedHashMap<>();
        spec.resources.forEach((name, quantity) -> {
            if (!name.startsWith(StageJobSpec.LIMITS)) {
                requests.put(name.replaceFirst("^requests\\.", ""), new Quantity(quantity));
            }
            if (!name.startsWith(StageJobSpec.REQUESTS)) {
                limits.put(name.replaceFirst("^limits\\.", ""), new Quantity(quantity));
            }
        });
        requirements.setRequests(requests);
        requirements.setLimits(limits);
        return requirements;
    }

    private List<Volume> volumes() {
        List<Volume> volumes = new ArrayList<>();
        for (int i = 0; i < spec.volumes.size(); i++) {
            volumes.add(volume(volumeName(i), spec.volumes.get(i)));
        }
        return volumes;
    }

    private static Volume volume(String name, Map<String, String> asked) {
        VolumeBuilder volume = new VolumeBuilder().withName(name);
        if (asked.containsKey("secret")) {
            volume.withNewSecret().withSecretName(asked.get("secret")).endSecret();
        } else if (asked.containsKey("configMap")) {
            volume.withNewConfigMap().withName(asked.get("configMap")).endConfigMap();
        } else if (asked.containsKey("claim")) {
            volume.withNewPersistentVolumeClaim(asked.get("claim"), bool(asked, "readOnly"));
        } else if (asked.containsKey("hostPath")) {
            volume.withNewHostPath().withPath(asked.get("hostPath")).endHostPath();
        } else {
            String size = asked.get("emptyDir");
            volume.withNewEmptyDir()
                    .withSizeLimit(size.isEmpty() ? null : new Quantity(size))
                    .endEmptyDir();
        }
        return volume.build();
    }

    private static String volumeName(int i) {
        return "volume-" + i;
    }

    private static PodSecurityContext podSecurity(Map<String, String> asked) {
        return new PodSecurityContextBuilder()
                .withRunAsUser(number(asked, "runAsUser"))
                .withRunAsGroup(number(asked, "runAsGroup"))
                .withFsGroup(number(asked, "fsGroup"))
                .withRunAsNonRoot(bool(asked, "runAsNonRoot"))
                .withFsGroupChangePolicy(asked.get("fsGroupChangePolicy"))
                .build();
    }

    private static SecurityContext security(Map<String, String> asked) {
        return new SecurityContextBuilder()
                .withRunAsUser(number(asked, "runAsUser"))
                .withRunAsGroup(number(asked, "runAsGroup"))
                .withRunAsNonRoot(bool(asked, "runAsNonRoot"))
                .withAllowPrivilegeEscalation(bool(asked, "allowPrivilegeEscalation"))
                .withReadOnlyRootFilesystem(bool(asked, "readOnlyRootFilesystem"))
                .withPrivileged(bool(asked, "privileged"))
                .build();
    }

    private List<Toleration> tolerations() {
        List<Toleration> tolerations = new ArrayList<>();
        for (Map<String, String> map : spec.tolerations) {
            tolerations.add(new Toleration(
                    map.get("effect"),
                    map.get("key"),
                    map.get("operator"),
                    number(map, "tolerationSeconds"),
                    map.get("value")));
        }
        return tolerations;
    }

    private static List<LocalObjectReference> references(List<String> names) {
        List<LocalObjectReference> references = new ArrayList<>();
        names.forEach(name -> references.add(new LocalObjectReference(name)));
        return references;
    }

    private static Long number(Map<String, String> map, String key) {
        return map.get(key) == null ? null : Long.valueOf(map.get(key));
    }

    private static Boolean bool(Map<String, String> map, String key) {
        return map.get(key) == null ? null : Boolean.valueOf(map.get(key));
    }
}
