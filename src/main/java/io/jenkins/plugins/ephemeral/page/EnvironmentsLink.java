package io.jenkins.plugins.ephemeral.page;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.model.ManagementLink;
import hudson.security.Permission;
import io.jenkins.plugins.ephemeral.config.EphemeralEngine;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Environments;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerProxy;
import org.kohsuke.stapler.interceptor.RequirePOST;

/**
 * Every environment of this controller, under Manage Jenkins, with a way out of each state that a person can take. Who
 * may read the system's configuration sees it; to act takes the permission to administer.
 */
@Extension
@Symbol("ephemeralEnvironmentsLink")
public final class EnvironmentsLink extends ManagementLink implements StaplerProxy {
    @Override
    public String getIconFileName() {
        return "symbol-layers plugin-ephemeral-environments";
    }

    @Override
    public String getDisplayName() {
        return "Ephemeral environments";
    }

    @Override
    public String getDescription() {
        return "See every environment, end it now, or find out why one does not go.";
    }

    @Override
    public String getUrlName() {
        return "ephemeral-environments";
    }

    @NonNull
    @Override
    public Category getCategory() {
        return Category.STATUS;
    }

    @NonNull
    @Override
    public Permission getRequiredPermission() {
        return Jenkins.SYSTEM_READ;
    }

    @Override
    public Object getTarget() {
        Jenkins.get().checkPermission(Jenkins.SYSTEM_READ);
        return this;
    }

    /** Whether the buttons are shown. */
    public boolean isMayAct() {
        return Jenkins.get().hasPermission(Jenkins.ADMINISTER);
    }

    /** The environments, those in trouble first. From memory: nothing is read or asked. */
    public List<EnvironmentRow> getRows() {
        Environments environments = environments();
        Instant now = Instant.now();
        List<EnvironmentRecord> records = new ArrayList<>(environments.all());
        records.sort(Comparator.comparing((EnvironmentRecord record) -> !isInTrouble(record.state))
                .thenComparing(record -> record.name));
        List<EnvironmentRow> rows = new ArrayList<>();
        for (EnvironmentRecord record : records) {
            rows.add(new EnvironmentRow(record, environments.status(record.name), now));
        }
        return rows;
    }

    /** Records that cannot be read, by the name of their environment, with the reason. From memory. */
    public Map<String, String> getUnreadable() {
        Map<String, String> byName = new TreeMap<>();
        environments().unreadable().forEach((file, reason) -> byName.put(file.replaceFirst("\\.json$", ""), reason));
        return byName;
    }

    /** Ends an environment now, whoever holds it. */
    @RequirePOST
    public HttpResponse doRelease(@QueryParameter String name) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        environments().releaseNow(name);
        return HttpResponses.redirectToDot();
    }

    /** Asks again, now, for the deletion of an environment. */
    @RequirePOST
    public HttpResponse doRetry(@QueryParameter String name) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        environments().retry(name);
        return HttpResponses.redirectToDot();
    }

    /** Gives up an environment that does not go: its record is taken away, and nothing else is touched. */
    @RequirePOST
    public HttpResponse doForget(@QueryParameter String name) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        if (!environments().forget(name)) {
            return HttpResponses.errorWithoutStack(
                    409,
                    "Environment " + name + " is not stuck, unreachable or unreadable (any more):"
                            + " only such a one can be forgotten. Release it instead.");
        }
        return HttpResponses.redirectToDot();
    }

    private static boolean isInTrouble(EnvironmentState state) {
        return state == EnvironmentState.STUCK || state == EnvironmentState.UNREACHABLE;
    }

    private static Environments environments() {
        return EphemeralEngine.get().engine().environments();
    }
}
