package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.kube.Faults;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Wrong input, missing rights and a server that is not well: what is said, and that nothing is left behind. */
public class EnvironmentFaultsTest {
    @Rule
    public final TemporaryFolder home = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private final EnvironmentRig.Shifted clock = new EnvironmentRig.Shifted();
    private final EnvironmentSpec spec = new EnvironmentSpec();
    private EnvironmentRig rig;

    @Before
    public void start() throws IOException {
        String token = cluster.rights().token("jenkins");
        rig = new EnvironmentRig(cluster.config(token), home.getRoot().toPath(), new Outside(), clock);
        rig.service.start(List.of());
        cluster.requests().clear();
    }

    @After
    public void stop() {
        rig.close();
        admin.close();
        cluster.close();
    }

    @Test
    public void wrongInputIsSaidBeforeTheFirstCall() {
        spec.cluster = "nowhere";
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("Configured are: dev");
        spec.cluster = null;
        spec.quota = Map.of("pods", "twenty");
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("parameter quota")
                .hasMessageContaining("'twenty'");
        assertThat(cluster.requests().all()).isEmpty();
        assertThat(rig.service.all()).isEmpty();
    }

    @Test
    public void aNamespaceThatIsNotOursIsLeftAlone() {
        Namespace theirs = namespace("staging", Map.of("app.kubernetes.io/managed-by", "Helm"));
        spec.name = "staging";
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("dev/staging")
                .hasMessageContaining("belongs to Helm");
        release(1);
        rig.awaitGone("staging");
        assertThat(admin.namespaces().withName("staging").get()).isEqualTo(theirs);
    }

    @Test
    public void aNamespaceOfAnotherControllerIsLeftAlone() {
        Namespace theirs = namespace(
                "staging",
                Map.of(
                        "app.kubernetes.io/managed-by", "ephemeral-environments",
                        "ephemeral.jenkins.io/controller", "another-controller",
                        "ephemeral.jenkins.io/environment", "staging"));
        spec.name = "staging";
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("Jenkins controller another-controller");
        release(1);
        rig.awaitGone("staging");
        rig.service.reap();
        assertThat(admin.namespaces().withName("staging").get()).isEqualTo(theirs);
    }

    @Test
    public void aBuildCannotTakeAwayWhatAnotherOneHolds() {
        spec.name = "review";
        NamespaceRef held = rig.provision(spec, 1);
        assertThatThrownBy(() -> rig.provision(spec, 2))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("belongs to shop/web/PR-41#1 and is in use");
        rig.service.release("review", EnvironmentRig.run(2), Ending.FAILURE, Console.NONE);
        assertThat(rig.service.find("review").orElseThrow().state).isEqualTo(EnvironmentState.READY);
        assertThat(admin.namespaces().withName("review").get().getMetadata().getUid())
                .isEqualTo(held.uid());
        rig.service.release("review", null, Ending.PERSON, Console.NONE);
        rig.awaitGone("review");
    }

    @Test
    public void aNameThatIsStillBeingTakenAwayIsNotWaitedFor() {
        spec.name = "review";
        NamespaceRef first = rig.provision(spec, 1);
        cluster.stuckFinalizer("review", "example.com/hold");
        release(1);
        await().until(() -> rig.service.find("review").orElseThrow().state == EnvironmentState.DELETING);
        NamespaceRef second = rig.provision(spec, 2);
        assertThat(second.namespace()).isEqualTo("review-2");
        assertThat(rig.said).anyMatch(line -> line.contains("review: still being taken away; not waiting for it"));
        rig.service.release("review", EnvironmentRig.run(2), Ending.SUCCESS, Console.NONE);
        rig.awaitGone("review-2");
        assertThat(rig.service.find("review").orElseThrow().uid).isEqualTo(first.uid());
        cluster.namespaces().release("review");
        rig.awaitGone("review");
    }

    @Test
    public void aNamespaceThatIsGoingWithoutARecordIsNotWaitedFor() {
        spec.name = "review";
        NamespaceRef first = rig.provision(spec, 1);
        cluster.stuckFinalizer("review", "example.com/hold");
        admin.namespaces().withName("review").delete();
        await().until(() ->
                admin.namespaces().withName("review").get().getMetadata().getDeletionTimestamp() != null);
        rig.service.registry().remove("review");
        NamespaceRef second = rig.provision(spec, 2);
        assertThat(second.namespace()).isEqualTo("review-2").isNotEqualTo(first.namespace());
        assertThat(rig.said).anyMatch(line -> line.contains("review: a namespace of that name is being deleted since"));
        assertThat(rig.service.all()).hasSize(1);
        cluster.namespaces().release("review");
    }

    @Test
    public void aMissingRightIsNamed() {
        cluster.rights().deny("jenkins", "create", "namespaces");
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("creating Namespace")
                .hasMessageContaining("Grant jenkins the verb create on namespaces in the whole cluster");
        release(1);
        rig.awaitGone(name(1));
        assertNothingIsLeft();
    }

    @Test
    public void aMissingRightInsideIsNamedWithWhatCouldNotBeBound() {
        cluster.rights().deny("jenkins", "create", "rolebindings");
        cluster.rights().deny("jenkins", "patch", "networkpolicies");
        assertThatThrownBy(() -> rig.provision(spec, 1))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("applying NetworkPolicy")
                .hasMessageContaining("cannot patch resource \"networkpolicies\"")
                .hasMessageContaining("cannot create resource \"rolebindings\"")
                .hasMessageContaining("docs/rbac.md");
        release(1);
        rig.awaitGone(name(1));
        assertNothingIsLeft();
    }

    @Test
    public void aRightThatStaysAwayIsNotWaitedForForEver() {
        cluster.rights().deny("jenkins", "patch", "limitranges");
        CompletableFuture<NamespaceRef> end =
                rig.begin(rig.service.provision(name(1), spec, EnvironmentRig.run(1), rig.said::add));
        await().until(() -> cluster.requests().count("patch", "limitranges") > 2);
        assertThat(end).isNotDone();
        clock.forward(Duration.ofSeconds(16));
        assertThat(catchThrowable(end::join).getCause())
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("the verb patch on limitranges");
    }

    @Test
    public void rightsThatSpreadLateAreWaitedFor() {
        cluster.rights().deny("jenkins", "patch", "*");
        CompletableFuture<NamespaceRef> end =
                rig.begin(rig.service.provision(name(1), spec, EnvironmentRig.run(1), rig.said::add));
        await().until(() -> cluster.requests().count("patch", "resourcequotas") > 0);
        cluster.rights().denyNothing();
        assertThat(end.join().namespace()).isEqualTo(name(1));
        assertThat(rig.said).noneMatch(line -> line.contains("Trying again"));
    }

    @Test
    public void whereNoRoleCanBeBoundTheRightsThatAreThereWillDo() {
        cluster.rights().deny("jenkins", "create", "rolebindings");
        rig.provision(spec, 1);
        assertThat(rig.said).filteredOn(line -> line.contains("is not bound")).hasSize(1);
    }

    @Test
    public void answersThatGetLostAreNotAskedForTwice() {
        List<String> writes = List.of(
                "POST /api/v1/namespaces",
                "POST .*/rolebindings",
                "PATCH .*/resourcequotas/.*",
                "PATCH .*/serviceaccounts/.*",
                "DELETE /api/v1/namespaces/.*");
        int build = 10;
        for (String write : writes) {
            String[] parts = write.split(" ");
            cluster.faults().on(parts[0], parts[1]).times(1).loseAnswer();
            NamespaceRef ref = rig.provision(spec, ++build);
            assertThat(admin.namespaces()
                            .withName(ref.namespace())
                            .get()
                            .getMetadata()
                            .getUid())
                    .as(write)
                    .isEqualTo(ref.uid());
            release(build);
            rig.awaitGone(ref.environment());
            cluster.faults().clear();
        }
        assertNothingIsLeft();
    }

    @Test
    public void aServerThatThrottlesIsWaitedFor() {
        cluster.faults().on("*", ".*").times(3).tooManyRequests(1);
        rig.provision(spec, 1);
        assertThat(rig.service.find(name(1)).orElseThrow().state).isEqualTo(EnvironmentState.READY);
    }

    @Test
    public void aServerThatIsGoneInTheMiddleIsUnknownNotGone() {
        // the middle: the namespace is there, what comes after it cannot get through
        Faults.Fault binding = cluster.faults().on("POST", ".*/rolebindings").dropRequest();
        CompletableFuture<NamespaceRef> end = rig.begin(
                rig.service.provision(name(1), spec, EnvironmentRig.run(1), Console.NONE), Duration.ofSeconds(1));
        await().until(() -> binding.hits() > 0);
        cluster.faults().unavailable();
        cluster.faults().clear();
        assertThat(catchThrowable(end::join).getCause())
                .isInstanceOf(TransientFault.class)
                .hasMessageContaining("dev")
                .hasMessageContaining("did not answer");
        release(1);
        await().until(() ->
                cluster.requests() != null && rig.service.find(name(1)).isPresent());
        CompletableFuture<EnvironmentRecord> told =
                rig.begin(rig.service.awaitGone(name(1), Console.NONE), EnvironmentRig.BOUND);
        // time passes from when the release first got no answer, which is not seen from here
        await().pollInterval(Duration.ofMillis(500))
                .atMost(EnvironmentRig.BOUND)
                .until(() -> {
                    clock.forward(Duration.ofMinutes(2));
                    return told.isDone();
                });
        EnvironmentRecord unreachable = told.join();
        assertThat(unreachable.state).isEqualTo(EnvironmentState.UNREACHABLE);
        assertThat(unreachable.reason).contains("did not answer");
        cluster.faults().available();
        rig.service.reap();
        rig.awaitGone(name(1));
        assertNothingIsLeft();
    }

    @Test
    public void whatSomebodyElseDeletedIsLostAndLeavesNoRecord() {
        NamespaceRef ref = rig.provision(spec, 1);
        admin.namespaces().withName(ref.namespace()).delete();
        await().until(() -> admin.namespaces().withName(ref.namespace()).get() == null);
        Namespace theirs = namespace(ref.namespace(), Map.of());
        assertThatThrownBy(() -> rig.provision(spec, 1)).hasMessageContaining("another one of that name");
        release(1);
        rig.awaitGone(ref.environment());
        assertThat(admin.namespaces().withName(ref.namespace()).get()).isEqualTo(theirs);
    }

    @Test
    public void manyAtOnceShareTheLimit() {
        rig.limit(40, 10);
        List<CompletableFuture<NamespaceRef>> all = new ArrayList<>();
        for (int build = 1; build <= 15; build++) {
            all.add(rig.begin(
                    rig.service.provision(name(build), spec, EnvironmentRig.run(build), Console.NONE), Duration.ZERO));
        }
        all.forEach(CompletableFuture::join);
        assertThat(rig.service.all()).hasSize(15).allMatch(record -> record.state == EnvironmentState.READY);
    }

    private void assertNothingIsLeft() {
        assertThat(rig.service.all()).isEmpty();
        assertThat(admin.namespaces()
                        .withLabel("app.kubernetes.io/managed-by", "ephemeral-environments")
                        .list()
                        .getItems())
                .isEmpty();
    }

    private String name(int build) {
        return rig.service.nameFor(spec, EnvironmentRig.run(build), "5");
    }

    private void release(int build) {
        rig.service.release(name(build), EnvironmentRig.run(build), Ending.FAILURE, rig.said::add);
    }

    private Namespace namespace(String name, Map<String, String> labels) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        await().until(() ->
                admin.serviceAccounts().inNamespace(name).withName("default").get() != null);
        return admin.namespaces().withName(name).get();
    }
}
