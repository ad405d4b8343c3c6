package io.jenkins.plugins.ephemeral.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.util.Base64;
import java.util.Map;

/**
 * Keeps the outputs of a stage for those after it: in a volume claim of the environment, or, where the cluster has no
 * default storage class, in a Secret, through the log of a container. What is kept is known by its SHA-256, which is
 * remembered outside of the cluster.
 */
final class StageHandover {
    /** A Secret holds 1 MiB; some of it is for its name and labels. */
    static final int MOST_SECRET_BYTES = 900 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stage stage;
    private final StageJobManifest manifest;

    StageHandover(Stage stage, StageJobManifest manifest) {
        this.stage = stage;
        this.manifest = manifest;
    }

    /** Whether it is still to be decided how outputs are kept. */
    boolean isUndecided() {
        return stage.spec().outputs != null && stage.spec().handover == null;
    }

    /** Decides it: by a claim if one would get a volume. The decision is saved by the caller before anything is made. */
    void decide() {
        String storageClass = stage.cluster()
                .call(
                        "probing PersistentVolumeClaim",
                        stage.namespace() + '/' + stage.state().jobName,
                        client -> client.resource(claim()).dryRun(true).create())
                .getSpec()
                .getStorageClassName();
        boolean has = storageClass != null && !storageClass.isEmpty();
        stage.spec().handover = has ? HandoverPod.CLAIM : HandoverPod.SECRET;
        if (!has) {
            stage.say("the cluster has no default storage class: outputs are handed over in a Secret, at most "
                    + MOST_SECRET_BYTES / 1024 + " KiB");
        }
    }

    /** Makes the claim, if there is to be one. */
    void prepare() {
        if (stage.spec().outputs != null && HandoverPod.CLAIM.equals(stage.spec().handover)) {
            stage.cluster().create(claim()); // one of that name is ours: the name has our hash
        }
    }

    private PersistentVolumeClaim claim() {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(stage.state().jobName)
                .withNamespace(stage.namespace())
                .withLabels(manifest.labels())
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity(stage.spec().handoverSize)))
                .endResources()
                .endSpec()
                .build();
    }

    /**
     * Keeps the outputs of a stage that ended well. May be called again after a restart.
     *
     * @param sight the last look
     * @param result how the stage ended
     * @return the same, or OUTPUTS if they cannot be handed over
     */
    StageJobResult collect(Sight sight, StageJobResult result) {
        if (stage.spec().outputs == null || result.outcome().verdict() != Verdict.PASSED) {
            return result;
        }
        String first = stage.state().podUid;
        Pod pod = first == null ? sight.pod() : sight.pod(first);
        ContainerStateTerminated end = PodFacts.terminated(pod);
        JsonNode told = told(end);
        if (told == null || told.path("sha256").asText().length() != 64) {
            String bad = told == null ? "" : told.path("bad").asText();
            return refused(
                    result,
                    bad.isEmpty()
                            ? "nothing was told about its outputs: was its Pod deleted, or the script killed?"
                            : "these of its outputs are missing or empty: " + bad.strip() + '.');
        }
        String sha256 = told.path("sha256").asText();
        long bytes = told.path("bytes").asLong();
        if (HandoverPod.SECRET.equals(stage.spec().handover)) {
            String problem = keep(pod, sha256, bytes);
            if (problem != null) {
                return refused(result, problem);
            }
        }
        stage.state().outputsSha256 = sha256;
        stage.say("outputs: " + stage.spec().outputs + ", " + bytes + " bytes packed, SHA-256 " + sha256);
        return result;
    }

    private static JsonNode told(ContainerStateTerminated end) {
        try {
            JsonNode told = end == null || end.getMessage() == null ? null : JSON.readTree(end.getMessage());
            return told != null && told.isObject() ? told : null;
        } catch (JsonProcessingException e) {
            return null; // the program's own last words
        }
    }

    /** Makes the Secret from the log of the container that printed them; null if it is there, else why not. */
    private String keep(Pod pod, String sha256, long bytes) {
        if (bytes > MOST_SECRET_BYTES) {
            return "its outputs have " + bytes + " bytes, and a Secret holds " + MOST_SECRET_BYTES
                    + ". Hand over less, or give the cluster a default storage class.";
        }
        byte[] archive;
        try {
            String pods = stage.namespace() + '/' + pod.getMetadata().getName();
            String log = stage.cluster().call("reading Outputs", pods, client -> client.pods()
                    .inNamespace(stage.namespace())
                    .withName(pod.getMetadata().getName())
                    .inContainer(HandoverPod.OUTPUTS)
                    .getLog());
            archive = Base64.getMimeDecoder().decode(log == null ? "" : log);
        } catch (UserFault | IllegalArgumentException e) {
            return "its outputs could not be read: " + e.getMessage();
        }
        if (!StageJobNames.hexadecimal(StageJobNames.sha256().digest(archive)).equals(sha256)) {
            return "its outputs came with another SHA-256 than they were packed with.";
        }
        stage.cluster()
                .apply(new SecretBuilder()
                        .withNewMetadata()
                        .withName(secretName())
                        .withNamespace(stage.namespace())
                        .withLabels(manifest.labels())
                        .endMetadata()
                        .withType("Opaque")
                        .withData(
                                Map.of(HandoverPod.ARCHIVE, Base64.getEncoder().encodeToString(archive)))
                        .build());
        return null;
    }

    private String secretName() {
        return place(stage.spec(), stage.state()).substring(HandoverPod.SECRET.length() + 1);
    }

    /** Where outputs are kept, {@code claim/NAME} or {@code secret/NAME}. */
    static String place(StageJobSpec spec, StageJobState state) {
        return HandoverPod.SECRET.equals(spec.handover)
                ? HandoverPod.SECRET + '/' + state.jobName + "-outputs"
                : HandoverPod.CLAIM + '/' + state.jobName;
    }

    private static StageJobResult refused(StageJobResult result, String why) {
        return new StageJobResult(
                Outcome.OUTPUTS,
                result.exitCode(),
                "The program ended well, but " + why + " No stage can come after it.");
    }
}
