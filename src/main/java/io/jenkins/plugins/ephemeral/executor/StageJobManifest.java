package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects of a stage: its Job and, where there is something to keep or to fence, its Secret.
 *
 * <p>The Pod passes the Pod Security level {@code restricted}: it runs as 1000:1000 without privileges, with a home and
 * a working directory of its own that it may write to, so that common images run unchanged.
 *
 * <p>The Secret is named like the Job. It holds the payload of the Terrakube model, which must not be readable in the
 * Job, and for a stage that changes things an entry that the Pod cannot start without: it is deleted once the
 * container runs, so that a Pod that Kubernetes makes in place of a deleted one never starts.
 */
final class StageJobManifest {
    /** Name of the container. */
    static final String CONTAINER = "stage";

    /** Label that says which Job a Pod belongs to, the same on every version of Kubernetes. */
    static final String JOB = "ephemeral.jenkins.io/job";

    /** Variable of the Terrakube model: {@code true}. Source: its executor's application.properties. */
    static final String PAYLOAD_FLAG = "EphemeralFlagBatch";

    /** Variable of the Terrakube model: the payload, base64 of UTF-8 JSON. Source: its BatchModeServiceImpl. */
    static final String PAYLOAD = "EphemeralJobData";

    /** Variables that a payload takes. */
    static final List<String> PAYLOAD_VARIABLES = List.of(PAYLOAD_FLAG, PAYLOAD);

    /** Variable that the Pod of a changing stage cannot start without. */
    static final String FENCE = "EPHEMERAL_ATTEMPT";

    private static final String HOME = "/home/ephemeral";
    private static final String WORKSPACE = "/workspace";
    private static final long USER = 1000L;

    /** On top of all timeouts: Jenkins' own clocks come first, also when it was away for a while. */
    private static final long DEADLINE_MARGIN_SECONDS = 600;

    private final NamespaceRef environment;
    private final StageJobSpec spec;
    private final String jobName;
    private final RunRef run;
    private final String serviceAccount;

    /**
     * @param environment where
     * @param spec a valid spec
     * @param jobName name of the Job
     * @param run the build it belongs to
     * @param serviceAccount name of the Pod's ServiceAccount
     */
    StageJobManifest(NamespaceRef environment, StageJobSpec spec, String jobName, RunRef run, String serviceAccount) {
        this.environment = environment;
        this.spec = spec;
        this.jobName = jobName;
        this.run = run;
        this.serviceAccount = serviceAccount;
    }

    /** Whether the stage has a Secret. */
    static boolean hasSecret(StageJobSpec spec) {
        return spec.payload != null || StageType.of(spec).isChanging();
    }

    /**
     * The Job.
     *
     * @param podReplacement whether the server knows {@code podReplacementPolicy} (1.28 and later)
     */
    Job job(boolean podReplacement) {
        Job job = new JobBuilder()
                .withNewMetadata()
                .withName(jobName)
                .withNamespace(environment.namespace())
                .withLabels(labels())
                .withAnnotations(annotations(spec.annotations))
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(spec.backoffLimit)
                .withParallelism(1)
                .withCompletions(1)
                .withActiveDeadlineSeconds(deadlineSeconds())
                .withTtlSecondsAfterFinished(spec.ttlSecondsAfterFinished)
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels())
                .withAnnotations(annotations(spec.podAnnotations))
                .endMetadata()
                .withSpec(pod())
                .endTemplate()
                .endSpec()
                .build();
        job.getMetadata().getAnnotations().put(Labels.SPEC_HASH, hash(job));
        if (podReplacement) {
            job.getSpec().setPodReplacementPolicy("Failed");
        }
        return job;
    }

    /**
     * The Secret.
     *
     * @param jobUid UID of the Job that owns it, or null as long as there is none
     */
    Secret secret(String jobUid) {
        Map<String, String> data = new LinkedHashMap<>();
        if (spec.payload != null) {
            data.put(PAYLOAD, twiceBase64(spec.payload));
        }
        if (StageType.of(spec).isChanging()) {
            data.put(FENCE, base64(jobName));
        }
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(jobName)
                .withNamespace(environment.namespace())
                .withLabels(labels())
                .withAnnotations(annotations(Map.of()))
                .endMetadata()
                .withType("Opaque")
                .withData(data)
                .build();
        if (jobUid != null) {
            secret.getMetadata()
                    .setOwnerReferences(List.of(new OwnerReferenceBuilder()
                            .withApiVersion("batch/v1")
                            .withKind("Job")
                            .withName(jobName)
                            .withUid(jobUid)
                            .build()));
        }
        return secret;
    }

    private PodSpec pod() {
        return new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withServiceAccountName(serviceAccount)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds((long) StageType.graceSeconds(spec))
                .withImagePullSecrets(references(spec.imagePullSecrets))
                .withNodeSelector(spec.nodeSelector.isEmpty() ? null : spec.nodeSelector)
                .withTolerations(tolerations())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(container())
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
                .build();
    }

    private Container container() {
        ContainerBuilder container = new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(spec.image)
                .withImagePullPolicy(spec.imagePullPolicy)
                .withCommand(spec.command)
                .withArgs(spec.args)
                .withWorkingDir(WORKSPACE)
                .withEnv(variables())
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("home")
                .withMountPath(HOME)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("workspace")
                .withMountPath(WORKSPACE)
                .endVolumeMount();
        for (String name : spec.secrets) {
            container.addNewEnvFrom().withNewSecretRef(name, null).endEnvFrom();
        }
        for (String name : spec.configMaps) {
            container.addNewEnvFrom().withNewConfigMapRef(name, null).endEnvFrom();
        }
        if (!spec.resources.isEmpty()) {
            Map<String, Quantity> quantities = new LinkedHashMap<>();
            spec.resources.forEach((name, quantity) -> quantities.put(name, new Quantity(quantity)));
            container
                    .withNewResources()
                    .withRequests(quantities)
                    .withLimits(quantities)
                    .endResources();
        }
        return container.build();
    }

    private List<EnvVar> variables() {
        List<EnvVar> variables = new ArrayList<>();
        if (!spec.env.containsKey("HOME")) {
            variables.add(new EnvVar("HOME", HOME, null));
        }
        spec.env.forEach((name, value) -> variables.add(new EnvVar(name, value, null)));
        if (spec.payload != null) {
            variables.add(new EnvVar(PAYLOAD_FLAG, "true", null));
            variables.add(fromSecret(PAYLOAD));
        }
        if (StageType.of(spec).isChanging()) {
            variables.add(fromSecret(FENCE));
        }
        return variables;
    }

    private EnvVar fromSecret(String key) {
        return new EnvVarBuilder()
                .withName(key)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, jobName, false)
                .endValueFrom()
                .build();
    }

    private List<Toleration> tolerations() {
        List<Toleration> tolerations = new ArrayList<>();
        for (Map<String, String> map : spec.tolerations) {
            String seconds = map.get("tolerationSeconds");
            tolerations.add(new Toleration(
                    map.get("effect"),
                    map.get("key"),
                    map.get("operator"),
                    seconds == null ? null : Long.valueOf(seconds),
                    map.get("value")));
        }
        return tolerations;
    }

    private static List<LocalObjectReference> references(List<String> names) {
        List<LocalObjectReference> references = new ArrayList<>();
        names.forEach(name -> references.add(new LocalObjectReference(name)));
        return references;
    }

    private Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>(spec.labels);
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(Labels.CONTROLLER, run.controllerId());
        labels.put(Labels.ENVIRONMENT, environment.environment());
        labels.put(Labels.STAGE, spec.name);
        labels.put(JOB, jobName);
        return labels;
    }

    private Map<String, String> annotations(Map<String, String> more) {
        Map<String, String> annotations = new LinkedHashMap<>(more);
        annotations.put(Labels.RUN, run.externalId());
        if (!run.url().isEmpty()) {
            annotations.put(Labels.RUN_URL, run.url());
        }
        return annotations;
    }

    private long deadlineSeconds() {
        return spec.startupTimeout.getSeconds()
                + spec.timeout.getSeconds()
                + StageType.graceSeconds(spec)
                + DEADLINE_MARGIN_SECONDS;
    }

    /** Without the payload, which is not in the Job: a hash of a secret is a way to guess it. */
    private static String hash(Job job) {
        return StageJobNames.hexadecimal(
                        StageJobNames.sha256().digest(Serialization.asJson(job).getBytes(StandardCharsets.UTF_8)))
                .substring(0, 32);
    }

    /** The variable's value is base64, and so is all data of a Secret. */
    private static String twiceBase64(String text) {
        return base64(base64(text));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
