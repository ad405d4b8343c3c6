package io.jenkins.plugins.ephemeral.engine;

import io.jenkins.plugins.ephemeral.agent.AgentImages;
import io.jenkins.plugins.ephemeral.agent.AgentService;
import io.jenkins.plugins.ephemeral.agent.Agents;
import io.jenkins.plugins.ephemeral.cluster.Clusters;
import io.jenkins.plugins.ephemeral.cluster.ConfiguredClusters;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.controlplane.ConfiguredControlPlanes;
import io.jenkins.plugins.ephemeral.controlplane.Outbox;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeClients;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClients;
import io.jenkins.plugins.ephemeral.environment.EnvironmentService;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.executor.StageJobService;
import io.jenkins.plugins.ephemeral.executor.StageJobs;
import io.jenkins.plugins.ephemeral.executor.StageLocks;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.report.Report;
import io.jenkins.plugins.ephemeral.report.ReportFile;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeJobService;
import io.jenkins.plugins.ephemeral.terrakube.TerrakubeJobs;
import io.jenkins.plugins.ephemeral.workflow.ResourceApplier;
import io.jenkins.plugins.ephemeral.workflow.Resources;
import io.jenkins.plugins.ephemeral.workflow.WorkflowRunner;
import io.jenkins.plugins.ephemeral.workflow.Workflows;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** The rooms put together for one controller. */
public final class Engine implements AutoCloseable {
    private static final int THREADS = 16;

    private final Driver driver = new Driver("ephemeral-environments", THREADS);
    private final ConfiguredClusters clusters;
    private final EnvironmentService environments;
    private final AgentService agents;
    private final OwedDefinitions owedDefinitions;
    private final ResourceApplier resources;
    private final WorkflowRunner workflows;
    private final StageJobService stageJobs;
    private final TerrakubeClients terrakube;
    private final TerrakubeJobService terrakubeJobs;
    private final Outbox outbox;

    /**
     * Reads the records of an earlier life; nothing is done before {@link #start}.
     *
     * @param settings what it is configured with
     * @param home folder for records and the outbox; made if it is not there
     * @param outside the gate of outside calls
     */
    public Engine(Settings settings, Path home, Outside outside) {
        HttpClient http = TestkubeClients.newHttpClient();
        TestkubeClients testkube = new TestkubeClients(new ConfiguredControlPlanes(settings::testkubes), http, outside);
        clusters = new ConfiguredClusters(
                settings::clusters,
                settings::requestsPerSecond,
                settings::requestBurst,
                outside,
                settings.controllerId());
        environments = new EnvironmentService(
                settings.controllerId(),
                clusters,
                driver,
                outside,
                home.resolve("environments"),
                settings::reaperPeriodSeconds,
                Clock.systemUTC(),
                settings.builds(),
                settings.secretSources());
        agents = new AgentService(
                settings.controllerId(),
                clusters,
                environments,
                testkube,
                () -> new AgentImages(
                        settings.agentImage(),
                        settings.agentInitImage(),
                        settings.agentToolkitImage(),
                        settings.agentRegistry(),
                        settings.agentPullSecrets()),
                Clock.systemUTC());
        owedDefinitions = new OwedDefinitions(settings.controllerId(), environments, testkube);
        resources = new ResourceApplier(
                clusters, testkube, settings.controllerId(), settings::applicationKinds, owedDefinitions);
        workflows = new WorkflowRunner(testkube, clusters);
        stageJobs = new StageJobService(
                clusters,
                this::serviceAccount,
                this::usableSince,
                settings::stageJobs,
                new StageLocks(home.resolve("stage-locks.json"), outside));
        terrakube = new TerrakubeClients(settings::terrakubes, http, outside);
        terrakubeJobs = new TerrakubeJobService(terrakube, clusters);
        outbox = new Outbox(home.resolve("outbox"), settings::webhooks, http, driver, outside);
    }

    /** Takes up what an earlier life left: deletions, deliveries, the reaper's rounds. Returns at once. */
    public void start() {
        environments.start(List.of(agents.undoer(), owedDefinitions));
        driver.submit("outbox", outbox::start);
    }

    /** Stops turns and timers; what is under way is found again by the next {@link #start}. */
    @Override
    public void close() {
        environments.close();
        driver.close();
        clusters.close();
    }

    /** What runs reconcilers. */
    public Driver driver() {
        return driver;
    }

    /** The clusters, with what goes to them. */
    public Clusters clusters() {
        return clusters;
    }

    /** The environments. */
    public EnvironmentService environments() {
        return environments;
    }

    /** The agents. */
    public Agents agents() {
        return agents;
    }

    /** The Testkube resources. */
    public Resources resources() {
        return resources;
    }

    /** The workflow runs. */
    public Workflows workflows() {
        return workflows;
    }

    /** The stage Jobs. */
    public StageJobs stageJobs() {
        return stageJobs;
    }

    /** The stages that a Terrakube control plane runs. */
    public TerrakubeJobs terrakubeJobs() {
        return terrakubeJobs;
    }

    /** A client of a Terrakube control plane that need not be configured yet. */
    public TerrakubeClient terrakube(TerrakubeConnection connection) {
        return terrakube.client(connection);
    }

    /** Sends a report to all webhooks, across restarts until they took it; returns when that is written down. */
    public void deliver(Report report, Console console) {
        outbox.post(report.jobFullName + '#' + report.buildNumber, ReportFile.toJson(report), console);
    }

    private String serviceAccount(NamespaceRef environment) {
        return environments
                .find(environment.environment())
                .map(record -> record.spec.serviceAccount)
                .orElse(new EnvironmentSpec().serviceAccount);
    }

    private Instant usableSince(NamespaceRef environment) {
        return environments
                .find(environment.environment())
                .map(record -> record.readyAt)
                .orElse(null);
    }
}
