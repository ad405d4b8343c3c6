package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The way out: in order, with a reason for what does not go, and never given up. */
public class ReleaseTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private final List<String> undone = new CopyOnWriteArrayList<>();
    private volatile String refusedKey;
    private EnvironmentRig rig;

    @Before
    public void start() {
        rig = rig();
        rig.service.start(List.of(undoer()));
    }

    @After
    public void stop() {
        rig.close();
        admin.close();
        cluster.close();
    }

    @Test
    public void whatIsOwedIsUndoneLastFirstBeforeTheNamespaceGoes() {
        NamespaceRef ref = rig.provision(spec, 1);
        owe(ref, "first");
        owe(ref, "second");
        owe(ref, "first"); // the same one with news: it keeps its place
        release(ref, 1);
        rig.awaitGone(ref.environment());
        assertThat(undone).containsExactly("second while the namespace is there", "first while the namespace is there");
    }

    @Test
    public void theNamespaceDoesNotWaitForEverForWhatIsOwed() {
        NamespaceRef ref = rig.provision(spec, 1);
        owe(ref, "easy");
        owe(ref, "stubborn");
        refusedKey = "stubborn";
        release(ref, 1);
        await().until(() -> trouble(ref) != null);
        assertThat(trouble(ref)).contains("the control plane is down");
        assertThat(undone).as("in order, for now").isEmpty();
        assertThat(exists(ref)).isTrue();

        clock.forward(Duration.ofMinutes(3));
        await().atMost(Duration.ofSeconds(20)).until(() -> !exists(ref));
        await().until(() -> record(ref).state == EnvironmentState.STUCK);
        assertThat(record(ref).reason).contains("test-agent stubborn").contains("the control plane is down");
        assertThat(record(ref).obligations).hasSize(1);

        refusedKey = null;
        rig.service.reap();
        rig.awaitGone(ref.environment());
        assertThat(undone).hasSize(2);
    }

    @Test
    public void anObligationThatNobodyCanUndoIsKeptAndSaid() {
        NamespaceRef ref = rig.provision(spec, 1);
        Obligation obligation = new Obligation();
        obligation.kind = "of-a-removed-plugin";
        obligation.key = "x";
        rig.service.owe(ref.environment(), obligation);
        release(ref, 1);
        await().until(() -> trouble(ref) != null);
        assertThat(trouble(ref)).contains("of-a-removed-plugin");
    }

    @Test
    public void nothingIsOwedWithoutARecord() {
        assertThatThrownBy(() -> rig.service.owe("unknown", new Obligation())).isInstanceOf(LostFault.class);
        rig.service.settle("unknown", new Obligation());
        rig.service.renew("unknown");
        rig.service.release("unknown", null, Ending.PERSON, Console.NONE);
        assertThat(rig.get(rig.service.awaitGone("unknown", Console.NONE)).state)
                .isEqualTo(EnvironmentState.GONE);
    }

    @Test
    public void aStuckDeletionSaysWhyAndGoesOn() {
        NamespaceRef ref = rig.provision(spec, 1);
        cluster.stuckFinalizer(ref.namespace(), "example.com/hold");
        release(ref, 1);
        await().until(() -> record(ref).state == EnvironmentState.DELETING);
        clock.forward(Duration.ofMinutes(11));
        rig.service.reap();
        EnvironmentRecord stuck = rig.get(rig.service.awaitGone(ref.environment(), Console.NONE));
        assertThat(stuck.state).isEqualTo(EnvironmentState.STUCK);
        assertThat(stuck.reason).contains("example.com/hold");
        assertThat(rig.said).anyMatch(line -> line.contains("STUCK") && line.contains("example.com/hold"));
        assertThat(admin.namespaces().withName(ref.namespace()).get().getSpec().getFinalizers())
                .as("never stripped")
                .contains("kubernetes");
        cluster.namespaces().release(ref.namespace());
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aMissingRightIsSaidAndWaitedFor() {
        NamespaceRef ref = rig.provision(spec, 1);
        cluster.rights().deny("kubernetes-admin", "delete", "namespaces");
        release(ref, 1);
        await().until(() -> record(ref).state == EnvironmentState.STUCK);
        assertThat(record(ref).reason).contains("the verb delete on namespaces");
        cluster.rights().denyNothing();
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void aClusterThatIsNotConfiguredAnyMoreIsUnreachable() {
        NamespaceRef ref = rig.provision(spec, 1);
        rig.configured = List.of();
        release(ref, 1);
        EnvironmentRecord record = rig.get(rig.service.awaitGone(ref.environment(), Console.NONE));
        assertThat(record.state).isEqualTo(EnvironmentState.UNREACHABLE);
        rig.configured = List.of(rig.access());
        rig.service.reap();
        rig.awaitGone(ref.environment());
        assertThat(exists(ref)).isFalse();
    }

    @Test
    public void afterAFailureItIsKeptUntilItExpires() {
        spec.keepOnFailure = true;
        NamespaceRef ref = rig.provision(spec, 1);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.FAILURE, rig.said::add);
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        assertThat(rig.said).anyMatch(line -> line.contains("kept after the failure"));
        clock.forward(Duration.ofMinutes(119));
        rig.service.reap();
        assertThat(record(ref).state).isEqualTo(EnvironmentState.READY);
        clock.forward(Duration.ofMinutes(2));
        rig.service.reap();
        rig.awaitGone(ref.environment());
    }

    @Test
    public void abortedItIsNotKept() {
        spec.keepOnFailure = true;
        NamespaceRef ref = rig.provision(spec, 1);
        rig.service.release(ref.environment(), EnvironmentRig.run(1), Ending.ABORTED, rig.said::add);
        rig.awaitGone(ref.environment());
    }

    @Test
    public void askingAgainChangesNothing() {
        NamespaceRef ref = rig.provision(spec, 1);
        release(ref, 1);
        for (int i = 0; i < 20; i++) {
            release(ref, 1);
        }
        rig.awaitGone(ref.environment());
        assertThat(cluster.requests().count("delete", "namespaces")).isEqualTo(1);
    }

    @Test
    public void theNextLifeGoesOn() {
        NamespaceRef ref = rig.provision(spec, 1);
        cluster.stuckFinalizer(ref.namespace(), "example.com/hold");
        release(ref, 1);
        await().until(() -> record(ref).state == EnvironmentState.DELETING);
        rig.close();
        cluster.namespaces().release(ref.namespace());
        rig = rig();
        rig.service.start(List.of(undoer()));
        rig.awaitGone(ref.environment());
    }

    private EnvironmentRig rig() {
        return new EnvironmentRig(cluster.config(), home.getRoot().toPath(), new Outside(), clock);
    }

    private Undoer undoer() {
        return new Undoer() {
            @Override
            public String kind() {
                return "test-agent";
            }

            @Override
            public Progress<Void> undo(EnvironmentRecord environment, Obligation obligation, Console console) {
                if (obligation.key.equals(refusedKey)) {
                    throw new TransientFault(
                            "deleting agent", "testkube", "the control plane is down", "", Duration.ZERO, null);
                }
                boolean there = admin.namespaces().withName(environment.name).get() != null;
                undone.add(obligation.key + (there ? " while the namespace is there" : " after the namespace"));
                return Progress.done(null);
            }
        };
    }

    private void owe(NamespaceRef ref, String key) {
        Obligation obligation = new Obligation();
        obligation.kind = "test-agent";
        obligation.key = key;
        rig.service.owe(ref.environment(), obligation);
    }

    private void release(NamespaceRef ref, int build) {
        rig.service.release(ref.environment(), EnvironmentRig.run(build), Ending.SUCCESS, rig.said::add);
    }

    private EnvironmentRecord record(NamespaceRef ref) {
        return rig.service.find(ref.environment()).orElseThrow();
    }

    private String trouble(NamespaceRef ref) {
        List<Obligation> all = record(ref).obligations;
        return all.isEmpty() ? null : all.get(all.size() - 1).trouble;
    }

    private boolean exists(NamespaceRef ref) {
        return admin.namespaces().withName(ref.namespace()).get() != null;
    }
}
