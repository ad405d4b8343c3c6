package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.hudson.plugins.folder.computed.DefaultOrphanedItemStrategy;
import hudson.model.Result;
import io.jenkins.plugins.ephemeral.EmbeddedServers;
import io.jenkins.plugins.ephemeral.FolderSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jenkins.branch.BranchSource;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.junit.rules.TemporaryFolder;
import org.jvnet.hudson.test.JenkinsRule;

/** The environment of a branch in a multibranch project lives from build to build, and no longer than the branch. */
public class MultibranchTest {
    private static final String JENKINSFILE =
            """
            pipeline {
              agent none
              options { ephemeralEnvironment(lifetime: 'branch') }
              stages { stage('Use') { steps { echo "in ${env.EPHEMERAL_NAMESPACE}" } } }
            }
            """;

    /** A minute after which the job is looked at, and a namespace's deletion. */
    private static final Duration RUMOUR = Duration.ofMinutes(2);

    private final JenkinsRule jenkins = new JenkinsRule();
    private final EmbeddedServers servers = new EmbeddedServers();
    private final TemporaryFolder folder = new TemporaryFolder();

    @Rule
    public final RuleChain rules = RuleChain.outerRule(folder).around(servers).around(jenkins);

    private FolderSource source;
    private WorkflowMultiBranchProject project;

    @Before
    public void repository() throws Exception {
        servers.configure();
        for (String branch : List.of("main", "PR-7")) {
            Files.writeString(folder.newFolder(branch).toPath().resolve("Jenkinsfile"), JENKINSFILE);
        }
        source = new FolderSource(folder.getRoot().toPath());
        project = jenkins.createProject(WorkflowMultiBranchProject.class, "shop");
        project.getSourcesList().add(new BranchSource(source));
    }

    /** The namespace that the last build of a branch was in. */
    private String namespaceOf(String branch, int builds) throws Exception {
        WorkflowRun run = project.getItem(branch).getLastBuild();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(run.getNumber()).isEqualTo(builds);
        String line = run.getLog(1000).stream()
                .filter(each -> each.startsWith("in "))
                .findFirst()
                .orElseThrow();
        return line.substring("in ".length());
    }

    private void scan() throws Exception {
        project.scheduleBuild2(0).getFuture().get();
        assertThat(project.getIndexing().getResult())
                .as(Files.readString(project.getIndexing().getLogFile().toPath()))
                .isEqualTo(Result.SUCCESS);
        jenkins.waitUntilNoActivity();
    }

    @Test
    public void aPullRequestHasOneUntilItsJobIsDeleted() throws Exception {
        scan();
        String ofMain = namespaceOf("main", 1);
        String ofPullRequest = namespaceOf("PR-7", 1);
        assertThat(ofPullRequest).contains("pr-7");
        assertThat(servers.namespaces()).containsExactlyInAnyOrder(ofMain, ofPullRequest);

        WorkflowJob pullRequest = project.getItem("PR-7");
        jenkins.buildAndAssertSuccess(pullRequest);
        assertThat(namespaceOf("PR-7", 2)).isEqualTo(ofPullRequest);

        Files.delete(Path.of(folder.getRoot().getPath(), "PR-7", "Jenkinsfile"));
        scan();

        assertThat(project.getItem("PR-7")).isNull();
        await().atMost(RUMOUR)
                .untilAsserted(() -> assertThat(servers.namespaces()).containsExactly(ofMain));
        project.delete();
        servers.awaitNothingLeft();
    }

    @Test
    public void aClosedOneWhoseJobIsKeptEndsToo() throws Exception {
        project.setOrphanedItemStrategy(new DefaultOrphanedItemStrategy(true, 10, 10));
        scan();
        String ofMain = namespaceOf("main", 1);
        assertThat(servers.namespaces()).hasSize(2);

        source.close("PR-7");

        await().atMost(RUMOUR)
                .untilAsserted(() -> assertThat(servers.namespaces()).containsExactly(ofMain));
        assertThat(project.getItem("PR-7")).isNotNull();
        assertThat(project.getItem("PR-7").isBuildable()).isFalse();
        project.delete();
        servers.awaitNothingLeft();
    }

    @Test
    public void aBranchThatIsThereAfterAllKeepsIts() throws Exception {
        project.setOrphanedItemStrategy(new DefaultOrphanedItemStrategy(true, 10, 10));
        scan();
        String ofPullRequest = namespaceOf("PR-7", 1);

        source.close("PR-7");
        Files.writeString(folder.newFolder("PR-7").toPath().resolve("Jenkinsfile"), JENKINSFILE);
        scan();

        await().during(Duration.ofSeconds(70)).atMost(RUMOUR).until(() -> servers.namespaces()
                .contains(ofPullRequest));
        project.delete();
        servers.awaitNothingLeft();
    }
}
