package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import java.util.Map;

/**
 * The Pod of a stage, in layers of which each is merged over the ones before: a safe template, the administrator's
 * defaults, the step's parameters, the step's {@code podYaml}, and at last what must be as it is.
 *
 * <p>The template passes the Pod Security level {@code restricted}: it runs as 1000:1000 without privileges, with a home
 * and a working directory of its own that it may write to, so that common images run unchanged.
 */
final class StagePod {
    /** Where the payload is found as a file. */
    static final String PAYLOAD_FOLDER = "/ephemeral/payload";

    static final String HOME = "/home/ephemeral";
    static final String WORKSPACE = "/workspace";
    private static final long USER = 1000L;

    private final StageJobSpec spec;
    private final String jobName;
    private final String serviceAccount;

    /**
     * @param spec a valid spec
     * @param jobName name of the Job and of its Secret
     * @param serviceAccount the environment's service account
     */
    StagePod(StageJobSpec spec, String jobName, String serviceAccount) {
        this.spec = spec;
        this.jobName = jobName;
        this.serviceAccount = serviceAccount;
    }

    /**
     * The template.
     *
     * @param labels labels that it has in any case
     * @param annotations annotations that it has in any case
     */
    PodTemplateSpec template(Map<String, String> labels, Map<String, String> annotations) {
        ObjectNode tree = PodYaml.tree(safe());
        StrategicMerge.merge(tree, PodYaml.read(spec.defaultPodYaml));
        StrategicMerge.merge(tree, PodYaml.tree(new StagePodParameters(spec).template()));
        StrategicMerge.merge(tree, PodYaml.read(spec.podYaml));
        StrategicMerge.merge(tree, PodYaml.tree(fixed(labels, annotations)));
        PodTemplateSpec template = PodYaml.typed(tree);
        new HandoverPod(spec, jobName).addTo(template.getSpec());
        template.getSpec().getInitContainers().forEach(StagePod::harden);
        template.getSpec().getContainers().forEach(StagePod::harden);
        return template;
    }

    private PodTemplateSpec safe() {
        return new PodTemplateSpecBuilder()
                .withNewSpec()
                .withServiceAccountName(serviceAccount)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName(StageJobManifest.CONTAINER)
                .withWorkingDir(WORKSPACE)
                .withEnv(new EnvVar("HOME", HOME, null))
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withSecurityContext(safeContext())
                .addNewVolumeMount()
                .withName("home")
                .withMountPath(HOME)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("workspace")
                .withMountPath(WORKSPACE)
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("home")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .addNewVolume()
                .withName("workspace")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    /** What neither parameters nor YAML may take away. */
    private PodTemplateSpec fixed(Map<String, String> labels, Map<String, String> annotations) {
        ContainerBuilder container = new ContainerBuilder().withName(StageJobManifest.CONTAINER);
        PodTemplateSpecBuilder template = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds((long) StageType.graceSeconds(spec))
                .endSpec();
        if (spec.payload != null && !spec.payloadAsFile) {
            container.addToEnv(new EnvVar(StageJobManifest.PAYLOAD_FLAG, "true", null));
            container.addToEnv(fromSecret(StageJobManifest.PAYLOAD));
        }
        if (spec.payload != null && spec.payloadAsFile) {
            String file = PAYLOAD_FOLDER + '/' + StageJobManifest.PAYLOAD_FILE;
            container.addToEnv(new EnvVar(StageJobManifest.PAYLOAD_FILE_VARIABLE, file, null));
            container
                    .addNewVolumeMount()
                    .withName("payload")
                    .withMountPath(PAYLOAD_FOLDER)
                    .withReadOnly(true)
                    .endVolumeMount();
            template.editSpec()
                    .addNewVolume()
                    .withName("payload")
                    .withNewSecret()
                    .withSecretName(jobName)
                    .addNewItem(StageJobManifest.PAYLOAD_FILE, null, StageJobManifest.PAYLOAD_FILE)
                    .endSecret()
                    .endVolume()
                    .endSpec();
        }
        if (spec.commit != null) {
            container.addToEnv(new EnvVar(StageJobManifest.COMMIT, spec.commit, null));
        }
        if (StageType.of(spec).isChanging()) {
            container.addToEnv(fromSecret(StageJobManifest.FENCE));
        }
        return template.editSpec().withContainers(container.build()).endSpec().build();
    }

    private EnvVar fromSecret(String key) {
        return new EnvVarBuilder()
                .withName(key)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, jobName, false)
                .endValueFrom()
                .build();
    }

    private static SecurityContext safeContext() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    /** Containers that came by YAML pass {@code restricted}, too, unless they say otherwise. */
    private static void harden(Container container) {
        if (container.getSecurityContext() == null) {
            container.setSecurityContext(safeContext());
        }
    }
}
