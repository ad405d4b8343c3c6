package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.ephemeral.EmbeddedServers;
import io.jenkins.plugins.ephemeral.FolderScm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.After;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.junit.rules.TemporaryFolder;
import org.jvnet.hudson.test.BuildWatcher;
import org.jvnet.hudson.test.JenkinsRule;

/** Declarative Pipelines: the environment in {@code options}, and the example of the README from an SCM. */
public class DeclarativeTest {
    private static final JenkinsRule JENKINS = new JenkinsRule();
    private static final EmbeddedServers SERVERS = new EmbeddedServers();

    @ClassRule
    public static final RuleChain RULES = RuleChain.outerRule(SERVERS).around(JENKINS);

    @ClassRule
    public static final BuildWatcher CONSOLES = new BuildWatcher();

    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @BeforeClass
    public static void configure() throws Exception {
        SERVERS.configure();
    }

    @After
    public void nothingIsLeft() {
        SERVERS.awaitNothingLeft();
    }

    @Test
    public void theEnvironmentIsAroundAllStagesAndTheirPost() throws Exception {
        WorkflowRun run = run(
                """
                pipeline {
                  agent none
                  options {
                    ephemeralEnvironment(namePrefix: 'shop', quota: [pods: 5])
                  }
                  stages {
                    stage('One') {
                      steps {
                        echo "one in ${env.EPHEMERAL_NAMESPACE}"
                      }
                    }
                    stage('Two') {
                      steps {
                        ephemeralJob name: 'two', image: 'busybox:1.35', command: ['sh', '-c', 'echo "two"']
                      }
                    }
                  }
                  post {
                    always {
                      echo "post in ${env.EPHEMERAL_NAMESPACE}, ${env.EPHEMERAL_TWO_OUTCOME}"
                    }
                  }
                }
                """);

        JENKINS.assertBuildStatusSuccess(run);
        JENKINS.assertLogContains("one in shop-", run);
        JENKINS.assertLogContains("[two] two", run);
        assertThat(JenkinsRule.getLog(run)).containsPattern("post in shop-\\S+, SUCCEEDED");
    }

    @Test
    public void aStageMayHaveItsOwn() throws Exception {
        WorkflowRun run = run(
                """
                pipeline {
                  agent none
                  stages {
                    stage('Without') {
                      steps {
                        echo "without: ${env.EPHEMERAL_NAMESPACE}"
                      }
                    }
                    stage('With') {
                      options {
                        ephemeralEnvironment(cloud: 'dev', ttl: '30m')
                      }
                      steps {
                        echo "with: ${env.EPHEMERAL_CLUSTER}"
                      }
                    }
                  }
                }
                """);

        JENKINS.assertBuildStatusSuccess(run);
        JENKINS.assertLogContains("without: null", run);
        JENKINS.assertLogContains("with: dev", run);
    }

    @Test
    public void aMisspeltOptionIsRefusedBeforeAnythingRuns() throws Exception {
        WorkflowRun run = run(
                """
                pipeline {
                  agent none
                  options {
                    ephemeralEnvironment(namePrefx: 'shop')
                  }
                  stages {
                    stage('One') {
                      steps {
                        echo 'ran'
                      }
                    }
                  }
                }
                """);

        JENKINS.assertBuildStatus(Result.FAILURE, run);
        JENKINS.assertLogContains("Invalid parameter \"namePrefx\", did you mean \"namePrefix\"?", run);
        JENKINS.assertLogNotContains("ran\n", run);
    }

    @Test
    public void theExample() throws Exception {
        Path repository = folder.newFolder("repository").toPath();
        copy(Path.of("examples"), repository);
        WorkflowJob job = JENKINS.createProject(WorkflowJob.class);
        CpsScmFlowDefinition definition = new CpsScmFlowDefinition(new FolderScm(repository), "Jenkinsfile");
        definition.setLightweight(true);
        job.setDefinition(definition);

        for (int build = 1; build <= 2; build++) {
            WorkflowRun run = JENKINS.waitForCompletion(job.scheduleBuild2(0).waitForStart());

            JENKINS.assertBuildStatus(Result.UNSTABLE, run);
            JENKINS.assertLogContains("1 of 14 API tests failed", run);
            JENKINS.assertLogContains("[apply] Apply complete: 3 added", run);
            JENKINS.assertLogNotContains("tkcapi_", run);
        }
    }

    private static WorkflowRun run(String script) throws Exception {
        WorkflowJob job = JENKINS.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return JENKINS.waitForCompletion(job.scheduleBuild2(0).waitForStart());
    }

    private static void copy(Path from, Path to) throws Exception {
        List<Path> files;
        try (var found = Files.walk(from)) {
            files = found.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
