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
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Verdict;
import java.io.IOException;
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

    /** As base64 it has to come through a container's log, of which a node keeps 10 MiB unless it is told otherwise. */
    static final int MOST_ARCHIVED_BYTES = 5 * 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stage stage;
    private final StageJobManifest manifest;
    private final StageArchive archive;

    StageHandover(Stage stage, StageJobManifest manifest, StageArchive archive) {
        this.stage = stage;
        this.manifest = manifest;
        this.archive = archive;
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
        boolean secret = HandoverPod.SECRET.equals(stage.spec().handover);
        if (secret && bytes > MOST_SECRET_BYTES) {
            return refused(
                    result,
                    "its outputs have " + bytes + " bytes, and a Secret holds " + MOST_SECRET_BYTES
                            + ". Hand over less, or give the cluster a default storage class.");
        }
        Printed printed = secret || stage.spec().archiveOutputs && bytes <= MOST_ARCHIVED_BYTES
                ? printed(pod, sha256)
                : new Printed(
                        null, "its outputs have " + bytes + " bytes, and " + MOST_ARCHIVED_BYTES + " can be archived.");
        if (secret && printed.problem != null) {
            return refused(result, printed.problem);
        }
        if (secret) {
            keep(printed.archive);
        }
        stage.state().outputsSha256 = sha256;
        stage.say("outputs: " + stage.spec().outputs + ", " + bytes + " bytes packed, SHA-256 " + sha256);
        if (stage.spec().archiveOutputs) {
            archive(printed);
        }
        return result;
    }

    /** The build's own copy is a convenience: without it the stage has ended as well as it did. */
    private void archive(Printed printed) {
        String problem = printed.problem;
        if (problem == null) {
            try {
                stage.say("outputs are archived as " + archive.keep(stage.spec().name, printed.archive));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                problem = "it was interrupted.";
            } catch (IOException e) {
                problem = String.valueOf(e.getMessage());
            }
        }
        if (problem != null) {
            stage.say("outputs are not archived with the build: " + problem);
        }
    }

    /** What the container for it printed, or why that cannot be used. */
    private static final class Printed {
        private final byte[] archive;
        private final String problem;

        Printed(byte[] archive, String problem) {
            this.archive = archive;
            this.problem = problem;
        }
    }

    private static JsonNode told(ContainerStateTerminated end) {
        try {
            JsonNode told = end == null || end.getMessage() == null ? null : JSON.readTree(end.getMessage());
            return told != null && told.isObject() ? told : null;
        } catch (JsonProcessingException e) {
            return null; // the program's own last words
        }
    }

    private Printed printed(Pod pod, String sha256) {
        byte[] archive;
        try {
            String pods = stage.namespace() + '/' + pod.getMetadata().getName();
            String log = stage.cluster().call("reading Outputs", pods, client -> client.pods()
                    .inNamespace(stage.namespace())
                    .withName(pod.getMetadata().getName())
                    .inContainer(HandoverPod.OUTPUTS)
                    .getLog());
            archive = Base64.getMimeDecoder().decode(log == null ? "" : log);
        } catch (QueuedFault queued) {
            throw queued;
        } catch (TransientFault away) {
            if (HandoverPod.SECRET.equals(stage.spec().handover)) {
                throw away;
            }
            return new Printed(
                    null, "its outputs could not be read: " + away.getMessage()); // for the build's copy only
        } catch (UserFault | IllegalArgumentException e) {
            return new Printed(null, "its outputs could not be read: " + e.getMessage());
        }
        boolean same = StageJobNames.hexadecimal(StageJobNames.sha256().digest(archive))
                .equals(sha256);
        return new Printed(archive, same ? null : "its outputs came with another SHA-256 than they were packed with.");
    }

    private void keep(byte[] archive) {
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
