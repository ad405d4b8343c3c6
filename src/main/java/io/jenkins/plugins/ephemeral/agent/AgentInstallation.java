package io.jenkins.plugins.ephemeral.agent;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.util.function.Supplier;

/**
 * Installs one agent: the obligation is written down, an identity is come by, the objects are applied, and the agent is
 * waited for until both sides say that it is there. Each turn looks how far things are, so that it does not matter which
 * turn, of which life of this controller, did what.
 */
final class AgentInstallation implements Reconciler<AgentRef> {
    private final AgentSite site;
    private final AgentSource source;
    private final Supplier<AgentImages> images;

    private AgentCredentials credentials;
    private AgentConnection connection;
    private volatile String status = "beginning";

    AgentInstallation(AgentSite site, AgentSource source, Supplier<AgentImages> images) {
        this.site = site;
        this.source = source;
        this.images = images;
    }

    @Override
    public String status() {
        AgentConnection begun = connection;
        return begun == null ? status : begun.status();
    }

    @Override
    public Progress<AgentRef> reconcile() throws InterruptedException {
        site.livingRecord();
        String controlPlane = site.client().connection().name();
        Obligation obligation = site.takeOn(source.mode(), controlPlane, source.key());
        if (credentials == null) {
            status = source.status();
            Progress<AgentCredentials> progress = source.identify(obligation);
            status = source.status();
            if (!progress.isDone()) {
                return Progress.again(progress.delay());
            }
            credentials = progress.result();
        }
        if (connection == null) {
            status = "applying the agent's objects";
            apply();
            connection = new AgentConnection(site, source, credentials.address());
        }
        return connection.look(AgentObligation.in(site.livingRecord()).orElseThrow());
    }

    private void apply() {
        EnvironmentRecord execution = site.executionRecord();
        AgentDesign design = new AgentDesign(
                site.livingRecord(),
                execution,
                site.spec(),
                images.get().chosen(site.spec()),
                credentials,
                site.isRestricted(execution.name),
                site.cluster().serverPort());
        for (HasMetadata object : new AgentManifests(site.identity()).others(design)) {
            site.cluster().apply(object);
        }
    }
}
