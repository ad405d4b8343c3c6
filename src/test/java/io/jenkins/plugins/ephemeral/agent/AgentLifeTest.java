package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.environment.Undoer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.LostFault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;

/** Agents from their installation to their removal, on an embedded cluster and control plane. */
public class AgentLifeTest {
    private final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(stage).around(new OpenApiContract(stage::controlPlane));

    private AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.timeout = Duration.ofSeconds(20);
        return spec;
    }

    private Reconciler<AgentRef> installation(NamespaceRef environment) {
        return installation(environment, spec());
    }

    private Reconciler<AgentRef> installation(NamespaceRef environment, AgentSpec spec) {
        return stage.controller().agents().install(environment, spec, stage.run, stage.console::add);
    }

    private Reconciler<Void> removal(NamespaceRef environment) {
        EnvironmentRecord record = stage.record(environment);
        Obligation obligation = record.obligations.get(0);
        Undoer undoer = stage.controller().agents().undoer();
        assertThat(undoer.kind()).isEqualTo(obligation.kind);
        return () -> undoer.undo(record, obligation, stage.console::add);
    }

    private Deployment deployment(NamespaceRef environment) {
        return stage.admin()
                .apps()
                .deployments()
                .inNamespace(environment.namespace())
                .withName("testkube-agent")
                .get();
    }

    @Test
    public void anAgentConnectsAndIsTakenAwayOnBothSides() throws Throwable {
        NamespaceRef environment = stage.environment("shop-web-pr-41-7-bcdfghjkmn");

        AgentRef agent = stage.controller().finish(installation(environment));

        assertThat(agent.name()).startsWith("jk-shop-web-pr-41-7").hasSizeLessThanOrEqualTo(40);
        assertThat(agent.controlPlane()).isEqualTo("testkube");
        assertThat(stage.controlPlane().connectedAgentNames()).containsExactly(agent.name());
        assertThat(stage.controller().agents().find(environment)).hasValueSatisfying(found -> {
            assertThat(found.id()).isEqualTo(agent.id());
            assertThat(found.name()).isEqualTo(agent.name());
        });
        assertThat(stage.console)
                .anySatisfy(line -> assertThat(line)
                        .isEqualTo("Testkube agent " + agent.name() + " created in control plane testkube."))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("Testkube agent " + agent.name() + " is connected to control plane testkube (")
                        .endsWith(" s, version 2.12.2)."));

        stage.controller().finish(removal(environment));

        assertThat(stage.controlPlane().agentNames()).isEmpty();
        assertThat(deployment(environment)).isNull();
        assertThat(stage.admin()
                        .pods()
                        .inNamespace(environment.namespace())
                        .list()
                        .getItems())
                .isEmpty();
        // once more: nothing is left, and that is no error
        stage.controller().finish(removal(environment));
    }

    @Test
    public void aWholeLifeWithAnAgentTakesFewCalls() throws Throwable {
        // the first one: asks once for all what Jenkins may follow how
        wholeLife("shop-0");
        List<String> calls = List.of();
        // how often is looked while the Pod starts and ends depends on the machine: the best of some lives counts
        for (int i = 1; i <= 4 && (calls.isEmpty() || calls.size() > 30); i++) {
            stage.kube().requests().clear();
            wholeLife("shop-" + i);
            calls = stage.kube().requests().all().stream()
                    .filter(each -> !each.verb().equals("watch") && !each.user().equals("connector"))
                    .map(each -> each.verb() + ' ' + each.resource() + ' ' + each.status())
                    .toList();
        }
        assertThat(calls).hasSizeLessThanOrEqualTo(30).contains("create namespaces 201", "get namespaces 404");
    }

    private void wholeLife(String name) throws Throwable {
        NamespaceRef environment = stage.environment(name);
        stage.controller().finish(installation(environment));
        stage.controller().environments().release(name, stage.run, Ending.SUCCESS, Console.NONE);
        stage.controller().finish(stage.controller().environments().awaitGone(name, Console.NONE));
    }

    @Test
    public void thePodIsRestrictedBoundedAndHoldsNoSecretInItsSpec() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.admin().namespaces().withName("shop-1").edit(namespace -> {
            namespace.getMetadata().setLabels(Map.of("pod-security.kubernetes.io/enforce", "restricted"));
            return namespace;
        });

        AgentRef agent = stage.controller().finish(installation(environment));

        Deployment deployment = deployment(environment);
        assertThat(deployment.getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/managed-by", "ephemeral-environments")
                .containsEntry("ephemeral.jenkins.io/controller", "ctl-1")
                .containsEntry("ephemeral.jenkins.io/environment", "shop-1");
        assertThat(deployment.getSpec().getStrategy().getType()).isEqualTo("Recreate");
        Container container =
                deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getSecurityContext()
                        .getSeccompProfile()
                        .getType())
                .isEqualTo("RuntimeDefault");
        assertThat(container.getResources().getLimits()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getEnv())
                .filteredOn(
                        variable -> variable.getName().startsWith("TESTKUBE_PRO_") && variable.getValueFrom() != null)
                .extracting("name")
                .containsExactly(
                        "TESTKUBE_PRO_AGENT_ID", "TESTKUBE_PRO_API_KEY", "TESTKUBE_PRO_ORG_ID", "TESTKUBE_PRO_ENV_ID");
        assertThat(deployment.toString()).doesNotContain("tkckey_");
        assertThat(stage.console).noneMatch(line -> line.contains("tkckey_") || line.contains("tkcapi_"));
        assertThat(stage.record(environment).obligations.get(0).details.toString())
                .doesNotContain("tkckey_");
        Secret secret = stage.admin()
                .secrets()
                .inNamespace("shop-1")
                .withName("testkube-agent")
                .get();
        assertThat(new String(Base64.getDecoder().decode(secret.getData().get("id")), StandardCharsets.UTF_8))
                .isEqualTo(agent.id());
        assertThat(stage.admin()
                        .rbac()
                        .roleBindings()
                        .inNamespace("shop-1")
                        .list()
                        .getItems())
                .extracting(binding -> binding.getRoleRef().getName() + " "
                        + binding.getSubjects().stream()
                                .map(subject -> subject.getName())
                                .sorted()
                                .toList())
                .contains(
                        "ephemeral-environments-testkube-agent [testkube-agent]",
                        "ephemeral-environments-testkube-execution [testkube-agent, testkube-execution]");
    }

    @Test
    public void aSecondCallFindsTheAgentThere() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentRef first = stage.controller().finish(installation(environment));
        stage.restart(new Outside());
        AgentRef second = stage.controller().finish(installation(environment));

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(stage.controlPlane().count("POST", "/agents$")).isEqualTo(1);
    }

    @Test
    public void aLostAnswerToTheCreationIsSettledByName() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controlPlane().failNext("POST", "/agents$", ServerFault.answerLost());

        AgentRef agent = stage.controller().finish(installation(environment));

        assertThat(stage.controlPlane().agentNames()).containsExactly(agent.name());
        assertThat(stage.controlPlane().connectedAgentNames()).containsExactly(agent.name());
    }

    @Test
    public void whereTheKeyCannotBeReadAgainTheAgentIsMadeAnew() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controlPlane().failNext("POST", "/agents$", ServerFault.answerLost());
        stage.controlPlane().failNext("GET", "/secret-key$", ServerFault.status(403));

        AgentRef agent = stage.controller().finish(installation(environment));

        assertThat(stage.controlPlane().count("DELETE", "/agents/")).isEqualTo(1);
        assertThat(stage.controlPlane().connectedAgentNames()).containsExactly(agent.name());
    }

    @Test
    public void aNameThatIsSomebodyElsesIsLeftAlone() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        TestkubeClient client = stage.controller().clients().client("");
        String name = AgentNames.of("shop-1", "ctl-1");
        client.createAgent(new AgentRequest(name, Map.of(), true));

        assertThatThrownBy(() -> stage.controller().finish(installation(environment)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("creating agent " + name
                        + " (control plane testkube): the name is taken by another" + " agent, tkcagent_")
                .hasMessageEndingWith("Delete it or rename it.");
        stage.controller().finish(removal(environment));
        assertThat(stage.controlPlane().agentNames()).containsExactly(name);
    }

    @Test
    public void anAgentThatIsNeverSeenFailsWithTheReason() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.disconnectAgents();
        AgentSpec spec = spec();
        spec.timeout = Duration.ofSeconds(6);

        assertThatThrownBy(() -> stage.controller().finish(installation(environment, spec)))
                .isInstanceOf(UserFault.class)
                .hasMessage("connecting Testkube agent " + AgentNames.of("shop-1", "ctl-1")
                        + " (dev/shop-1, control plane testkube): it was not connected within 6 s: its Pod is ready, and the"
                        + " control plane has not seen it. Check that Pods may reach agent.example.org:443 (network"
                        + " policies, proxies), and that it belongs to this control plane.");
        assertThat(AgentObligation.deadlineMillis(
                        stage.record(environment).obligations.get(0)))
                .as("the next attempt has a time of its own")
                .isZero();
    }

    @Test
    public void anImageThatCannotBePulledIsNamed() {
        NamespaceRef environment = stage.environment("shop-1");
        AgentSpec spec = spec();
        spec.timeout = Duration.ofSeconds(6);
        spec.image = "docker.io/kubeshop/does-not-exist:1";

        assertThatThrownBy(() -> stage.controller().finish(installation(environment, spec)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("it was not connected within 6 s: Pod testkube-agent-")
                .hasMessageContaining("ImagePull")
                .hasMessageContaining("docker.io/kubeshop/does-not-exist:1")
                .hasMessageEndingWith("Look at the Pod's events, the image's name and the namespace's quota.");
    }

    @Test
    public void anAgentThatIsRefusedAndCrashesIsNotWaitedFor() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.kube()
                .images()
                .entrypoint(
                        "kubeshop/refused", "sh", "-c", "echo 'cannot get pro context: key tkckey_agent_1'; exit 1");
        stage.kube().images().neverReady("kubeshop/refused");
        AgentSpec spec = spec();
        spec.timeout = Duration.ofMinutes(5);
        spec.image = "docker.io/kubeshop/refused:1";

        assertThatThrownBy(() -> stage.controller().finish(installation(environment, spec)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("its log says: cannot get pro context: key tkckey_****")
                .hasMessageContaining("The agent reached no agreement with agent.example.org:443: check this address");
    }

    @Test
    public void aForbiddenPodIsNotWaitedFor() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.admin()
                .resourceQuotas()
                .inNamespace("shop-1")
                .resource(new io.fabric8.kubernetes.api.model.ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("q")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("pods", new io.fabric8.kubernetes.api.model.Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        AgentSpec spec = spec();
        spec.timeout = Duration.ofSeconds(6);

        assertThatThrownBy(() -> stage.controller().finish(installation(environment, spec)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("its Pod is refused: ")
                .hasMessageContaining("exceeded quota");
    }

    @Test
    public void aControlPlaneThatIsAwayIsWaitedForAndTheAgentIsGoneInTheEnd() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controlPlane().beginOutage(Outage.SERVER_ERROR);
        CompletableFuture<AgentRef> installed = stage.controller().begin(installation(environment));
        await().until(() -> stage.controlPlane().count("POST", "/agents$") > 0);
        stage.controlPlane().endOutage();
        await().until(installed::isDone);
        assertThat(installed).isCompleted();

        stage.controlPlane().beginOutage(Outage.CONNECTION_REFUSED);
        CompletableFuture<Void> removed = stage.controller().begin(removal(environment));
        await().until(() ->
                stage.admin().pods().inNamespace("shop-1").list().getItems().isEmpty());
        assertThat(removed).isNotDone();
        stage.restart(new Outside());
        CompletableFuture<Void> again = stage.controller().begin(removal(environment));
        stage.controlPlane().endOutage();
        await().atMost(Duration.ofSeconds(20)).until(again::isDone);
        assertThat(again).isCompleted();
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void anAgentMadeForAnEnvironmentThatEndsMeanwhileIsDropped() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.restart(new Outside(new Outside.Cut() {
            @Override
            public void before(String point) {}

            @Override
            public void after(String point) {
                if (point.equals("Testkube: creating agent")) {
                    stage.controller().environments().release("shop-1", stage.run, Ending.ABORTED, Console.NONE);
                }
            }
        }));

        assertThatThrownBy(() -> stage.controller().finish(installation(environment)))
                .isInstanceOf(LostFault.class)
                .hasMessage("installing a Testkube agent (dev/shop-1): the environment is being taken away");
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void removalFollowsANamespaceThatIsGoneWithOurRights() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controller().finish(installation(environment));
        stage.admin().namespaces().withName("shop-1").delete();
        await().until(() -> stage.admin().namespaces().withName("shop-1").get() == null);
        stage.kube().faults().on("GET", "/apis/apps/v1/namespaces/shop-1/.*").status(403);

        stage.controller().finish(removal(environment));

        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void aSecretOfSomebodyElseIsNotOverwritten() {
        NamespaceRef environment = stage.environment("shop-1");
        stage.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("testkube-agent")
                        .withNamespace("shop-1")
                        .endMetadata()
                        .addToData("id", "eA==")
                        .build())
                .create();

        assertThatThrownBy(() -> stage.controller().finish(installation(environment)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("applying Secret (dev/shop-1/testkube-agent)");
    }

    @Test
    public void wheneverTheControllerDiesOneAgentConnectsAndNoneIsLeft() throws Throwable {
        NamespaceRef first = stage.environment("shop-0");
        Mortality mortality = new Mortality();
        stage.restart(new Outside(mortality));
        mortality.points.clear();
        stage.controller().finish(installation(first));
        int calls = mortality.points.indexOf("Testkube: reading agent") + 1;
        assertThat(calls).isGreaterThan(10);

        for (int death = 1; death <= calls; death++) {
            NamespaceRef environment = stage.environment("shop-" + death);
            Mortality installing = new Mortality();
            stage.restart(new Outside(installing));
            installing.dieAfter(death);
            assertThatThrownBy(() -> stage.controller().finish(installation(environment)))
                    .as("death after call %s of %s", death, mortality.points)
                    .isInstanceOf(Killed.class);
            stage.restart(new Outside());
            AgentRef agent = stage.controller().finish(installation(environment));
            assertThat(stage.controlPlane().connectedAgentNames()).contains(agent.name());
            assertThat(stage.controlPlane().agentNames()).hasSize(2);

            if (death <= 4) {
                Mortality removing = new Mortality();
                stage.restart(new Outside(removing));
                removing.dieAfter(death);
                assertThatThrownBy(() -> stage.controller().finish(removal(environment)))
                        .isInstanceOf(Killed.class);
            }
            stage.restart(new Outside());
            stage.controller().finish(removal(environment));
            assertThat(stage.controlPlane().agentNames()).hasSize(1);
        }
    }

    @Test
    public void theEndOfTheEnvironmentTakesTheAgentAway() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        stage.controller().finish(installation(environment));

        stage.controller().environments().release("shop-1", stage.run, Ending.SUCCESS, stage.console::add);
        stage.controller().finish(stage.controller().environments().awaitGone("shop-1", Console.NONE));

        assertThat(stage.controlPlane().agentNames()).isEmpty();
        assertThat(stage.admin().namespaces().withName("shop-1").get()).isNull();
    }

    /** Lets a controller die after so many more calls. */
    private static final class Mortality implements Outside.Cut {
        private final List<String> points = new ArrayList<>();
        private int left = Integer.MAX_VALUE;

        synchronized void dieAfter(int calls) {
            left = calls;
        }

        @Override
        public synchronized void before(String point) {
            if (left <= 0) {
                throw new Killed();
            }
        }

        @Override
        public synchronized void after(String point) {
            points.add(point);
            if (--left <= 0) {
                throw new Killed();
            }
        }
    }

    /** The controller's process ends. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }
}
