package io.jenkins.plugins.ephemeral.pipeline;

import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.apply;
import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.inEnvironment;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.EmbeddedServers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.After;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.jvnet.hudson.test.BuildWatcher;
import org.jvnet.hudson.test.JenkinsRule;

/** Builds that are aborted in the middle of each step end soon, and leave nothing behind. */
public class AbortTest {
    /** A stopped step takes its work back within 20 s though nothing answers. */
    private static final Duration AT_MOST = Duration.ofSeconds(40);

    private static final JenkinsRule JENKINS = new JenkinsRule();
    private static final EmbeddedServers SERVERS = new EmbeddedServers();

    @ClassRule
    public static final RuleChain RULES = RuleChain.outerRule(SERVERS).around(JENKINS);

    @ClassRule
    public static final BuildWatcher CONSOLES = new BuildWatcher();

    @BeforeClass
    public static void configure() throws Exception {
        SERVERS.configure();
    }

    @After
    public void nothingIsLeft() {
        SERVERS.awaitNothingLeft();
    }

    @Test
    public void whileTheEnvironmentIsMade() throws Exception {
        SERVERS.takeClusterAway();
        try {
            WorkflowRun run = start("ephemeralEnvironment { error 'not here' }");
            awaitStep(run, "PROVISIONING");

            abort(run);

            JENKINS.assertLogNotContains("not here", run);
        } finally {
            SERVERS.bringClusterBack();
        }
    }

    @Test
    public void inTheBody() throws Exception {
        WorkflowRun run = start(inEnvironment("semaphore 'body'"));
        SemaphoreStep.waitForStart("body/1", run);
        assertThat(SERVERS.namespaces()).hasSize(1);

        abort(run);
    }

    @Test
    public void whileTheAgentIsNotReady() throws Exception {
        WorkflowRun run = start(inEnvironment("ephemeralAgent(image: 'registry.invalid/does-not-exist:1')"));
        Awaitility.await().atMost(AT_MOST).until(() -> !SERVERS.agents().isEmpty());

        abort(run);
    }

    @Test
    public void whileResourcesAreApplied() throws Exception {
        WorkflowRun run = start(inEnvironment("ephemeralAgent()\nsemaphore 'apply'\n" + apply(Pipelines.REPORTING)));
        SemaphoreStep.waitForStart("apply/1", run);
        SERVERS.takeClusterAway();
        try {
            SemaphoreStep.success("apply/1", null);
            awaitStep(run, "ApplyStep");

            abort(run);
        } finally {
            SERVERS.bringClusterBack();
        }
    }

    @Test
    public void whileAWorkflowRuns() throws Exception {
        WorkflowRun run = start(inEnvironment(
                "ephemeralAgent()\n" + apply(Pipelines.waiting("/nowhere/gate")) + "ephemeralWorkflow()"));
        JENKINS.waitForMessage("waiting for the gate", run);

        abort(run);

        assertThat(SERVERS.executions().getJSONObject(0).getJSONObject("result").getString("status"))
                .isIn("aborted", "canceled");
    }

    @Test
    public void whileAJobRuns() throws Exception {
        WorkflowRun run = start(inEnvironment(Pipelines.job("long", "", "echo begun; sleep 600")));
        JENKINS.waitForMessage("[long] begun", run);

        abort(run);
    }

    @Test
    public void whileAJobRunsAndTheClusterIsAway() throws Exception {
        WorkflowRun run = start(inEnvironment(Pipelines.job("long", "", "echo begun; sleep 600")));
        JENKINS.waitForMessage("[long] begun", run);
        SERVERS.takeClusterAway();
        try {
            abort(run);
        } finally {
            SERVERS.bringClusterBack();
        }
    }

    private static void abort(WorkflowRun run) throws Exception {
        run.doStop();
        Awaitility.await("the aborted build ends").atMost(AT_MOST).until(() -> !run.isBuilding());
        JENKINS.assertBuildStatus(Result.ABORTED, JENKINS.waitForCompletion(run));
    }

    /** Waits until a step of ours is under way whose class or status contains the text. */
    private static void awaitStep(WorkflowRun run, String text) {
        Awaitility.await(text).atMost(AT_MOST).until(() -> {
            if (run.getExecution() == null) {
                return false;
            }
            for (StepExecution step :
                    run.getExecution().getCurrentExecutions(false).get(10, TimeUnit.SECONDS)) {
                String status = step.getClass().getName() + " " + step.getStatus();
                if (status.startsWith("io.jenkins.plugins.ephemeral")
                        && status.toUpperCase(java.util.Locale.ROOT)
                                .contains(text.toUpperCase(java.util.Locale.ROOT))) {
                    return true;
                }
            }
            return false;
        });
    }

    private static WorkflowRun start(String script) throws Exception {
        WorkflowJob job = JENKINS.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }
}
