package io.jenkins.plugins.ephemeral.config;

import hudson.slaves.Cloud;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.ClusterTerms;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.WebhookTarget;
import io.jenkins.plugins.ephemeral.engine.Settings;
import io.jenkins.plugins.ephemeral.environment.Builds;
import io.jenkins.plugins.ephemeral.environment.SecretSources;
import io.jenkins.plugins.ephemeral.executor.StageJobSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jenkins.model.Jenkins;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud;

/** The engine's settings, read from Jenkins at each use. */
final class JenkinsSettings implements Settings {
    private static final int CONTROLLER_ID_LENGTH = 16;

    private final String controllerId;

    JenkinsSettings(Jenkins jenkins) {
        // derived from the secret key of this JENKINS_HOME: it survives restarts and is lost with the home only
        String id = jenkins.getLegacyInstanceId().toLowerCase(Locale.ROOT);
        controllerId = id.length() > CONTROLLER_ID_LENGTH ? id.substring(0, CONTROLLER_ID_LENGTH) : id;
    }

    private static EphemeralConfiguration configuration() {
        return EphemeralConfiguration.get();
    }

    @Override
    public String controllerId() {
        return controllerId;
    }

    @Override
    public SecretSources secretSources() {
        return new BuildSecrets();
    }

    @Override
    public Builds builds() {
        return new JenkinsBuilds();
    }

    @Override
    public List<ClusterAccess> clusters() {
        List<ClusterAccess> clusters = new ArrayList<>();
        for (ClusterConnection connection : configuration().getClusters()) {
            clusters.add(connection.access(terms(connection.getName())));
        }
        for (Cloud cloud : Jenkins.get().clouds) {
            if (cloud instanceof KubernetesCloud) {
                clusters.add(new CloudAccess(cloud.name, terms(cloud.name)));
            }
        }
        return clusters;
    }

    private static ClusterTerms terms(String cluster) {
        return configuration().getPlacements().stream()
                .filter(placement -> placement.getCluster().equals(cluster))
                .findFirst()
                .map(ClusterPlacement::terms)
                .orElse(ClusterTerms.NONE);
    }

    @Override
    public List<TestkubeConnection> testkubes() {
        return new ArrayList<>(configuration().getTestkubes());
    }

    @Override
    public List<TerrakubeConnection> terrakubes() {
        return new ArrayList<>(configuration().getTerrakubes());
    }

    @Override
    public List<WebhookTarget> webhooks() {
        return new ArrayList<>(configuration().getWebhooks());
    }

    @Override
    public double requestsPerSecond() {
        return configuration().getRequestsPerSecond();
    }

    @Override
    public int requestBurst() {
        return configuration().getRequestBurst();
    }

    @Override
    public int reaperPeriodSeconds() {
        return configuration().getReaperPeriodSeconds();
    }

    @Override
    public String agentImage() {
        return configuration().getAgentImage();
    }

    @Override
    public String agentInitImage() {
        return configuration().getAgentInitImage();
    }

    @Override
    public String agentToolkitImage() {
        return configuration().getAgentToolkitImage();
    }

    @Override
    public StageJobSettings stageJobs() {
        return configuration().getStageJobs().settings();
    }

    @Override
    public Set<String> applicationKinds() {
        return configuration().applicationKindSet();
    }

    @Override
    public String agentRegistry() {
        return configuration().getAgentRegistry();
    }

    @Override
    public List<String> agentPullSecrets() {
        return configuration()
                .getAgentPullSecrets()
                .lines()
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
