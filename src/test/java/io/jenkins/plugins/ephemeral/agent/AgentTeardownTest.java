package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import io.jenkins.plugins.ephemeral.bench.testkube.ServerFault;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.contract.OpenApiContract;
import io.jenkins.plugins.ephemeral.controlplane.AgentRequest;
import io.jenkins.plugins.ephemeral.controlplane.ExecutionRequest;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeClient;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeResourceKind;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentRecord;
import io.jenkins.plugins.ephemeral.environment.EnvironmentState;
import io.jenkins.plugins.ephemeral.environment.Obligation;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;

/** The way out on both sides, each of which may be away for long. */
public class AgentTeardownTest {
    private final TestkubeStage stage = new TestkubeStage();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(stage).around(new OpenApiContract(stage::controlPlane));

    private AgentRef installed(NamespaceRef environment, AgentSpec spec) throws Throwable {
        return stage.controller()
                .finish(stage.controller().agents().install(environment, spec, stage.run, stage.console::add));
    }

    private static AgentSpec spec() {
        AgentSpec spec = new AgentSpec();
        spec.timeout = Duration.ofSeconds(20);
        return spec;
    }

    private void release(NamespaceRef environment) {
        stage.controller().environments().release(environment.environment(), null, Ending.ABORTED, Console.NONE);
    }

    private boolean hasNamespace(String name) {
        return stage.admin().namespaces().withName(name).get() != null;
    }

    private EnvironmentRecord record(String name) {
        return stage.controller().environments().find(name).orElse(null);
    }

    private boolean hasDeployment(String namespace) {
        return stage.admin()
                        .apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName("testkube-agent")
                        .get()
                != null;
    }

    private String sleeping(AgentRef agent, Map<String, String> tags) throws InterruptedException {
        TestkubeClient client = stage.controller().clients().client("");
        client.upsert(
                TestkubeResourceKind.WORKFLOW,
                "sleeper",
                "{\"apiVersion\":\"testworkflows.testkube.io/v1\",\"kind\":\"TestWorkflow\",\"metadata\":{\"name\":\"sleeper\"},"
                        + "\"spec\":{\"steps\":[{\"shell\":\"sleep 300\"}]}}");
        String id = client.start("sleeper", new ExecutionRequest(agent.name(), Map.of(), tags))
                .id();
        await().until(() -> client.execution(id).orElseThrow().status().equals("running"));
        return id;
    }

    @Test
    public void itsRunsAreAbortedBeforeItIsStopped() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentRef agent = installed(environment, spec());
        AgentRef neighbour = installed(stage.environment("shop-2"), spec());
        String tagged = sleeping(agent, Map.of("ephemeral-environment", "shop-1"));
        String triggered = sleeping(agent, Map.of());
        String others = sleeping(neighbour, Map.of("ephemeral-environment", "shop-2"));
        stage.controlPlane().forgetExchanges();
        release(environment);
        stage.controller().finish(stage.controller().environments().awaitGone("shop-1", Console.NONE));

        TestkubeClient client = stage.controller().clients().client("");
        assertThat(client.execution(tagged).orElseThrow().status()).isEqualTo("aborted");
        assertThat(client.execution(triggered).orElseThrow().status()).isEqualTo("aborted");
        assertThat(client.execution(others).orElseThrow().status()).isEqualTo("running");
        List<String> order = stage.controlPlane().exchanges().stream()
                .filter(exchange -> !exchange.method().equals("GET"))
                .map(exchange -> exchange.method() + exchange.path().replaceFirst(".*/", " "))
                .toList();
        assertThat(order.subList(0, 2)).containsOnly("POST abort");
        assertThat(order.get(order.size() - 1)).startsWith("DELETE");
    }

    @Test
    public void aRunThatCannotBeAbortedDoesNotKeepTheLicence() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        sleeping(installed(environment, spec()), Map.of());
        for (int i = 0; i < AgentRemoval.MOST_ROUNDS; i++) {
            stage.controlPlane().failNext("POST", "/abort$", ServerFault.status(500));
        }
        release(environment);
        await().until(() -> record("shop-1").obligations.get(0).trouble != null);
        assertThat(stage.controlPlane().agentNames()).hasSize(1);

        await().atMost(Duration.ofMinutes(2)).until(() -> {
            stage.controller().environments().reap();
            return record("shop-1") == null;
        });
        assertThat(stage.controlPlane().agentNames()).isEmpty();
        assertThat(stage.controlPlane().count("POST", "/abort$")).isEqualTo(AgentRemoval.MOST_ROUNDS);
    }

    @Test
    public void aControlPlaneThatIsDownForAnHourHoldsNothingUpAndTheAgentIsDeletedAfterwards() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentRef agent = installed(environment, spec());
        stage.controlPlane().beginOutage(Outage.CONNECTION_REFUSED);
        release(environment);
        await().until(() ->
                !hasDeployment("shop-1") && record("shop-1").obligations.get(0).trouble != null);
        assertThat(hasNamespace("shop-1")).isTrue();
        assertThat(AgentObligation.isStopped(record("shop-1").obligations.get(0)))
                .as("this half is written down")
                .isTrue();

        stage.clock.forward(Duration.ofHours(1));
        stage.controller().environments().reap();
        await().until(() -> !hasNamespace("shop-1"));
        await().until(() -> {
            stage.controller().environments().reap();
            return record("shop-1").state == EnvironmentState.STUCK;
        });
        assertThat(record("shop-1").reason)
                .startsWith("The namespace is gone, but not all that was made for it: testkube-agent " + agent.name())
                .contains("no connection to");
        stage.restart(new Outside());
        stage.controlPlane().endOutage();
        assertThat(stage.controlPlane().agentNames()).containsExactly(agent.name());

        stage.controller().environments().reap();
        await().until(() -> record("shop-1") == null);
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void aClusterThatIsAwayDoesNotKeepTheLicence() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        installed(environment, spec());
        // a round of the reaper, as each Jenkins has one soon after its start: this one is alone with its id
        stage.controller().environments().reap();
        stage.kube().faults().unavailable();
        release(environment);
        await().during(Duration.ofSeconds(1))
                .until(() -> stage.controlPlane().agentNames().size() == 1);

        stage.clock.forward(Duration.ofMinutes(10));
        stage.controller().environments().reap();
        await().until(() -> stage.controlPlane().agentNames().isEmpty());
        stage.kube().faults().available();
        stage.controller().environments().reap();
        await().atMost(Duration.ofSeconds(30)).until(() -> record("shop-1") == null);
        assertThat(hasNamespace("shop-1")).isFalse();
    }

    @Test
    public void aNamespaceStaysUntilItsGitopsAgentIsStopped() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentSpec spec = spec();
        spec.gitops = true;
        installed(environment, spec);
        Obligation obligation = record("shop-1").obligations.get(0);
        assertThat(obligation.holdsNamespace).isTrue();

        stage.kube()
                .faults()
                .on("PATCH", "/apis/apps/v1/namespaces/shop-1/deployments/.*")
                .status(500);
        release(environment);
        await().until(() -> record("shop-1").state == EnvironmentState.RELEASING);
        stage.clock.forward(Duration.ofHours(1));
        stage.controller().environments().reap();
        await().until(() -> {
            stage.controller().environments().reap();
            return record("shop-1").state == EnvironmentState.STUCK;
        });
        assertThat(record("shop-1").reason).startsWith("The namespace waits for what has to be undone before it: ");
        assertThat(hasNamespace("shop-1")).isTrue();
        assertThat(hasDeployment("shop-1")).isTrue();

        stage.kube().faults().clear();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            stage.controller().environments().reap();
            return record("shop-1") == null;
        });
        assertThat(hasNamespace("shop-1")).isFalse();
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void anAgentThatNoRecordKnowsIsSweptAndNoOther() throws Throwable {
        TestkubeClient client = stage.controller().clients().client("");
        installed(stage.environment("shop-1"), spec());
        String kept = new AgentIdentity("shop-1", "ctl-1").name();
        make(client, new AgentIdentity("forgotten", "ctl-1"));
        make(client, new AgentIdentity("theirs", "ctl-2"));
        client.createAgent(new AgentRequest("by-hand", Map.of(), true));
        client.createAgent(
                new AgentRequest("copied-labels", new AgentIdentity("forgotten", "ctl-1").controlPlaneLabels(), true));

        stage.controller().environments().reap();

        assertThat(stage.controlPlane().agentNames())
                .containsExactlyInAnyOrder(
                        kept, new AgentIdentity("theirs", "ctl-2").name(), "by-hand", "copied-labels");
    }

    private static void make(TestkubeClient client, AgentIdentity identity) throws InterruptedException {
        client.createAgent(new AgentRequest(identity.name(), identity.controlPlaneLabels(), true));
    }

    @Test
    public void anEnvironmentThatWasAdoptedIsRemindedOfItsAgent() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentRef agent = installed(environment, spec());
        stage.loseRecords();
        stage.controller().environments().reap();
        stage.controller().environments().reap();

        assertThat(record("shop-1").obligations).singleElement().satisfies(obligation -> {
            assertThat(obligation.key).isEqualTo(agent.name());
            assertThat(AgentObligation.id(obligation)).isEqualTo(agent.id());
        });
        release(environment);
        await().until(() -> record("shop-1") == null);
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }

    @Test
    public void runsOfAnotherControllersEnvironmentOfTheSameNameGoOn() throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        AgentRef agent = installed(environment, spec());
        AgentRef neighbour = installed(stage.environment("shop-2"), spec());
        String ours = sleeping(
                neighbour, Map.of(AgentRemoval.TAG, "shop-1", AgentRemoval.CONTROLLER_TAG, stage.run.controllerId()));
        String before = sleeping(agent, Map.of(AgentRemoval.TAG, "shop-1"));
        String theirs = sleeping(neighbour, Map.of(AgentRemoval.TAG, "shop-1", AgentRemoval.CONTROLLER_TAG, "ctl-2"));
        release(environment);
        stage.controller().finish(stage.controller().environments().awaitGone("shop-1", Console.NONE));

        TestkubeClient client = stage.controller().clients().client("");
        assertThat(client.execution(ours).orElseThrow().status()).isEqualTo("aborted");
        assertThat(client.execution(before).orElseThrow().status())
                .as("of a version that did not write the controller's tag")
                .isEqualTo("aborted");
        assertThat(client.execution(theirs).orElseThrow().status()).isEqualTo("running");
    }

    @Test
    public void aListOfRunsThatIsForbiddenForGoodDoesNotKeepTheAgent() throws Throwable {
        refusedForGood(403);
    }

    @Test
    public void aListOfRunsThatIsNotThereDoesNotKeepTheAgent() throws Throwable {
        refusedForGood(404);
    }

    private void refusedForGood(int status) throws Throwable {
        NamespaceRef environment = stage.environment("shop-1");
        installed(environment, spec());
        for (int i = 0; i < 200; i++) {
            stage.controlPlane().failNext("GET", "/test-workflow-executions$", ServerFault.status(status));
        }
        release(environment);
        await().until(() -> !hasDeployment("shop-1"));
        await().until(() -> record("shop-1").obligations.get(0).trouble != null);
        assertThat(record("shop-1").obligations.get(0).trouble)
                .contains("listing runs (control plane testkube): it answered " + status);
        assertThat(stage.controlPlane().agentNames())
                .as("it may be for a moment")
                .hasSize(1);

        stage.clock.forward(Duration.ofMinutes(3));
        stage.controller().environments().reap();
        await().atMost(Duration.ofSeconds(30)).until(() -> record("shop-1") == null);
        assertThat(stage.controlPlane().agentNames()).isEmpty();
    }
}
