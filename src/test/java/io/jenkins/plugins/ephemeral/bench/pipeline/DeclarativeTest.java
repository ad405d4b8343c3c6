package io.jenkins.plugins.ephemeral.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class DeclarativeTest {
    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    private PipelineBench bench;

    @Before
    public void startJenkins() throws Exception {
        TestSteps.SIGNALS.clear();
        bench = new PipelineBench(directory.getRoot().toPath());
    }

    @After
    public void stopJenkins() throws Exception {
        bench.close();
    }

    private String ends(Result result, String jenkinsfile) throws IOException {
        PipelineRun run = bench.run(jenkinsfile);
        assertThat(run.await()).as(run.console()).isEqualTo(result);
        return run.console();
    }

    private String stages(String text) {
        return "pipeline {\n  agent none\n  stages {\n" + text + "\n  }\n}\n";
    }

    @Test
    public void directivesComeInJenkinsOrder() throws Exception {
        String console = ends(
                Result.SUCCESS,
                """
                pipeline {
                  agent any
                  environment { A = 'one'; B = "${A}-two"; C = "${env.B}-three" }
                  options { timeout(time: 1, unit: 'HOURS'); disableConcurrentBuilds() }
                  stages {
                    stage('First') {
                      options { timeout(time: 10) }
                      input { message 'Go?' }
                      agent { label 'small' }
                      when { expression { echo 'deciding'; env.A == 'one' } }
                      environment { D = "${C}-four" }
                      steps { sh 'echo D is $D' }
                      post { always { echo 'stage post' } }
                    }
                    stage('Not') {
                      when { environment name: 'A', value: 'other' }
                      steps { echo 'never' }
                    }
                  }
                  post {
                    success { echo 'root post' }
                    failure { echo 'never' }
                  }
                }
                """);
        assertThat(console)
                .containsSubsequence(
                        "[Pipeline] node",
                        "[Pipeline] withEnv",
                        "[Pipeline] timeout",
                        "{ (First)",
                        "[Pipeline] timeout",
                        "Go?",
                        "Running on small",
                        "deciding",
                        "[Pipeline] withEnv",
                        "D is one-two-three-four",
                        "Post stage",
                        "stage post",
                        "{ (Not)",
                        "Stage \"Not\" skipped due to when conditional",
                        "{ (Declarative: Post Actions)",
                        "root post",
                        "// timeout",
                        "// withEnv",
                        "// node")
                .doesNotContain("never");
    }

    @Test
    public void whenMayComeEarlier() throws Exception {
        String console = ends(
                Result.SUCCESS,
                stages(
                        """
                        stage('A') {
                          when { beforeInput true; not { equals expected: 1, actual: 1 } }
                          input 'never asked'
                          steps { echo 'never' }
                        }
                        stage('B') {
                          when { beforeOptions true; anyOf { branch 'main'; expression { false } } }
                          options { timeout(1) }
                          steps { echo 'never' }
                        }
                        stage('C') {
                          when { beforeAgent true; allOf { expression { true }; expression { false } } }
                          agent any
                          steps { echo 'never' }
                        }
                        """));
        assertThat(console)
                .containsSubsequence(
                        "\"A\" skipped due to when", "\"B\" skipped due to when", "\"C\" skipped due to when")
                .doesNotContain("never", "[Pipeline] input", "[Pipeline] timeout", "[Pipeline] node");
    }

    @Test
    public void afterAFailureStagesAreSkippedAndPostRunsInside() throws Exception {
        String console = ends(
                Result.FAILURE,
                """
                pipeline {
                  agent none
                  options { within('x') }
                  stages {
                    stage('Bad') {
                      steps { error 'bad' }
                      post {
                        always { echo 'cleaned' }
                        success { echo 'never' }
                      }
                    }
                    stage('Next') { steps { echo 'never' } }
                  }
                  post {
                    cleanup { echo "cleanup at ${whereAmI()}" }
                    failure { echo "failed with ${currentBuild.currentResult}" }
                    unsuccessful { error 'post is wrong too' }
                  }
                }
                """);
        assertThat(console)
                .containsSubsequence(
                        "cleaned",
                        "Stage \"Next\" skipped due to earlier failure(s)",
                        "failed with FAILURE",
                        "Error when executing unsuccessful post condition:",
                        "cleanup at x/x",
                        "leaving x",
                        "ERROR: bad")
                .doesNotContain("never");
    }

    @Test
    public void postRunsOutsideOnlyWhenAWrapperFailed() throws Exception {
        String console = ends(
                Result.FAILURE,
                """
                pipeline {
                  agent none
                  options { within(place: 'x', [:]) }
                  stages { stage('A') { steps { echo 'never' } } }
                  post { always { echo 'post anyway' } }
                }
                """);
        assertThat(console).contains("post anyway").doesNotContain("never");
    }

    @Test
    public void nestedAndParallelStages() throws Exception {
        // aborted, not failed: the branches that failFast stops count as well, in Jenkins too
        String console = ends(
                Result.ABORTED,
                stages(
                        """
                        stage('Outer') {
                          environment { LEVEL = 'outer' }
                          stages {
                            stage('Inner') { steps { echo "inner sees ${env.LEVEL}" } }
                          }
                          post { always { echo 'outer post' } }
                        }
                        stage('Side by side') {
                          failFast true
                          parallel {
                            stage('Left') { steps { waitFor 'never' } }
                            stage('Right') {
                              stages {
                                stage('R1') { steps { error 'right' } }
                                stage('R2') { steps { echo 'unreached' } }
                              }
                            }
                          }
                          post { aborted { echo 'parallel post' } }
                        }
                        """));
        assertThat(console)
                .containsSubsequence("inner sees outer", "outer post", "{ (Branch: Left)", "stopped waiting for never")
                .containsSubsequence("R2\" skipped due to earlier failure(s)", "parallel post", "ERROR: right")
                .doesNotContain("unreached");
    }

    @Test
    public void goesOnAfterAKillAndHearsAnAbort() throws Exception {
        PipelineRun run = bench.run(
                """
                pipeline {
                  agent none
                  stages {
                    stage('A') { steps { script { def x = waitFor('a'); echo "a: $x" } } }
                    stage('B') { steps { waitFor 'b' } }
                  }
                  post { aborted { echo "aborted post" } }
                }
                """);
        run.waitForMessage("waiting for a").kill().resume().waitForMessage("waiting again for a");
        TestSteps.SIGNALS.add("a");
        run.waitForMessage("a: got a").waitForMessage("waiting for b").abort();
        assertThat(run.await()).isEqualTo(Result.ABORTED);
        assertThat(run.console()).containsSubsequence("stopped waiting for b", "aborted post", "Aborted by alice");
    }

    @Test
    public void checksOutAndTakesParameters() throws Exception {
        File revision = directory.newFolder("revision");
        Files.writeString(new File(revision, "hello.txt").toPath(), "hello from scm");
        BenchJob job = bench.jenkins()
                .createJob(
                        "scm",
                        """
                        pipeline {
                          agent any
                          parameters { string(name: 'WHO', defaultValue: 'nobody') }
                          stages { stage('A') { steps { sh 'cat hello.txt'; echo "for ${params.WHO}" } } }
                        }
                        """);
        job.setRevision(revision);
        PipelineRun run = bench.run(job, Map.of());
        assertThat(run.await()).as(run.console()).isEqualTo(Result.SUCCESS);
        assertThat(run.console()).containsSubsequence("{ (Declarative: Checkout SCM)", "hello from scm", "for nobody");
    }

    @Test
    public void whatIsWrongIsSaidWithItsLine() throws Exception {
        assertThat(ends(Result.FAILURE, "pipeline {\n  agent none\n  colour 'red'\n  stages { }\n}"))
                .contains("WorkflowScript: 3: Undefined section \"colour\" @ line 3, column 3.");
        assertThat(ends(Result.FAILURE, "pipeline {\n  agent none\n}"))
                .contains("Missing required section \"stages\" @ line 1");
        assertThat(ends(Result.FAILURE, "pipeline {\n agent none\n options {\n  sh 'x'\n }\n stages { }\n}"))
                .contains("Invalid option type \"sh\" @ line 4");
        assertThat(ends(Result.FAILURE, stages("stage('A') {\n sh 'x'\n}")))
                .contains("Unknown stage section \"sh\"", "@ line 5")
                .contains("Expected one of \"steps\", \"stages\", or \"parallel\" for stage A");
        assertThat(ends(Result.FAILURE, stages("stage('A') { steps {\n show text: 'x', colour: 'red'\n} }")))
                .contains("Invalid parameter \"colour\", did you mean one of [count, ", "@ line 5");
        assertThat(ends(Result.FAILURE, stages("stage('A') { steps {\n def x = 1\n} }")))
                .contains("Expected a step @ line 5");
        assertThat(ends(Result.FAILURE, stages("stage('A') { steps { echo 'x' }; post { soon { echo 'x' } } }")))
                .contains("Invalid condition \"soon\" - valid conditions are [always, changed,");
    }
}
