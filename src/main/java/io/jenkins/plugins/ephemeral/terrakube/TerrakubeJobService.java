package io.jenkins.plugins.ephemeral.terrakube;

import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClients;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import io.jenkins.plugins.ephemeral.report.TerrakubeEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Stages on the configured Terrakube control planes. Thread-safe; holds nothing that a restart would miss. */
public final class TerrakubeJobService implements TerrakubeJobs {
    private static final int LONGEST_TITLE = 400;

    private final TerrakubeClients clients;
    private final Clusters clusters;
    private final Clock clock;

    /**
     * @param clients the control planes
     * @param clusters the clusters, one of which their executors may run in
     */
    public TerrakubeJobService(TerrakubeClients clients, Clusters clusters) {
        this(clients, clusters, Clock.systemUTC());
    }

    TerrakubeJobService(TerrakubeClients clients, Clusters clusters, Clock clock) {
        this.clients = Objects.requireNonNull(clients);
        this.clusters = Objects.requireNonNull(clusters);
        this.clock = Objects.requireNonNull(clock);
    }

    @Override
    public void validate(TerrakubeSpec spec) {
        if (isBlank(spec.name)) {
            throw wrong("name", "is missing", "Name the stage.");
        }
        if (!List.of("plan", "apply", "destroy", "custom").contains(spec.type)) {
            throw wrong("type", "is \"" + spec.type + '"', "Write plan, apply, destroy or custom.");
        }
        if (spec.isDecision()) {
            if (!List.of("approve", "reject").contains(spec.decision)) {
                throw wrong("decision", "is \"" + spec.decision + '"', "Write approve or reject.");
            }
            if (isBlank(spec.after)) {
                throw wrong("after", "is missing", "Name the stage whose job is decided on.");
            }
            if (spec.workspace != null || spec.template != null || spec.flow != null || spec.branch != null) {
                throw wrong(
                        "executor",
                        "is given beside decision",
                        "Leave it out: the job is the one of the stage before.");
            }
            return;
        }
        if (isBlank(spec.workspace)) {
            throw wrong("workspace", "is missing", "Name the Terrakube workspace.");
        }
        if (isBlank(spec.template) == isBlank(spec.flow)) {
            throw wrong(
                    "template",
                    isBlank(spec.template) ? "is missing, and so is flow" : "is given beside flow",
                    "Give one of the two.");
        }
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }

    private static UserFault wrong(String parameter, String why, String remedy) {
        return new UserFault("reading the parameters of ephemeralJob", parameter, why, remedy);
    }

    @Override
    public TerrakubeState begin(TerrakubeSpec spec, RunRef run, String nodeId) {
        TerrakubeState state = new TerrakubeState();
        String title = (run.externalId() + ' ' + spec.name).replaceAll("[^A-Za-z0-9 ._/#-]", "_");
        state.comments = "Jenkins " + title.substring(0, Math.min(LONGEST_TITLE, title.length())) + " "
                + hash(run.controllerId() + '\n' + run.externalId() + '\n' + nodeId + '\n' + spec.name);
        state.controlPlane = spec.controlPlane;
        state.workspace = spec.workspace;
        return state;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public TerrakubeState continued(TerrakubeEntry waiting) {
        TerrakubeState state = new TerrakubeState();
        state.controlPlane = waiting.controlPlane;
        state.workspace = waiting.workspace;
        state.organizationId = waiting.organizationId;
        state.workspaceId = waiting.workspaceId;
        state.jobId = waiting.jobId;
        state.decidedStepId = waiting.waitingStepId;
        state.logPosition = waiting.logPosition == null ? "" : waiting.logPosition;
        return state;
    }

    @Override
    public Reconciler<TerrakubeResult> run(
            TerrakubeSpec spec, TerrakubeState state, Checkpoint checkpoint, Console console, ReportStore report) {
        JobSight sight = new JobSight(clients, spec, state, console);
        JobReport entry = new JobReport(spec, state, report, clock);
        return new JobRun(
                sight,
                new JobLaunch(sight, checkpoint, clock),
                new JobDecision(sight, checkpoint),
                new JobLog(sight, entry.tail()),
                new ExecutorPods(clusters, sight, clock),
                entry,
                checkpoint,
                clock);
    }

    @Override
    public Reconciler<Void> cancel(TerrakubeSpec spec, TerrakubeState state, Console console, ReportStore report) {
        JobSight sight = new JobSight(clients, spec, state, console);
        return new JobCancel(
                sight,
                new JobLaunch(sight, Checkpoint.NONE, clock),
                new ExecutorPods(clusters, sight, clock),
                new JobReport(spec, state, report, clock),
                clock);
    }
}
