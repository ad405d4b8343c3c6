package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeAgent;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;

/** One identity that environments hold one after the other. */
public class SharedAgentTest {
    private final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(stage).around(new OpenApiContract(stage::controlPlane));

    private TestkubeAgent share() throws Throwable {
        TestkubeAgent agent = stage.controller()
                .clients()
                .client("")
                .createAgent(new AgentRequest("the-shared-one", Map.of(), true))
                .orElseThrow();
        stage.sharedAgent = "helm upgrade --install testkube-shared kubeshop/testkube-runner --set runner.id="
                + agent.id() + " --set runner.secret=" + agent.secretKey() + " --set cloud.url=agent.example.org:443";
        return agent;
    }

    private CompletableFuture<AgentRef> begin(NamespaceRef environment) {
        return begin(stage.controller(), environment, stage.run);
    }

    private CompletableFuture<AgentRef> begin(TestkubeStage.Controller of, NamespaceRef environment, RunRef run) {
        AgentSpec spec = new AgentSpec();
        spec.mode = "shared";
        spec.timeout = Duration.ofSeconds(20);
        return of.begin(of.agents().install(environment, spec, run, stage.console::add));
    }

    private static AgentRef connected(CompletableFuture<AgentRef> installation) {
        await().atMost(Duration.ofSeconds(20)).until(installation::isDone);
        return installation.join();
    }

    private void release(NamespaceRef environment) throws Throwable {
        stage.controller().environments().release(environment.environment(), null, Ending.SUCCESS, Console.NONE);
        stage.controller().finish(stage.controller().environments().awaitGone(environment.environment(), Console.NONE));
    }

    private Lease queue() {
        return stage.admin().leases().inNamespace("default").list().getItems().stream()
                .filter(lease -> lease.getMetadata().getName().startsWith("testkube-agent-"))
                .findFirst()
                .orElseThrow();
    }

    private void waitsAt(int position, int of, String holder) {
        await().until(() -> stage.console.stream()
                .anyMatch(line -> line.startsWith("Waiting for the shared Testkube agent: position " + position + " of "
                        + of + ", held by environment " + holder + " of build ")));
    }

    @Test
    public void oneHoldsItAndTheNextOneComesInTurn() throws Throwable {
        TestkubeAgent shared = share();
        List<NamespaceRef> environments = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            environments.add(stage.environment("shop-" + i));
        }
        AgentRef first = connected(begin(environments.get(0)));
        assertThat(first.id()).isEqualTo(shared.id());
        assertThat(first.name()).isEqualTo("the-shared-one");
        assertThat(first.mode()).isEqualTo(AgentMode.SHARED);

        CompletableFuture<AgentRef> second = begin(environments.get(1));
        waitsAt(1, 1, "shop-1");
        CompletableFuture<AgentRef> third = begin(environments.get(2));
        waitsAt(2, 2, "shop-1");
        assertThat(second).isNotDone();
        assertThat(deployments()).containsExactly("shop-1");

        release(environments.get(0));
        connected(second);
        assertThat(third).isNotDone();
        assertThat(deployments()).containsExactly("shop-2");
        release(environments.get(1));
        connected(third);
        assertThat(deployments()).containsExactly("shop-3");
        release(environments.get(2));

        assertThat(queue().getMetadata().getAnnotations().get(SharedQueue.ANNOTATION))
                .isEqualTo("[]");
        assertThat(stage.controlPlane().agentNames()).containsExactly("the-shared-one");
        assertThat(stage.console).noneMatch(line -> line.contains("tkckey_"));
    }

    private List<String> deployments() {
        return stage.admin().apps().deployments().inAnyNamespace().list().getItems().stream()
                .map(deployment -> deployment.getMetadata().getNamespace())
                .sorted()
                .collect(Collectors.toList());
    }

    @Test
    public void whoWaitsKeepsItsPlaceAcrossARestart() throws Throwable {
        share();
        NamespaceRef first = stage.environment("shop-1");
        NamespaceRef second = stage.environment("shop-2");
        NamespaceRef third = stage.environment("shop-3");
        connected(begin(first));
        begin(second);
        waitsAt(1, 1, "shop-1");
        begin(third);
        waitsAt(2, 2, "shop-1");

        stage.restart(new Outside());
        CompletableFuture<AgentRef> thirdAgain = begin(third);
        CompletableFuture<AgentRef> secondAgain = begin(second);
        assertThat(connected(begin(first)).name()).isEqualTo("the-shared-one");
        release(first);
        connected(secondAgain);
        assertThat(thirdAgain).isNotDone();
        release(second);
        connected(thirdAgain);
    }

    @Test
    public void controllersShareOneQueueAndALostOneDoesNotHoldItForEver() throws Throwable {
        share();
        TestkubeStage.Controller other = stage.other("ctl-2");
        RunRef othersRun = new RunRef("ctl-2", "bank/main", 3, "");
        NamespaceRef theirs = stage.environment(other, "bank-1", othersRun);
        connected(begin(other, theirs, othersRun));
        NamespaceRef ours = stage.environment("shop-1");
        CompletableFuture<AgentRef> waiting = begin(ours);
        waitsAt(1, 1, "bank-1");
        other.die();

        // its namespace is there, and with it perhaps its agent
        stage.clock.forward(Duration.ofHours(1));
        await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(10)).until(() -> !waiting.isDone());
        stage.admin().namespaces().withName("bank-1").delete();
        connected(waiting);
    }

    @Test
    public void anExpiredEnvironmentOfALostControllerIsPassedOver() throws Throwable {
        share();
        TestkubeStage.Controller other = stage.other("ctl-2");
        RunRef othersRun = new RunRef("ctl-2", "bank/main", 3, "");
        connected(begin(other, stage.environment(other, "bank-1", othersRun), othersRun));
        NamespaceRef ours = stage.environment("shop-1");
        CompletableFuture<AgentRef> waiting = begin(ours);
        waitsAt(1, 1, "bank-1");
        other.die();

        stage.clock.forward(Duration.ofHours(2).plus(SharedQueue.GRACE).plusMinutes(1));
        connected(waiting);
    }

    @Test
    public void whoWaitsAndIsReleasedLeavesTheQueue() throws Throwable {
        share();
        NamespaceRef first = stage.environment("shop-1");
        NamespaceRef second = stage.environment("shop-2");
        NamespaceRef third = stage.environment("shop-3");
        connected(begin(first));
        begin(second);
        waitsAt(1, 1, "shop-1");
        CompletableFuture<AgentRef> last = begin(third);
        waitsAt(2, 2, "shop-1");

        release(second);
        waitsAt(1, 1, "shop-1");
        assertThat(queue().getMetadata().getAnnotations().get(SharedQueue.ANNOTATION))
                .doesNotContain("shop-2");
        release(first);
        connected(last);
    }

    @Test
    public void theTokenOfAnEnvironmentNeedsNoAgentOfItsOwn() throws Throwable {
        stage.sharedAgent = "testkube init agent --agent-token tkcagnt_0123 --env-id "
                + stage.controlPlane().environmentId();
        NamespaceRef environment = stage.environment("shop-1");
        CompletableFuture<AgentRef> installation = begin(environment);
        await().until(() -> deployments().contains("shop-1"));
        var container = stage.admin()
                .apps()
                .deployments()
                .inNamespace("shop-1")
                .withName("testkube-agent")
                .get()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        assertThat(container.getEnv())
                .extracting("name")
                .contains("TESTKUBE_PRO_API_KEY", "RUNNER_IS_GLOBAL")
                .doesNotContain("TESTKUBE_PRO_AGENT_ID");
        assertThat(container.getEnv().toString()).doesNotContain("tkcagnt_");

        // the bench knows no such tokens: another agent makes the Environment connected
        TestkubeAgent any = stage.controller()
                .clients()
                .client("")
                .createAgent(new AgentRequest("any", Map.of(), true))
                .orElseThrow();
        stage.controlPlane().connect(any.id(), any.secretKey());
        AgentRef agent = connected(installation);
        assertThat(agent.name()).isEmpty();
        assertThat(stage.controller().agents().find(environment)).isPresent();
    }

    @Test
    public void anAgentThatIsGoneIsSaidBeforeAnybodyWaits() {
        stage.sharedAgent = "runner.id=tkcagent_gone runner.secret=tkckey_agent_1";
        NamespaceRef environment = stage.environment("shop-1");

        assertThatThrownBy(() -> begin(environment).join())
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining("looking up the shared agent (control plane testkube): organization "
                        + stage.controlPlane().organizationId() + " has no agent tkcagent_gone");
        assertThat(stage.admin().leases().inNamespace("default").list().getItems())
                .isEmpty();
    }

    @Test
    public void anInnerBlockDoesNotWaitForTheOneAroundIt() throws Throwable {
        share();
        NamespaceRef outer = stage.environment("shop-outer");
        NamespaceRef other = stage.environment("shop-other");
        NamespaceRef inner = stage.environment("shop-inner");
        connected(begin(outer));
        begin(other);
        waitsAt(1, 1, "shop-outer");
        AgentSpec spec = new AgentSpec();
        spec.mode = "shared";
        spec.around.add("shop-outer");

        assertThatThrownBy(() -> stage.controller()
                        .finish(stage.controller().agents().install(inner, spec, stage.run, stage.console::add)))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("environment shop-outer around this one has it, or gets it before, and keeps it"
                        + " until its block ends, which waits for this one. Call ephemeralAgent(mode: 'shared') in one"
                        + " of the two blocks only");
        release(inner);
        assertThat(queue().getMetadata().getAnnotations().get(SharedQueue.ANNOTATION))
                .doesNotContain("shop-inner");
    }

    @Test
    public void ofSeveralClustersOneIsToBeNamedForTheQueue() throws Throwable {
        share();
        NamespaceRef environment = stage.environment("shop-1");
        stage.moreClusters.add("edge");

        assertThatThrownBy(() -> begin(environment).join())
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining(
                        "queueing for the shared agent (control plane testkube): its configuration does not"
                                + " say which cluster keeps the queue, and there are several: dev, edge;")
                .hasMessageEndingWith("Name one of them as the cluster of the queue, the same one in all Jenkins"
                        + " controllers that share the agent.");
        assertThat(stage.admin().leases().inNamespace("default").list().getItems())
                .isEmpty();

        stage.queueCluster = "dev";
        connected(begin(environment));
        assertThat(AgentObligation.queueCluster(
                        stage.record(environment).obligations.get(0)))
                .isEqualTo("dev");
        stage.queueCluster = "edge";
        release(environment);
        assertThat(queue().getMetadata().getAnnotations().get(SharedQueue.ANNOTATION))
                .as("it leaves the queue that it stood in")
                .isEqualTo("[]");
    }

    @Test
    public void whoGotItWithAnEarlierVersionGoesOnWithItsQueue() throws Throwable {
        share();
        NamespaceRef environment = stage.environment("shop-1");
        connected(begin(environment));
        stage.controller().environments().owe("shop-1", withoutQueue(stage.record(environment)));
        stage.moreClusters.add("edge");
        stage.restart(new Outside());

        assertThat(connected(begin(environment)).name()).isEqualTo("the-shared-one");
        release(environment);
        assertThat(queue().getMetadata().getAnnotations().get(SharedQueue.ANNOTATION))
                .isEqualTo("[]");
    }

    private static Obligation withoutQueue(EnvironmentRecord record) {
        Obligation before = AgentObligation.withQueueCluster(record.obligations.get(0), null);
        assertThat(before.details).doesNotContainKey("queueCluster");
        return before;
    }
}
