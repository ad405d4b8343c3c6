package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJob;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeJobRequest;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Makes a stage's job, one. Terrakube gives the number, so a create cannot be made idempotent by a name: that it was
 * asked for is saved first, and after a lost answer, or a crash, the job is looked for by its comments. One that comes
 * to light later beside another is cancelled: jobs of one workspace run one after the other.
 */
final class JobLaunch {
    /** How long a create whose answer was lost may still take effect in Terrakube. */
    private static final Duration LATE = Duration.ofSeconds(30);
    /** How long a second job is looked for after a create was asked for twice. */
    private static final Duration DOUBTFUL = Duration.ofMinutes(2);

    private final JobSight sight;
    private final Checkpoint checkpoint;
    private final Clock clock;
    private boolean unwilling;

    JobLaunch(JobSight sight, Checkpoint checkpoint, Clock clock) {
        this.sight = sight;
        this.checkpoint = checkpoint;
        this.clock = clock;
    }

    /** Creates the job or finds it; false if it is to be looked for again. */
    boolean launch(TerrakubeClient client) throws InterruptedException {
        TerrakubeState state = sight.state();
        if (state.creations > 0) {
            if (find(client)) {
                return true;
            }
            if (mayComeLate()) {
                return false;
            }
        }
        create(client);
        return true;
    }

    /** Looks for a job whose creation was asked for; the oldest one counts. */
    boolean find(TerrakubeClient client) throws InterruptedException {
        TerrakubeState state = sight.state();
        if (state.organizationId == null) {
            return false;
        }
        List<TerrakubeJob> found = client.findJobs(state.organizationId, state.comments);
        if (found.isEmpty()) {
            return false;
        }
        known(found.get(0).id());
        sight.say("job " + state.jobId + " was created already");
        return true;
    }

    /** Whether a create that was asked for may still take effect. */
    boolean mayComeLate() {
        return clock.millis() < sight.state().creationAskedMillis + LATE.toMillis();
    }

    private void create(TerrakubeClient client) throws InterruptedException {
        TerrakubeSpec spec = sight.spec();
        TerrakubeState state = sight.state();
        String organization = client.organizationId();
        String workspace = client.workspaceId(organization, spec.workspace);
        String template = spec.template == null ? null : client.templateId(organization, spec.template);
        state.controlPlane = client.connection().name();
        state.organizationId = organization;
        state.workspaceId = workspace;
        state.creations++;
        state.creationAskedMillis = clock.millis();
        checkpoint.save();
        known(client.createJob(
                organization, new TerrakubeJobRequest(workspace, template, spec.flow, spec.branch, state.comments)));
        String link = sight.link(client);
        sight.say("job " + state.jobId + " created in workspace " + spec.workspace + " of control plane "
                + state.controlPlane + (link == null ? "" : ": " + link));
    }

    private void known(int jobId) {
        TerrakubeState state = sight.state();
        state.jobId = jobId;
        state.deadlineMillis = clock.millis() + sight.spec().timeout.toMillis();
        checkpoint.save();
    }

    /** Cancels jobs that a create made whose answer was lost, and that came to light only now. */
    void retireOthers(TerrakubeClient client) throws InterruptedException {
        TerrakubeState state = sight.state();
        if (unwilling || state.creations < 2 || clock.millis() > state.creationAskedMillis + DOUBTFUL.toMillis()) {
            return;
        }
        for (TerrakubeJob job : client.findJobs(state.organizationId, state.comments)) {
            if (job.id() != state.jobId && !job.isOver()) {
                retire(client, job.id());
            }
        }
    }

    private void retire(TerrakubeClient client, int jobId) throws InterruptedException {
        sight.say("job " + jobId + " was created, too, since an answer was lost; it is cancelled");
        try {
            client.changeStatus(sight.state().organizationId, jobId, "cancelled");
        } catch (UserFault fault) {
            unwilling = true;
            sight.say(fault.getMessage() + " Cancel job " + jobId + " in Terrakube.");
        }
    }
}
