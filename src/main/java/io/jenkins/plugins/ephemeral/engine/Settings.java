package io.jenkins.plugins.ephemeral.engine;

import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.controlplane.TerrakubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeConnection;
import io.jenkins.plugins.ephemeral.controlplane.WebhookTarget;
import io.jenkins.plugins.ephemeral.environment.Builds;
import io.jenkins.plugins.ephemeral.environment.SecretSources;
import io.jenkins.plugins.ephemeral.executor.StageJobSettings;
import java.util.List;
import java.util.Set;

/**
 * Everything the engine is configured with. Read anew at each use, so that a change of configuration takes effect
 * without a restart. Implemented by the Jenkins edge and by tests.
 */
public interface Settings {
    /** Id of this controller: stable over restarts, unique per JENKINS_HOME, a DNS-1123 label value. */
    String controllerId();

    /** What Jenkins knows of builds and jobs. */
    default Builds builds() {
        return Builds.UNKNOWN;
    }

    /** Where the Secrets of environments come from. */
    SecretSources secretSources();

    /** The clusters, in the order of the configuration. */
    List<ClusterAccess> clusters();

    /** The Testkube control planes, in the order of the configuration. */
    List<TestkubeConnection> testkubes();

    /** The Terrakube control planes, in the order of the configuration. */
    List<TerrakubeConnection> terrakubes();

    /** URLs that reports are delivered to, with their secrets. */
    List<WebhookTarget> webhooks();

    /** Requests per second and cluster. */
    double requestsPerSecond();

    /** Requests at once and cluster after a pause. */
    int requestBurst();

    /** Seconds between two rounds of the reaper. */
    int reaperPeriodSeconds();

    /** Image of Testkube's agent. */
    String agentImage();

    /** Images of the parts that Testkube's agent starts workflows with: {@code tw-init} and {@code tw-toolkit}. */
    String agentInitImage();

    /** See {@link #agentInitImage()}. */
    String agentToolkitImage();

    /** Defaults of stage Jobs, and what steps may ask for. */
    StageJobSettings stageJobs();

    /** Kinds besides Testkube's that {@code ephemeralApply} may apply: {@code Deployment}, {@code Service}... */
    Set<String> applicationKinds();

    /** Registry, and path within, of Testkube's images that name none; empty for the cluster's default. */
    default String agentRegistry() {
        return "";
    }

    /** Names of Secrets, in each environment's namespace, that Testkube's images and those of runs are pulled with. */
    default List<String> agentPullSecrets() {
        return List.of();
    }
}
