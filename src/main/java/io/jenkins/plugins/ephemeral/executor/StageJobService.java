package io.jenkins.plugins.ephemeral.executor;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Checkpoint;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Stage Jobs on the configured clusters. Thread-safe; holds nothing that a restart would miss. */
public final class StageJobService implements StageJobs {
    private final Clusters clusters;
    private final Function<NamespaceRef, String> serviceAccounts;
    private final Function<NamespaceRef, Instant> usableSince;
    private final Supplier<StageJobSettings> settings;
    private final StageLocks locks;
    private final Clock clock;
    private final ServerVersions versions = new ServerVersions();

    /** By the state object that a run and its cancel share; states have no equality of their own. */
    private final Map<StageJobState, StageTurns> turns = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * @param clusters the clusters
     * @param serviceAccounts name of the ServiceAccount that an environment has for its user's Pods
     * @param usableSince when an environment became usable, or null if nobody knows
     * @param settings the administrator's settings of this moment
     * @param locks the locks of stages
     */
    public StageJobService(
            Clusters clusters,
            Function<NamespaceRef, String> serviceAccounts,
            Function<NamespaceRef, Instant> usableSince,
            Supplier<StageJobSettings> settings,
            StageLocks locks) {
        this(clusters, serviceAccounts, usableSince, settings, locks, Clock.systemUTC());
    }

    StageJobService(
            Clusters clusters,
            Function<NamespaceRef, String> serviceAccounts,
            Function<NamespaceRef, Instant> usableSince,
            Supplier<StageJobSettings> settings,
            StageLocks locks,
            Clock clock) {
        this.usableSince = Objects.requireNonNull(usableSince);
        this.clusters = Objects.requireNonNull(clusters);
        this.serviceAccounts = Objects.requireNonNull(serviceAccounts);
        this.settings = Objects.requireNonNull(settings);
        this.locks = Objects.requireNonNull(locks);
        this.clock = Objects.requireNonNull(clock);
    }

    @Override
    public void prepare(NamespaceRef environment, StageJobSpec spec, RunRef run) {
        StageJobSettings now = settings.get();
        spec.defaultPodYaml = now.podYaml;
        spec.helperImage = now.helperImage;
        spec.handoverSize = now.handoverSize;
        spec.startupTimeout = spec.startupTimeout == null ? now.startupTimeout : spec.startupTimeout;
        spec.timeout = spec.timeout == null ? now.timeout : spec.timeout;
        if (spec.ttlSecondsAfterFinished == null) {
            spec.ttlSecondsAfterFinished = now.ttlSecondsAfterFinished;
        }
        if (spec.terminationGracePeriodSeconds == null) {
            spec.terminationGracePeriodSeconds = now.terminationGracePeriodSeconds;
        }
        validate(spec);
        new StageChain(spec).checkAfter();
        String own = serviceAccounts.apply(environment);
        try {
            PodTemplateSpec template = new StageJobManifest(environment, spec, spec.name, run, own).template();
            new PodPolicy(now, spec.name).check(template.getSpec(), own);
        } catch (IllegalArgumentException e) {
            throw new UserFault(
                    "preparing ephemeralJob '" + spec.name + "'",
                    "Pod defaults of the global configuration",
                    e.getMessage(),
                    "An administrator mends the YAML of the stage Jobs' Pod.",
                    e);
        }
    }

    @Override
    public void validate(StageJobSpec spec) {
        StageJobValidation.check(spec);
    }

    @Override
    public StageJobResult link(NamespaceRef environment, StageJobSpec spec, Report report) {
        return new StageChain(spec).link(report, environment);
    }

    @Override
    public String jobName(StageJobSpec spec, RunRef run, String nodeId) {
        return StageJobNames.of(spec.name, run, nodeId);
    }

    @Override
    public Reconciler<StageJobResult> run(
            NamespaceRef environment,
            StageJobSpec spec,
            StageJobState state,
            RunRef run,
            Checkpoint checkpoint,
            Console console,
            ReportStore report,
            StageArchive archive) {
        validate(spec);
        Objects.requireNonNull(state.jobName, "the name is decided before");
        Stage stage = new Stage(clusters, environment, usableSince.apply(environment), spec, state, console, locks);
        StageJobManifest manifest =
                new StageJobManifest(environment, spec, state.jobName, run, serviceAccounts.apply(environment));
        return new StageRun(
                stage,
                new StageLaunch(stage, run, manifest, versions, checkpoint, archive, clock),
                new StageReport(stage, report, clock),
                turnsOf(state),
                checkpoint,
                clock);
    }

    @Override
    public Reconciler<StageJobResult> cancel(
            NamespaceRef environment, StageJobSpec spec, StageJobState state, Console console, ReportStore report) {
        Objects.requireNonNull(state.jobName, "the name is decided before");
        Stage stage = new Stage(clusters, environment, usableSince.apply(environment), spec, state, console, locks);
        return new StageCancel(stage, new StageReport(stage, report, clock), turnsOf(state), clock);
    }

    @Override
    public void abandon(NamespaceRef environment, StageJobSpec spec, StageJobState state, Console console) {
        if (state.jobName != null) {
            new Stage(clusters, environment, null, spec, state, console, locks)
                    .lock()
                    .abandon();
        }
    }

    private StageTurns turnsOf(StageJobState state) {
        return turns.computeIfAbsent(state, key -> new StageTurns());
    }
}
