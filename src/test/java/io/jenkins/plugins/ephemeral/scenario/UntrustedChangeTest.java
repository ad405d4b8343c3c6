package io.jenkins.plugins.ephemeral.scenario;

import static io.jenkins.plugins.ephemeral.scenario.ScenarioRig.assertResult;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.Extension;
import hudson.model.Item;
import hudson.model.Result;
import hudson.model.TaskListener;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.config.EphemeralConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import jenkins.scm.api.SCMHead;
import jenkins.scm.api.SCMHeadOrigin;
import jenkins.scm.api.SCMRevision;
import jenkins.scm.api.SCMRevisionAction;
import jenkins.scm.api.SCMSource;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;

/** Builds of pull requests from forks: what they get is for the administrator to say, not for the Jenkinsfile. */
public class UntrustedChangeTest {
    private static final String PROGRAM = "sleep(time: 1, unit: 'SECONDS')\n"
            + "ephemeralEnvironment(namePrefix: 't', kubeconfig: true, podSecurity: 'privileged',"
            + " secrets: [credential(id: 'no-such-one', as: 'opaque')]) {\n"
            + "echo 'body' + ' began'\nnode { try { withEphemeralKubeconfig { echo 'never' } }"
            + " catch (e) { echo 'caught ' + e.message } }\nsleep(time: 2, unit: 'SECONDS')\n}";

    /** Of the job: null for one that is no branch of a multibranch project. */
    private static volatile SCMHead head;

    private static volatile boolean unreachable;
    private static final Source SOURCE = new Source();

    @Rule
    public final ScenarioRig rig = new ScenarioRig(null);

    @After
    public void forget() {
        head = null;
        unreachable = false;
    }

    @Test
    public void itsEnvironmentHasNoSecretsAndIsIsolated() throws Exception {
        head = new PullRequest("PR-7");
        PipelineRun run = rig.start(PROGRAM);
        run.build().addAction(new SCMRevisionAction(SOURCE, new Revision(head, "of-the-fork")));
        run.waitForMessage("caught");
        String namespace = rig.report(run).environments.get(0).namespace;
        List<NetworkPolicy> policies = rig.stage()
                .client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .list()
                .getItems();
        assertThat(policies).anySatisfy(policy -> assertThat(policy.getSpec().getPolicyTypes())
                .contains("Egress"));
        assertThat(rig.stage()
                        .client()
                        .namespaces()
                        .withName(namespace)
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry("pod-security.kubernetes.io/enforce", "baseline");

        assertResult(run, Result.SUCCESS);
        assertThat(run.console())
                .contains(
                        "Environment of PR-7 at revision of-the-fork, which is not trusted: without Secrets no-such-one;"
                                + " without kubeconfig; networkPolicy isolated instead of namespace; podSecurity baseline"
                                + " instead of privileged.")
                .contains("body began")
                .contains("caught withEphemeralKubeconfig: this build is of a change that is not trusted");
        rig.assertNothingIsLeft();
    }

    @Test
    public void withoutARevisionAForkIsNotTrusted() throws Exception {
        head = new PullRequest("PR-8");
        PipelineRun run = rig.start(PROGRAM);

        assertResult(run, Result.SUCCESS);
        assertThat(run.console()).contains("Environment of PR-8, which is not trusted: without Secrets no-such-one");
        rig.assertNothingIsLeft();
    }

    @Test
    public void whatItsSourceTrustsGetsWhatItAsksFor() throws Exception {
        head = new PullRequest("PR-9");
        PipelineRun run = rig.start(PROGRAM);
        run.build().addAction(new SCMRevisionAction(SOURCE, new Revision(head, Source.TRUSTED)));

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("no-such-one").doesNotContain("not trusted", "body began");
        rig.assertNothingIsLeft();
    }

    @Test
    public void anAdministratorMayRefuseThem() throws Exception {
        head = new PullRequest("PR-10");
        EphemeralConfiguration.get().setUntrustedChanges(EphemeralConfiguration.REFUSE);
        PipelineRun run = rig.start(PROGRAM);

        assertResult(run, Result.FAILURE);
        assertThat(run.console())
                .contains("this build is of PR-10, which is not trusted", "Builds of untrusted changes")
                .doesNotContain("body began");
        rig.assertNothingIsLeft();
    }

    @Test
    public void anAdministratorMayAllowThem() throws Exception {
        head = new PullRequest("PR-11");
        EphemeralConfiguration.get().setUntrustedChanges(EphemeralConfiguration.ALLOW);
        PipelineRun run = rig.start(PROGRAM);

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("no-such-one").doesNotContain("not trusted", "body began");
        rig.assertNothingIsLeft();
    }

    @Test
    public void whileTheSourceCannotBeAskedNothingIsGiven() throws Exception {
        head = new PullRequest("PR-12");
        unreachable = true;
        PipelineRun run = rig.start(PROGRAM);
        run.build().addAction(new SCMRevisionAction(SOURCE, new Revision(head, Source.TRUSTED)));
        run.waitForMessage("asking whether the build's revision is trusted");
        assertThat(run.console()).contains("rate limit").doesNotContain("body began");
        unreachable = false;

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("no-such-one");
        rig.assertNothingIsLeft();
    }

    @Test
    public void aJobThatIsNoBranchIsAsTrustedAsItsConfiguration() throws Exception {
        PipelineRun run = rig.start(PROGRAM);

        assertResult(run, Result.FAILURE);
        assertThat(run.console()).contains("no-such-one").doesNotContain("not trusted", "body began");
        rig.assertNothingIsLeft();
    }

    private static final class PullRequest extends SCMHead {
        private static final long serialVersionUID = 1L;

        PullRequest(String name) {
            super(name);
        }

        @Override
        public SCMHeadOrigin getOrigin() {
            return new SCMHeadOrigin.Fork("somebody");
        }
    }

    private static final class Revision extends SCMRevision {
        private static final long serialVersionUID = 1L;
        private final String commit;

        Revision(SCMHead head, String commit) {
            super(head);
            this.commit = commit;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Revision && commit.equals(((Revision) other).commit);
        }

        @Override
        public int hashCode() {
            return Objects.hash(commit);
        }

        @Override
        public String toString() {
            return commit;
        }
    }

    /** Trusts one revision only. */
    private static final class Source extends SCMSource {
        static final String TRUSTED = "of-a-colleague";

        @Override
        public SCMRevision getTrustedRevision(SCMRevision revision, TaskListener listener) throws IOException {
            if (unreachable) {
                throw new IOException("rate limit");
            }
            return new Revision(revision.getHead(), TRUSTED);
        }
    }

    /** Which head the job is of. */
    @Extension
    public static final class Heads extends SCMHead.HeadByItem {
        @Override
        public SCMHead getHead(Item item) {
            return head;
        }
    }

    /** And of which source. */
    @Extension
    public static final class Sources extends SCMSource.SourceByItem {
        @Override
        public SCMSource getSource(Item item) {
            return head == null ? null : SOURCE;
        }
    }
}
