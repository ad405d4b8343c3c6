package io.jenkins.plugins.ephemeral.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.jenkins.plugins.ephemeral.bench.testkube.Outage;
import io.jenkins.plugins.ephemeral.controlplane.TestkubeExecution;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.Test;
import org.junit.runner.RunWith;

/** The whole life of an agent on a real Kubernetes. */
@RunWith(SideBySide.class)
public class AgentClusterIT extends AgentOnCluster {
    @Test
    public void itConnectsFromInsideAndRunsStepsAsJobs() throws Exception {
        AgentRef agent = connected();
        assertThat(stage.controlPlane().connectedAgentNames()).containsExactly(agent.name());
        assertThat(testkube().agent(agent.id()).orElseThrow().namespace()).isEqualTo(environment.namespace());

        TestkubeExecution good = ended(start("quick", agent));
        assertThat(good.status()).isEqualTo("passed");
        TestkubeExecution bad = ended(start("broken", agent));
        assertThat(bad.status()).isEqualTo("failed");
        assertThat(bad.steps()).anySatisfy(step -> assertThat(step.exitCode()).isEqualTo(3));
        String id = runningAsAJob(agent);
        assertThat(ended(id).status()).isEqualTo("passed");
        await().atMost(BOUND).until(() -> jobs().isEmpty());
    }

    @Test
    public void anOutageOfTheControlPlaneLosesNoRun() throws Exception {
        String id = runningAsAJob(connected());
        stage.controlPlane().beginOutage(Outage.CONNECTION_REFUSED);
        TimeUnit.SECONDS.sleep(5);
        stage.controlPlane().endOutage();
        assertThat(ended(id).status()).isEqualTo("passed");
    }

    @Test
    public void anAgentThatIsKilledComesBackToItsRuns() throws Exception {
        String id = runningAsAJob(connected());
        List<Pod> before = agents();
        before.forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
        assertThat(ended(id).status()).isEqualTo("passed");
        assertThat(agents())
                .extracting(pod -> pod.getMetadata().getUid())
                .doesNotContain(before.get(0).getMetadata().getUid());
    }

    private boolean runs(String id) {
        return client.pods().inNamespace(environment.namespace()).list().getItems().stream()
                .anyMatch(pod -> pod.getMetadata().getName().startsWith(id)
                        && "Running".equals(pod.getStatus().getPhase()));
    }

    private List<Pod> agents() {
        return client.pods()
                .inNamespace(environment.namespace())
                .withLabel("app.kubernetes.io/name", AgentManifests.NAME)
                .list()
                .getItems();
    }

    @Test
    public void theEndOfTheBuildAbortsWhatRuns() throws Exception {
        AgentRef agent = connected();
        String id = start("endless", agent);
        // 1.20's kubelet takes minutes to end a Pod that is deleted while it starts
        await().atMost(BOUND).until(() -> runs(id));
        stage.controller()
                .environments()
                .release(environment.environment(), stage.run, Ending.ABORTED, stage.console::add);
        await().atMost(BOUND).until(() -> stage.controller()
                .environments()
                .find(environment.environment())
                .isEmpty());
        assertThat(testkube().execution(id).orElseThrow().status()).isEqualTo("aborted");
        assertThat(stage.console)
                .anySatisfy(line -> assertThat(line).contains("is stopped and deleted in control plane"));
    }

    @Test
    public void aControllerThatIsKilledGoesOnWhereItWas() throws Exception {
        begin(spec());
        await().atMost(BOUND).until(() -> !stage.controlPlane().agentNames().isEmpty());
        stage.restart(new Outside());
        AgentRef agent = connected();
        assertThat(stage.controlPlane().agentNames()).containsExactly(agent.name());
        String id = runningAsAJob(agent);
        stage.controller().environments().release(environment.environment(), null, Ending.PERSON, Console.NONE);
        stage.restart(new Outside());
        await().atMost(BOUND).until(() -> stage.controller()
                .environments()
                .find(environment.environment())
                .isEmpty());
        assertThat(testkube().execution(id).orElseThrow().status()).isEqualTo("aborted");
    }

    @Test
    public void anAgentThatCannotReachTheControlPlaneSaysSo() throws Exception {
        stage.agentAddress = "127.0.0.1:9";
        CompletableFuture<AgentRef> installation = begin(spec());
        await().atMost(Duration.ofMinutes(3)).until(installation::isDone);
        assertThatThrownBy(installation::join)
                .hasCauseInstanceOf(UserFault.class)
                .hasMessageContaining("its log says: cannot get pro context: rpc error: code = Unavailable")
                .hasMessageContaining("Pods cannot reach 127.0.0.1:9: check network policies");
    }
}
