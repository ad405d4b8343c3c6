package io.jenkins.plugins.ephemeral.pipeline;

import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.apply;
import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.inEnvironment;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.ephemeral.EmbeddedServers;
import java.io.File;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.jvnet.hudson.test.BuildWatcher;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.JenkinsSessionRule;

/** Jenkins stops in the middle of each step and starts again: the build goes on as if nothing had been. */
public class RestartTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @ClassRule
    public static final EmbeddedServers SERVERS = new EmbeddedServers();

    @ClassRule
    public static final BuildWatcher CONSOLES = new BuildWatcher();

    @Rule
    public final JenkinsSessionRule sessions = new JenkinsSessionRule();

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void whileTheEnvironmentIsMade() throws Throwable {
        sessions.then(jenkins -> {
            SERVERS.configure();
            SERVERS.takeClusterAway();
            WorkflowRun run = start(jenkins, inEnvironment("echo 'in the body'"));
            jenkins.waitForMessage("shop-", run);
        });
        sessions.then(jenkins -> {
            SERVERS.bringClusterBack();
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).containsOnlyOnce("in the body\n");
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void inTheBody() throws Throwable {
        String[] namespace = new String[1];
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(jenkins, inEnvironment("echo 'begun once'\nsemaphore 'body'\necho 'ended once'"));
            SemaphoreStep.waitForStart("body/1", run);
            namespace[0] = SERVERS.namespaces().get(0);
        });
        sessions.then(jenkins -> {
            assertThat(SERVERS.namespaces()).containsExactly(namespace[0]);
            SemaphoreStep.success("body/1", null);
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).containsOnlyOnce("begun once\n").containsOnlyOnce("ended once\n");
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void whileTheAgentConnects() throws Throwable {
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run =
                    start(jenkins, inEnvironment("semaphore 'agent'\ndef a = ephemeralAgent()\necho \"is ${a.name}\""));
            SemaphoreStep.waitForStart("agent/1", run);
            SERVERS.takeTestkubeAway();
            SemaphoreStep.success("agent/1", null);
            jenkins.waitForMessage("[Pipeline] ephemeralAgent", run);
        });
        sessions.then(jenkins -> {
            SERVERS.bringTestkubeBack();
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).containsPattern("(?m)^is \\S+$");
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void whileResourcesAreApplied() throws Throwable {
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(
                    jenkins,
                    inEnvironment("ephemeralAgent()\nsemaphore 'apply'\n"
                            + apply(Pipelines.REPORTING).replace("ephemeralApply", "def d = ephemeralApply")
                            + "echo \"workflows: ${d.workflows}\""));
            SemaphoreStep.waitForStart("apply/1", run);
            SERVERS.takeClusterAway();
            SemaphoreStep.success("apply/1", null);
            jenkins.waitForMessage("[Pipeline] ephemeralApply", run);
        });
        sessions.then(jenkins -> {
            SERVERS.bringClusterBack();
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).contains("workflows: [reporting]");
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void whileAWorkflowRuns() throws Throwable {
        File gate = new File(folder.getRoot(), "gate");
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(
                    jenkins,
                    inEnvironment("ephemeralAgent()\n" + apply(Pipelines.waiting(gate.getAbsolutePath()))
                            + "def runs = ephemeralWorkflow()\necho \"${runs.passed} of ${runs.total} passed\""));
            jenkins.waitForMessage("waiting for the gate", run);
        });
        int executions = SERVERS.executions().size();
        sessions.then(jenkins -> {
            assertThat(gate.createNewFile()).isTrue();
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).contains("the gate is open", "1 of 1 passed");
            assertThat(SERVERS.executions().size()).isEqualTo(executions);
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void whileAJobRuns() throws Throwable {
        File gate = new File(folder.getRoot(), "gate");
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(
                    jenkins,
                    inEnvironment(Pipelines.job(
                                    "plan",
                                    "type: 'plan'",
                                    "echo one; while [ ! -e " + gate + " ]; do sleep 0.2; done; echo two; exit 2")
                            + "\necho \"outcome ${env.EPHEMERAL_PLAN_OUTCOME}\""));
            jenkins.waitForMessage("[plan] one", run);
        });
        sessions.then(jenkins -> {
            assertThat(gate.createNewFile()).isTrue();
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run))
                    .containsOnlyOnce("[plan] one\n")
                    .containsOnlyOnce("[plan] two\n")
                    .contains("outcome CHANGES");
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void whileAStepIsStopped() throws Throwable {
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(jenkins, inEnvironment(Pipelines.job("long", "", "echo begun; sleep 600")));
            jenkins.waitForMessage("[long] begun", run);
            SERVERS.takeClusterAway();
            run.doStop();
        });
        sessions.then(jenkins -> {
            SERVERS.bringClusterBack();
            WorkflowRun run =
                    jenkins.jenkins.getItemByFullName("p", WorkflowJob.class).getLastBuild();
            Awaitility.await().atMost(PATIENCE).until(() -> !run.isBuilding());
            jenkins.assertBuildStatus(hudson.model.Result.ABORTED, jenkins.waitForCompletion(run));
            SERVERS.awaitNothingLeft();
        });
    }

    @Test
    public void betweenStageAndPublish() throws Throwable {
        sessions.then(jenkins -> {
            SERVERS.configure();
            WorkflowRun run = start(
                    jenkins,
                    inEnvironment(Pipelines.job("build", "", "true") + "\nsemaphore 'publish'\n"
                            + "def r = ephemeralPublish()\necho \"${r.stages} stage, ${r.verdict}\""));
            SemaphoreStep.waitForStart("publish/1", run);
        });
        sessions.then(jenkins -> {
            SemaphoreStep.success("publish/1", null);
            WorkflowRun run = finish(jenkins);
            assertThat(JenkinsRule.getLog(run)).contains("1 stage, PASSED");
            SERVERS.awaitNothingLeft();
        });
    }

    private static WorkflowRun start(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "p");
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static WorkflowRun finish(JenkinsRule jenkins) throws Exception {
        WorkflowRun run =
                jenkins.jenkins.getItemByFullName("p", WorkflowJob.class).getLastBuild();
        return jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
    }
}
