package io.jenkins.plugins.ephemeral.pipeline;

import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.apply;
import static io.jenkins.plugins.ephemeral.pipeline.Pipelines.inEnvironment;
import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.EmbeddedServers;
import io.jenkins.plugins.ephemeral.page.EphemeralReportAction;
import java.time.Duration;
import net.sf.json.JSONObject;
import org.awaitility.Awaitility;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.After;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.jvnet.hudson.test.BuildWatcher;
import org.jvnet.hudson.test.JenkinsRule;

/** Each step in a job of a running Jenkins, in the sandbox: what it does, what it returns, how it fails. */
public class StepsTest {
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
    public void environment() throws Exception {
        WorkflowRun run = start(inEnvironment(
                "echo \"in ${env.EPHEMERAL_NAMESPACE} of ${env.EPHEMERAL_CLUSTER}\"\nsemaphore 'environment'"));

        SemaphoreStep.waitForStart("environment/1", run);
        assertThat(SERVERS.namespaces()).singleElement().asString().startsWith("shop-");
        JENKINS.assertLogContains("in " + SERVERS.namespaces().get(0) + " of dev", run);
        SemaphoreStep.success("environment/1", null);

        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));
    }

    @Test
    public void theEnvironmentGoesAlsoWhenItsBodyFails() throws Exception {
        WorkflowRun run = start(inEnvironment("error 'the body failed'"));

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("the body failed", run);
    }

    @Test
    public void anUnknownClusterIsNamedWithThoseThatThereAre() throws Exception {
        WorkflowRun run = start("ephemeralEnvironment(cloud: 'prod') { }");

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("prod", run);
        JENKINS.assertLogContains("dev", run);
        JENKINS.assertLogNotContains("\tat io.jenkins.plugins.ephemeral", run);
    }

    @Test
    public void aParameterThatThereIsNotIsNamed() throws Exception {
        WorkflowRun run = start("ephemeralEnvironment(clowd: 'dev') { }");

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("clowd", run);
    }

    @Test
    public void aValueThatCannotBeReadIsNamed() throws Exception {
        WorkflowRun run = start("ephemeralEnvironment(ttl: '90') { }");

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("ERROR: ttl: \"90\" is not a duration", run);
        JENKINS.assertLogNotContains("\tat ", run);
    }

    @Test
    public void outsideOfAnEnvironmentAStepSaysWhatItNeeds() throws Exception {
        WorkflowRun run = start("ephemeralAgent()");

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("ERROR: ephemeralAgent needs an environment", run);
        JENKINS.assertLogNotContains("\tat ", run);
    }

    @Test
    public void agent() throws Exception {
        WorkflowRun run = start(
                inEnvironment(
                        "def agent = ephemeralAgent()\necho \"agent ${agent.name} of ${agent.controlPlane}\"\nsemaphore 'agent'"));

        SemaphoreStep.waitForStart("agent/1", run);
        assertThat(SERVERS.agents()).hasSize(1);
        JENKINS.assertLogContains("agent " + SERVERS.agents().get(0) + " of team", run);
        SemaphoreStep.success("agent/1", null);

        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));
    }

    @Test
    public void applyFromTheWorkspace() throws Exception {
        WorkflowRun run = start("node {\n"
                + inEnvironment(
                        "ephemeralAgent()\nwriteFile file: 'testkube/a.yaml', text: '''"
                                + Pipelines.REPORTING
                                + "'''\ndef done = ephemeralApply files: 'testkube/*.yaml'\necho \"workflows: ${done.workflows}\"")
                + "}");

        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("workflows: [reporting]", run);
    }

    @Test
    public void aPatternWithoutAMatchSaysWhereItLooked() throws Exception {
        WorkflowRun run = start("node { " + inEnvironment("ephemeralApply files: 'nowhere/*.yaml'") + "}");

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("nothing matches \"nowhere/*.yaml\" in the workspace", run);
        JENKINS.assertLogNotContains("\tat ", run);
    }

    @Test
    public void workflow() throws Exception {
        WorkflowRun run = start(inEnvironment("ephemeralAgent()\n"
                + apply(Pipelines.REPORTING + "---\n" + Pipelines.FAILING)
                + "def runs = ephemeralWorkflow(workflows: ['reporting', 'failing'], failBuild: false)\n"
                + "echo \"${runs.passed} of ${runs.total}, ${runs.failedTests} of ${runs.tests} tests failed\""));

        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("1 of 2, 1 of 3 tests failed", run);
        JENKINS.assertLogContains("not today", run);
    }

    @Test
    public void aWorkflowThatFailsFailsTheBuild() throws Exception {
        WorkflowRun run = start(inEnvironment("ephemeralAgent()\n" + apply(Pipelines.FAILING) + "ephemeralWorkflow()"));

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("1 of 1 workflows did not pass: failing", run);
    }

    @Test
    public void job() throws Exception {
        WorkflowRun run = start(inEnvironment("def plan = "
                + Pipelines.job("plan", "type: 'plan', env: [WHO: \"${1 + 1}\"]", "echo \"planned by $WHO\"; exit 2")
                + "\necho \"${plan.outcome} ${plan.exitCode} ${env.EPHEMERAL_PLAN_OUTCOME}\"\n"
                + Pipelines.job("apply", "type: 'apply', after: 'plan'", "echo applied")));

        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("planned by 2", run);
        JENKINS.assertLogContains("CHANGES 2 CHANGES", run);
        JENKINS.assertLogContains("applied", run);
    }

    @Test
    public void aJobThatFailsFailsTheBuildWithItsExitCode() throws Exception {
        WorkflowRun run = start(inEnvironment(Pipelines.job("broken", "", "exit 7")));

        JENKINS.assertBuildStatus(Result.FAILURE, JENKINS.waitForCompletion(run));
        JENKINS.assertLogContains("Stage broken ended as FAILED (exit code 7)", run);
    }

    @Test
    public void publish() throws Exception {
        int before = SERVERS.reports().size();
        WorkflowRun run = start(inEnvironment(Pipelines.job("build", "", "true")
                + "\ndef report = ephemeralPublish(tags: [team: 'shop'])\necho \"verdict ${report.verdict}\""
                + "\nsemaphore 'publish'"));

        SemaphoreStep.waitForStart("publish/1", run);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> SERVERS.reports().size() > before);
        JENKINS.assertLogContains("verdict PASSED", run);
        SemaphoreStep.success("publish/1", null);
        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));

        JSONObject data = JSONObject.fromObject(page(run, "data"));
        assertThat(data.getJSONArray("tags").toString()).isEqualTo("[\"team=shop\"]");
        assertThat(data.getJSONArray("stages").getJSONObject(0).getString("name"))
                .isEqualTo("build");
        assertThat(run.getAction(EphemeralReportAction.class)).isNotNull();
    }

    @Test
    public void theReportIsThereWithoutAPublishStep() throws Exception {
        WorkflowRun run = start(inEnvironment(Pipelines.job("build", "", "true")));
        JENKINS.assertBuildStatusSuccess(JENKINS.waitForCompletion(run));

        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> JSONObject.fromObject(page(run, "data"))
                .has("finishedAt"));
        assertThat(page(run, "junit")).contains("<testsuite");
        try (JenkinsRule.WebClient web = JENKINS.createWebClient()) {
            web.getOptions().setJavaScriptEnabled(false);
            assertThat(web.getPage(run).asXml()).contains("ephemeral-environments/data");
            assertThat(web.getPage(run, "ephemeral-environments").asXml()).contains("report.js");
        }
    }

    private static String page(WorkflowRun run, String path) throws Exception {
        try (JenkinsRule.WebClient web = JENKINS.createWebClient()) {
            return web.goTo(run.getUrl() + "ephemeral-environments/" + path, null)
                    .getWebResponse()
                    .getContentAsString();
        }
    }

    private static WorkflowRun start(String script) throws Exception {
        WorkflowJob job = JENKINS.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }
}
