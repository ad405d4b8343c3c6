package io.jenkins.plugins.ephemeral.config;

import hudson.Extension;
import hudson.model.Item;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Lifetime;
import java.util.Set;
import java.util.TreeSet;
import jenkins.scm.api.SCMEvent;
import jenkins.scm.api.SCMEventListener;
import jenkins.scm.api.SCMHead;
import jenkins.scm.api.SCMHeadEvent;
import jenkins.scm.api.SCMSource;

/**
 * Hears of pull requests that are closed and branches that are deleted, long before an orphan strategy deletes their
 * jobs, if it ever does. What comes by this way is taken for a rumour.
 */
@Extension
public final class BranchEvents extends SCMEventListener {
    @Override
    public void onSCMHeadEvent(SCMHeadEvent<?> event) {
        if (event.getType() == SCMEvent.Type.REMOVED) {
            EphemeralEngine engine = EphemeralEngine.get();
            engine.driver().submit("end of a branch", () -> tell(engine, event));
        }
    }

    /** Only the jobs of branches that have an environment are looked at. */
    private static void tell(EphemeralEngine engine, SCMHeadEvent<?> event) {
        Set<String> jobs = new TreeSet<>();
        for (EnvironmentRecord record : engine.engine().environments().all()) {
            if (record.spec.lifetime == Lifetime.BRANCH) {
                jobs.add(record.jobFullName);
            }
        }
        jobs.removeIf(job -> !isAbout(event, job));
        jobs.forEach(job -> engine.engine().environments().jobs().rumour(job));
    }

    private static boolean isAbout(SCMHeadEvent<?> event, String job) {
        Item item = JenkinsBuilds.find(job);
        SCMHead head = item == null ? null : SCMHead.HeadByItem.findHead(item);
        SCMSource source = item == null ? null : SCMSource.SourceByItem.findSource(item);
        return head != null
                && source != null
                && event.isMatch(source)
                && event.heads(source).containsKey(head);
    }
}
