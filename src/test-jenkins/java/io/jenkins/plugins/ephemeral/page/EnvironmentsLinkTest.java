package io.jenkins.plugins.ephemeral.page;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Item;
import io.jenkins.plugins.ephemeral.EmbeddedServers;
import java.net.URL;
import java.time.Duration;
import jenkins.model.Jenkins;
import org.awaitility.Awaitility;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.Before;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** The page of all environments: who sees it, who may act on it, and by which method. */
public class EnvironmentsLinkTest {
    private static final String PAGE = "manage/ephemeral-environments/";

    @ClassRule
    public static final EmbeddedServers SERVERS = new EmbeddedServers();

    @Rule
    public final JenkinsRule jenkins = new JenkinsRule();

    @Before
    public void people() {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ, Item.READ)
                .everywhere()
                .to("developer"));
    }

    @Test
    public void anAdministratorSeesAnEnvironmentAndEndsIt() throws Exception {
        SERVERS.configure();
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "shop");
        job.setDefinition(new CpsFlowDefinition(
                "ephemeralEnvironment(namePrefix: 'shop', ttl: '1h') { echo 'in the body'\nsleep 600 }", true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("in the body", run);
        String name = SERVERS.namespaces().get(0);

        JenkinsRule.WebClient admin = client("admin");
        assertThat(admin.goTo(PAGE).asNormalizedText()).contains(name, "dev", "READY", "shop #1", "Release now");
        assertThat(status(admin, HttpMethod.GET, "release?name=" + name)).isEqualTo(405);
        assertThat(status(admin, HttpMethod.POST, "forget?name=" + name))
                .as("one in use is not forgotten")
                .isEqualTo(409);
        assertThat(status(client("developer"), HttpMethod.POST, "release?name=" + name))
                .isEqualTo(403);
        assertThat(SERVERS.namespaces()).containsExactly(name);

        assertThat(status(admin, HttpMethod.POST, "release?name=" + name)).isEqualTo(200);
        SERVERS.awaitNothingLeft();
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        admin.goTo(PAGE).asNormalizedText())
                .contains("There is no environment"));
        run.doStop();
        jenkins.waitForCompletion(run);
    }

    @Test
    public void whoMayNotReadTheSystemDoesNotSeeThePage() throws Exception {
        assertThat(status(client("developer"), HttpMethod.GET, "")).isEqualTo(403);
    }

    private JenkinsRule.WebClient client(String user) throws Exception {
        return jenkins.createWebClient()
                .withThrowExceptionOnFailingStatusCode(false)
                .login(user);
    }

    private int status(JenkinsRule.WebClient client, HttpMethod method, String action) throws Exception {
        URL url = new URL(jenkins.getURL(), PAGE + action);
        WebRequest request = new WebRequest(url, method);
        if (method == HttpMethod.POST) {
            client.addCrumb(request);
        }
        return client.getPage(request).getWebResponse().getStatusCode();
    }
}
