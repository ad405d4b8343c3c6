package io.jenkins.plugins.ephemeral.page;

import hudson.Extension;
import hudson.model.AdministrativeMonitor;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.Tenures;
import java.util.Map;
import jenkins.model.Jenkins;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.interceptor.RequirePOST;

/**
 * Tells administrators that another Jenkins with this one's id is at work in a cluster, as after a restored backup was
 * started beside the original, and lets them say which one is right.
 */
@Extension
public final class ContestedClusters extends AdministrativeMonitor {
    /** With an id that does not change with the class. */
    public ContestedClusters() {
        super("ephemeral-environments-contested");
    }

    @Override
    public String getDisplayName() {
        return "Two Jenkins controllers share one id (Ephemeral Environments)";
    }

    @Override
    public boolean isActivated() {
        return !getClusters().isEmpty();
    }

    /** The clusters, with who else is there. No I/O. */
    public Map<String, String> getClusters() {
        return tenures().contested();
    }

    /** This one is right: it deletes again, and the other one stops. */
    @RequirePOST
    public HttpResponse doTakeOver(@QueryParameter String cluster) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (getClusters().containsKey(cluster)) {
            EphemeralEngine.get().driver().submit("take over " + cluster, () -> tenures()
                    .takeOver(cluster));
        }
        return HttpResponses.redirectViaContextPath("manage/");
    }

    private static Tenures tenures() {
        return EphemeralEngine.get().engine().environments().tenures();
    }
}
