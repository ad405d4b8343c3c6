package io.jenkins.plugins.ephemeral.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.Restriction;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import jenkins.scm.api.SCMHead;
import jenkins.scm.api.SCMHeadOrigin;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMRevisionAction;
import jenkins.scm.api.SCMSource;

/**
 * Asks first whether the build's revision is trusted, and then has done what the build may have. Trusted is what the
 * SCM source says, as for the Jenkinsfile itself ({@code SCMSource.getTrustedRevision}, the trait "Discover pull
 * requests from forks"): a revision that is its own trusted one. Its answer may take requests, so it is asked for in a
 * turn.
 *
 * @param <T> what the rest comes to
 */
final class UntrustedChange<T> implements Reconciler<T> {
    private final Surroundings around;
    private final EnvironmentSpec asked;
    private final Function<EnvironmentSpec, Reconciler<T>> then;
    private volatile Reconciler<T> permitted;

    /** @param then given what the build may have */
    UntrustedChange(Surroundings around, EnvironmentSpec asked, Function<EnvironmentSpec, Reconciler<T>> then) {
        this.around = around;
        this.asked = asked;
        this.then = then;
    }

    @Override
    public Progress<T> reconcile() throws InterruptedException {
        if (permitted == null) {
            permitted = then.apply(permitted());
        }
        return permitted.reconcile();
    }

    @Override
    public String status() {
        Reconciler<T> known = permitted;
        return known == null ? "asking whether the build's revision is trusted" : known.status();
    }

    private EnvironmentSpec permitted() throws InterruptedException {
        String rule = EphemeralConfiguration.get().getUntrustedChanges();
        if (rule.equals(EphemeralConfiguration.ALLOW)) {
            return asked;
        }
        String untrusted;
        try {
            untrusted = untrusted(around.run(), around.context().get(TaskListener.class));
        } catch (IOException e) {
            throw new TransientFault(
                    "asking whether the build's revision is trusted",
                    "",
                    e.getClass().getSimpleName() + ": " + e.getMessage(),
                    "",
                    Duration.ZERO,
                    e);
        }
        if (untrusted == null) {
            return asked;
        }
        if (rule.equals(EphemeralConfiguration.REFUSE)) {
            throw new UserFault(
                    "Provisioning the environment",
                    "",
                    "this build is of " + untrusted + ", which is not trusted",
                    "An administrator decides about that: Ephemeral Environments, Builds of untrusted changes.");
        }
        Restriction restriction = new Restriction(asked);
        if (!restriction.withheld().isEmpty()) {
            around.console()
                    .line("Environment of " + untrusted + ", which is not trusted: "
                            + String.join("; ", restriction.withheld()) + '.');
        }
        return restriction.spec();
    }

    /**
     * Which change the build is of that is not trusted, for people.
     *
     * @return null if it is trusted, or of no change at all
     */
    @CheckForNull
    static String untrusted(Run<?, ?> run, TaskListener listener) throws IOException, InterruptedException {
        Item job = run.getParent();
        SCMSource source = SCMSource.SourceByItem.findSource(job);
        SCMHead head = SCMHead.HeadByItem.findHead(job);
        if (head == null) {
            return null; // no branch of a multibranch project: its configuration says what is built
        }
        // a source that was taken out of the configuration cannot be asked
        SCMRevision revision = source == null ? null : SCMRevisionAction.getRevision(source, run);
        boolean trusted = revision == null
                ? !(head.getOrigin() instanceof SCMHeadOrigin.Fork)
                : source.getTrustedRevision(revision, listener).equals(revision);
        return trusted ? null : head.getName() + (revision == null ? "" : " at revision " + revision);
    }
}
