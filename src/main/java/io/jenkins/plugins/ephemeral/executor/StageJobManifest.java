package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects of a stage: its Job and, where there is something to keep or to fence, its Secret.
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

    /** Variable that names the payload's file, if it comes as one. */
    static final String PAYLOAD_FILE_VARIABLE = "EPHEMERAL_PAYLOAD_FILE";

    /** Key of the Secret and name of the file. */
    static final String PAYLOAD_FILE = "payload.json";

    /** Variables that a payload takes. */
    static final List<String> PAYLOAD_VARIABLES = List.of(PAYLOAD_FLAG, PAYLOAD, PAYLOAD_FILE_VARIABLE);

    /** Variable with the commit that the chain of stages is about. */
    static final String COMMIT = "EPHEMERAL_COMMIT";

    /** Variable that the Pod of a changing stage cannot start without. */
    static final String FENCE = "EPHEMERAL_ATTEMPT";

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
     * @param serviceAccount name of the environment's ServiceAccount
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
                .withTemplate(template())
                .endSpec()
                .build();
        job.getMetadata().getAnnotations().put(Labels.SPEC_HASH, StageWork.hash(spec));
        if (podReplacement) {
            job.getSpec().setPodReplacementPolicy("Failed");
        }
        return job;
    }

    /**
     * The Pod's template, for a policy to look at.
     *
     * @throws IllegalArgumentException if the step's or the administrator's YAML is wrong
     */
    PodTemplateSpec template() {
        return new StagePod(spec, jobName, serviceAccount).template(labels(), annotations(Map.of()));
    }

    /**
     * The Secret.
     *
     * @param jobUid UID of the Job that owns it, or null as long as there is none
     */
    Secret secret(String jobUid) {
        Map<String, String> data = new LinkedHashMap<>();
        if (spec.payload != null) {
            if (spec.payloadAsFile) {
                data.put(PAYLOAD_FILE, base64(spec.payload));
            } else {
                data.put(PAYLOAD, twiceBase64(spec.payload));
            }
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

    /** What every object of the stage carries. */
    Map<String, String> labels() {
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

    /** The variable's value is base64, and so is all data of a Secret. */
    private static String twiceBase64(String text) {
        return base64(base64(text));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
