package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.jenkins.plugins.ephemeral.cluster.Labels;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes a stage's Job, exactly one. Its name was decided before: should the answer to the create be lost, or Jenkins
 * die, the next try meets the Job of that name and takes it, if it says that it is of this build and of this spec.
 */
final class StageLaunch {
    private final Stage stage;
    private final RunRef run;
    private final StageJobManifest manifest;
    private final ServerVersions versions;
    private final Checkpoint checkpoint;
    private final Clock clock;
    private final StageHandover handover;

    StageLaunch(
            Stage stage,
            RunRef run,
            StageJobManifest manifest,
            ServerVersions versions,
            Checkpoint checkpoint,
            StageArchive archive,
            Clock clock) {
        this.stage = stage;
        this.run = run;
        this.manifest = manifest;
        this.versions = versions;
        this.checkpoint = checkpoint;
        this.clock = clock;
        this.handover = new StageHandover(stage, manifest, archive);
    }

    /** What becomes of the stage's outputs. */
    StageHandover handover() {
        return handover;
    }

    /** Creates the Job or finds it; afterwards its UID is saved. */
    void launch() {
        if (handover.isUndecided()) {
            handover.decide();
            checkpoint.save();
        }
        handover.prepare();
        boolean secret = StageJobManifest.hasSecret(stage.spec());
        Job desired = manifest.job(versions.of(stage.cluster()).knowsPodReplacementPolicy());
        if (secret) {
            // before the Job: a Pod that does not find its Secret is tried again only after some time
            stage.state().secretUid =
                    stage.cluster().apply(manifest.secret(null)).getMetadata().getUid();
        }
        Optional<Job> created = asked(desired);
        remember(created.orElseGet(() -> adopted(desired)));
        stage.say("Job " + stage.state().jobName + " is " + (created.isPresent() ? "created in " : "already there in ")
                + stage.environment() + ", image " + stage.spec().image);
    }

    /**
     * Whether the Job of a stage that changes things was asked for before Jenkins died, and is not there though it was
     * away for longer than a finished Job stays: that does not say that it did not run.
     */
    boolean isLost() {
        return stage.state().askedMillis > 0 && isLongAgo() && found().isEmpty();
    }

    /** Asks for the Job. That a stage that changes things is asked for is saved before. */
    private Optional<Job> asked(Job desired) {
        StageJobState state = stage.state();
        boolean first = state.askedMillis == 0;
        if (!first && isLongAgo()) {
            return Optional.empty(); // it is to be adopted, and never made anew
        }
        if (first && stage.type().isChanging()) {
            state.askedMillis = clock.millis();
            checkpoint.save();
        }
        stage.lock().launching();
        try {
            return stage.cluster().create(desired);
        } catch (UserFault fault) {
            if (found().isPresent()) {
                return Optional.empty(); // made by an earlier try whose answer was lost: it may be what fills the quota
            }
            stage.lock().notLaunched();
            state.askedMillis = first ? 0 : state.askedMillis;
            throw fault;
        }
    }

    private boolean isLongAgo() {
        return clock.millis() > stage.state().askedMillis + stage.spec().ttlSecondsAfterFinished * 1000L;
    }

    private Optional<Job> found() {
        return stage.cluster().get(Job.class, stage.namespace(), stage.state().jobName);
    }

    /** Has the Job own the Secret, so that it goes with it. Only while the container did not run. */
    void own() {
        if (StageJobManifest.hasSecret(stage.spec())) {
            stage.cluster().apply(manifest.secret(stage.state().jobUid));
        }
    }

    /** Takes the Secret away of a Job that was not made. */
    void forgetSecret() {
        StageJobState state = stage.state();
        if (state.jobUid == null && state.secretUid != null) {
            stage.cluster().delete(Secret.class, stage.namespace(), state.jobName, state.secretUid, -1);
        }
    }

    private void remember(Job job) {
        StageJobState state = stage.state();
        state.jobUid = job.getMetadata().getUid();
        state.startupDeadlineMillis =
                clock.millis() + stage.spec().startupTimeout.toMillis();
        checkpoint.save();
    }

    private Job adopted(Job desired) {
        Optional<Job> found = found();
        if (found.isEmpty()) {
            throw new TransientFault(
                    "creating Job",
                    stage.where(),
                    "there was one of that name, and it is gone already",
                    "",
                    java.time.Duration.ZERO,
                    null);
        }
        ObjectMeta meta = found.get().getMetadata();
        Map<String, String> annotations = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        Map<String, String> labels = meta.getLabels() == null ? Map.of() : meta.getLabels();
        String owner = annotations.get(Labels.RUN);
        boolean sameRun = run.externalId().equals(owner) && run.controllerId().equals(labels.get(Labels.CONTROLLER));
        boolean sameSpec = Objects.equals(
                annotations.get(Labels.SPEC_HASH),
                desired.getMetadata().getAnnotations().get(Labels.SPEC_HASH));
        if (sameRun && sameSpec) {
            return found.get();
        }
        if (!sameRun) {
            stage.lock().notLaunched(); // the name is somebody else's, so nothing of this stage runs
        }
        throw new UserFault(
                "creating Job",
                stage.where(),
                owner == null
                        ? "there is one of that name that this plugin did not make"
                        : "there is one of that name that belongs to " + owner
                                + (sameRun
                                        ? ", made for another spec"
                                        : " of controller " + labels.get(Labels.CONTROLLER)),
                "Delete it if nobody needs it, or give the stage another name.");
    }
}
