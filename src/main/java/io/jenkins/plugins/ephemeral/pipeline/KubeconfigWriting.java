package io.jenkins.plugins.ephemeral.pipeline;

import hudson.AbortException;
import hudson.FilePath;
import hudson.slaves.WorkspaceList;
import io.jenkins.plugins.ephemeral.cluster.IssuedKubeconfig;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * Asks for a token and writes the file, in one turn; a new token each time that it is repeated, which harms nobody. Its
 * result is when the token ends.
 */
final class KubeconfigWriting implements Reconciler<Instant> {
    private final KubeconfigExecution execution;
    private final StepContext context;
    private final Duration lifetime;

    KubeconfigWriting(KubeconfigExecution execution, StepContext context, long lifetimeSeconds) {
        this.execution = execution;
        this.context = context;
        this.lifetime = Duration.ofSeconds(lifetimeSeconds);
    }

    @Override
    public Progress<Instant> reconcile() throws InterruptedException {
        try {
            Surroundings around = Surroundings.of(context);
            IssuedKubeconfig issued = issue(around);
            save(around, issued);
            return Progress.done(issued.expiresAt());
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public String status() {
        return "asking for a token";
    }

    private IssuedKubeconfig issue(Surroundings around) throws IOException, InterruptedException {
        NamespaceRef ref = around.ephemeral(KubeconfigExecution.STEP).environment();
        EnvironmentRecord record = around.engine()
                .environments()
                .find(ref.environment())
                .orElseThrow(
                        () -> new LostFault("writing a kubeconfig", ref.toString(), "the environment is gone", ""));
        if (record.spec.untrusted) {
            throw new AbortException(KubeconfigExecution.STEP
                    + ": this build is of a change that is not trusted, so its environment has no kubeconfig");
        }
        if (!record.spec.kubeconfig) {
            throw new AbortException(KubeconfigExecution.STEP + " needs ephemeralEnvironment(kubeconfig: true)");
        }
        return around.engine()
                .clusters()
                .cluster(ref.cluster())
                .kubeconfig(ref.namespace(), record.spec.serviceAccount, lifetime);
    }

    private void save(Surroundings around, IssuedKubeconfig issued) throws IOException, InterruptedException {
        FilePath workspace = context.get(FilePath.class);
        FilePath temporary = workspace == null ? null : WorkspaceList.tempDir(workspace);
        if (temporary == null) {
            throw new AbortException(KubeconfigExecution.STEP + " needs a workspace: put it inside node");
        }
        FilePath home = temporary.child("ephemeral-kubeconfig-" + around.nodeId());
        if (!execution.prepare(home.getRemote())) {
            return;
        }
        // the directory first: nobody else sees the file while it is written
        home.mkdirs();
        home.chmod(0700);
        FilePath file = home.child("config");
        file.write(issued.text(), "UTF-8");
        file.chmod(0600);
        if (!execution.prepare(home.getRemote())) {
            home.deleteRecursive(); // stopped in the meantime
        }
    }
}
