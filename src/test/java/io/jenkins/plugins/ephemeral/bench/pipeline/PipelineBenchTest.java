package io.jenkins.plugins.ephemeral.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.Result;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class PipelineBenchTest {
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

    private PipelineRun ends(Result result, String jenkinsfile) throws IOException {
        PipelineRun run = bench.run(jenkinsfile);
        assertThat(run.await()).as(run.console()).isEqualTo(result);
        assertThat(run.console()).endsWith("Finished: " + result + "\n");
        return run;
    }

    @Test
    public void consoleReadsAsInJenkins() throws Exception {
        PipelineRun run = ends(Result.SUCCESS, "node { stage('Build') { echo 'hello' } }");
        assertThat(run.console().replaceAll("Running on Jenkins in .*", "Running on Jenkins"))
                .isEqualTo(
                        """
                        Started by user admin
                        [Pipeline] Start of Pipeline
                        [Pipeline] node
                        Running on Jenkins
                        [Pipeline] {
                        [Pipeline] stage
                        [Pipeline] { (Build)
                        [Pipeline] echo
                        hello
                        [Pipeline] }
                        [Pipeline] // stage
                        [Pipeline] }
                        [Pipeline] // node
                        [Pipeline] End of Pipeline
                        Finished: SUCCESS
                        """);
    }

    @Test
    public void shellAndVariables() throws Exception {
        BenchJob job = bench.jenkins()
                .createJob(
                        "shell",
                        """
                        node {
                          echo "status ${sh(script: 'exit 3', returnStatus: true)}"
                          echo "output ${sh(script: 'echo $((6*7))', returnStdout: true).trim()}"
                          env.OWN = 'mine'
                          withEnv(['TWO=2', "THREE=${1 + 2}", 'ALL=$TWO-$OWN']) {
                            dir('sub') { sh 'echo "see $TWO $THREE $OWN $ALL in $(basename $PWD)"' }
                            echo "also ${env.TWO} ${TWO} ${env.ALL} and ${env.NOWHERE}"
                          }
                          echo "parameter ${params.WHO}, number ${currentBuild.number}, job ${env.JOB_NAME}"
                          try { sh 'exit 4' } catch (e) { echo "caught ${e.message}" } finally { echo 'finally' }
                        }
                        """);
        PipelineRun run = bench.run(job, Map.of("WHO", "me"));
        assertThat(run.await()).as(run.console()).isEqualTo(Result.SUCCESS);
        assertThat(run.console())
                .contains(
                        "status 3",
                        "output 42",
                        "see 2 3 mine 2-mine in sub",
                        "also 2 2 2-mine and null",
                        "parameter me, number 1, job shell",
                        "caught script returned exit code 4",
                        "finally");
    }

    @Test
    public void resultsFollowTheKindOfFailure() throws Exception {
        assertThat(ends(Result.FAILURE, "error 'not like this'").console()).contains("ERROR: not like this");
        assertThat(ends(Result.FAILURE, "throw new IllegalStateException('a bug')")
                        .console())
                .contains("java.lang.IllegalStateException: a bug");
        assertThat(ends(Result.UNSTABLE, "unstable 'not quite'; echo \"so ${currentBuild.currentResult}\"")
                        .console())
                .contains("WARNING: not quite", "so UNSTABLE");
        assertThat(ends(Result.UNSTABLE, "catchError(buildResult: 'UNSTABLE') { error 'minor' }; echo 'on'")
                        .console())
                .contains("ERROR: minor", "on");
        assertThat(ends(Result.FAILURE, "currentBuild.result = 'FAILURE'; currentBuild.result = 'SUCCESS'")
                        .console())
                .doesNotContain("ERROR");
        assertThat(ends(Result.FAILURE, "node {").console()).contains("WorkflowScript: 1:");
    }

    @Test
    public void timeoutAbortsWhatIsInside() throws Exception {
        PipelineRun run =
                ends(Result.ABORTED, "timeout(time: 300, unit: 'MILLISECONDS') { waitFor 'never' }; echo 'unreached'");
        assertThat(run.console())
                .contains(
                        "Cancelling nested steps due to timeout",
                        "stopped waiting for never",
                        "Timeout has been exceeded")
                .doesNotContain("unreached");
    }

    @Test
    public void sleepAndInput() throws Exception {
        bench.jenkins().setInputAnswer(null);
        PipelineRun run = bench.run(
                "sleep time: 1, unit: 'MILLISECONDS'; node { sleep 1; println 'up' }; input 'Really?'; echo 'really'");
        run.waitForMessage("Proceed or Abort");
        bench.jenkins().setInputAnswer(true);
        assertThat(run.await()).isEqualTo(Result.SUCCESS);
        assertThat(run.console())
                .containsSubsequence(
                        "Sleeping for 1 milliseconds",
                        "Sleeping for 1 seconds",
                        "\nup\n",
                        "Really?",
                        "Approved by admin",
                        "really");
        bench.jenkins().setInputAnswer(false);
        assertThat(ends(Result.ABORTED, "input 'Really?'").console()).contains("Rejected by admin");
    }

    @Test
    public void filesOfTheRevision() throws Exception {
        File revision = directory.newFolder("revision", "deploy").getParentFile();
        Files.writeString(new File(revision, "deploy/a.yaml").toPath(), "kind: A");
        BenchJob job = bench.jenkins().createJob("scm", "echo readTrusted('deploy/a.yaml')\nreadTrusted 'b'");
        job.setRevision(revision);
        PipelineRun run = bench.run(job, Map.of());
        assertThat(run.await()).isEqualTo(Result.FAILURE);
        assertThat(run.console()).contains("kind: A", "ERROR: file not found: b");
        job.setJenkinsfile("node { checkout scm; sh 'cat deploy/*.yaml' }");
        assertThat(bench.run(job, Map.of()).await()).isEqualTo(Result.SUCCESS);
    }

    @Test
    public void parallelBranches() throws Exception {
        PipelineRun run = bench.run(
                """
                def got = parallel(a: { waitFor 'a' }, b: { waitFor 'b'; 'bee' })
                echo "branches ${got.a} and ${got.b}"
                """);
        run.waitForMessage("waiting for a").waitForMessage("waiting for b");
        TestSteps.SIGNALS.add("b");
        TestSteps.SIGNALS.add("a");
        assertThat(run.await()).isEqualTo(Result.SUCCESS);
        assertThat(run.console()).contains("{ (Branch: a)", "{ (Branch: b)", "branches got a and bee");
    }

    @Test
    public void failFastStopsTheOtherBranches() throws Exception {
        PipelineRun run = ends(
                Result.FAILURE, "parallel(failFast: true, a: { within('x') { waitFor 'never' } }, b: { error 'no' })");
        assertThat(run.console())
                .contains("stopped waiting for never", "leaving x", "Failed in branch a", "Failed in branch b")
                .contains("ERROR: no");
    }

    @Test
    public void blocksProvideContextAndEndWithATailCall() throws Exception {
        PipelineRun run = ends(Result.SUCCESS, "within('here') { within('there') { echo \"at ${whereAmI()}\" } }");
        assertThat(run.console()).containsSubsequence("at there/there", "leaving there", "leaving here");
        assertThat(ends(Result.FAILURE, "whereAmI()").console())
                .contains(
                        "Required context class " + TestSteps.Place.class.getName() + " is missing",
                        "Perhaps you forgot to surround the whereAmI step with a step that provides this, such as: within");
    }

    @Test
    public void parametersAreCoercedAsInJenkins() throws Exception {
        assertThat(ends(
                                Result.SUCCESS,
                                """
                                def n = 3
                                show text: "n is $n", count: n, size: n, flag: true, names: ['a', "b$n"], mode: 'SLOW',
                                     labels: [s: 's', g: "$n", i: n], shape: circle(n), shapes: [circle(radius: 1)]
                                show 'alone'
                                show text: 'by class', shape: [$class: 'Circle', radius: 9]
                                show text: 'unknown', colour: 'red'
                                """)
                        .console())
                .contains(
                        "text=n is 3",
                        " count=3",
                        " size=3",
                        " flag=true",
                        " name=a name=b3",
                        " mode=1",
                        " s=String g=String i=Integer",
                        " shape=circle of 3",
                        " shapes=[circle of 1]",
                        "text=alone\n",
                        "text=by class shape=circle of 9",
                        "WARNING: Unknown parameter(s) found for class type '" + TestSteps.Show.class.getName()
                                + "': colour");
        assertThat(ends(Result.FAILURE, "show text: 'x', names: 'a,b'").console())
                .contains("Could not instantiate {text=x, names=a,b} for " + TestSteps.Show.class.getName())
                .contains(".names expects java.util.List<java.lang.String> but received class java.lang.String");
        assertThat(ends(Result.FAILURE, "show text: 'x', count: '5'").console())
                .contains(".count expects int but received class java.lang.String");
        assertThat(ends(Result.FAILURE, "show 'x', 'y'").console()).contains("Expected named arguments but got [x, y]");
        assertThat(ends(Result.FAILURE, "within 'nobody'").console())
                .contains("within step must be called with a body");
        assertThat(ends(Result.FAILURE, "noSuchStep()").console()).contains("No such DSL method 'noSuchStep' found");
    }

    @Test
    public void abortStopsTheInnermostStep() throws Exception {
        PipelineRun run = bench.run("node { within('x') { waitFor 'never' } }").waitForMessage("waiting for never");
        assertThat(run.abort().await()).isEqualTo(Result.ABORTED);
        assertThat(run.console())
                .containsSubsequence("stopped waiting for never", "leaving x", "Aborted by alice", "Finished: ABORTED");
    }

    @Test
    public void abortEndsAShellAndItsChildren() throws Exception {
        PipelineRun run = bench.run("node { sh 'echo up; sleep 300' }").waitForMessage("\nup\n");
        assertThat(run.abort().await()).isEqualTo(Result.ABORTED);
        assertThat(run.console()).contains("Sending interrupt signal to process");
    }

    @Test
    public void goesOnInTheMiddleOfALoopAfterAKill() throws Exception {
        PipelineRun run = bench.run(
                """
                def seen = []
                node {
                  for (x in ['a', 'b', 'c']) {
                    for (i in 1..2) {
                      for (e in [k: 'v']) {
                        seen << "$x$i${e.value}"
                        sh "echo run $x$i; sleep 0.3"
                      }
                    }
                  }
                }
                echo "seen: ${seen.join(',')}"
                """);
        run.waitForMessage("\nrun b1").kill().resume();
        assertThat(run.await()).as(run.console()).isEqualTo(Result.SUCCESS);
        assertThat(run.console()).contains("seen: a1v,a2v,b1v,b2v,c1v,c2v").containsOnlyOnce("\nrun b1\n");
    }

    @Test
    public void goesOnInsideABlockAndParallelAfterAKill() throws Exception {
        PipelineRun run = bench.run(
                """
                env.SET = 'before'
                within('x') {
                  parallel(a: { waitFor 'a'; echo "a at ${whereAmI()}" }, b: { waitFor 'b'; echo "b sees ${env.SET}" })
                }
                ['p', 'q'].each { waitFor it }
                echo 'all done'
                """);
        run.waitForMessage("waiting for a").waitForMessage("waiting for b");
        TestSteps.SIGNALS.add("b");
        run.waitForMessage("b sees before").kill();
        StepContext deaf = TestSteps.CONTEXTS.get("a");
        run.resume().waitForMessage("waiting again for a").waitForMessage("still within x");
        assertThat(run.console()).doesNotContain("waiting again for b");
        assertThat(run.build().getAction(TestSteps.PlaceAction.class).where()).isEqualTo("x of 1");
        deaf.onSuccess("from another life");
        assertThatThrownBy(() -> deaf.get(hudson.model.Run.class)).hasMessageContaining("is gone");
        TestSteps.SIGNALS.add("a");
        run.waitForMessage("waiting for p").restart().waitForMessage("waiting again for p");
        TestSteps.SIGNALS.add("p");
        TestSteps.SIGNALS.add("q");
        assertThat(run.await()).as(run.console()).isEqualTo(Result.SUCCESS);
        assertThat(run.console())
                .contains("a at x/x")
                .containsOnlyOnce("leaving x")
                .contains("all done");
    }

    @Test
    public void abortAndTimeoutWorkAfterAKill() throws Exception {
        PipelineRun aborted = bench.run("within('x') { waitFor 'never' }").waitForMessage("waiting for never");
        PipelineRun late = bench.run("timeout(time: 2, unit: 'SECONDS') { waitFor 'never' }");
        late.waitForMessage("waiting for never").kill().resume();
        BenchJob job = bench.jenkins().getItemByFullName("job-1", BenchJob.class);
        job.getLastBuild().stop("alice");
        assertThat(late.await()).isEqualTo(Result.ABORTED);
        assertThat(late.console()).contains("Cancelling nested steps due to timeout");
        org.awaitility.Awaitility.await().until(() -> aborted.console().contains("Finished: "));
        assertThat(aborted.console()).containsSubsequence("still within x", "leaving x", "Aborted by alice");
    }

    @Test
    public void initialisersAndTerminatorsAreRun() throws Exception {
        assertThat(TestSteps.LIFE).endsWith("started");
        bench.kill();
        assertThat(TestSteps.LIFE).endsWith("started", "stopped");
        bench.start();
        bench.restart();
        assertThat(TestSteps.LIFE).endsWith("stopped", "started", "stopped", "started");
    }

    @Test
    public void finishedBuildsAreReadBack() throws Exception {
        PipelineRun run = ends(Result.UNSTABLE, "within('x') { unstable 'so' }");
        bench.jenkins().clouds.add(new KubernetesCloud("cloud"));
        run.restart();
        assertThat(bench.jenkins().getCloud("cloud")).isNotNull();
        assertThat(run.build().getResult()).isEqualTo(Result.UNSTABLE);
        assertThat(run.build().getAction(TestSteps.PlaceAction.class).where()).isEqualTo("x of 1");
        BenchJob job = run.build().getParent();
        assertThat(bench.run(job, Map.of()).build().getNumber()).isEqualTo(2);
    }

    @Test
    public void whatCannotBeSavedIsNamedWithTheWayToIt() throws Exception {
        assertThat(ends(Result.FAILURE, "keepOptional()").console())
                .contains("This program cannot be saved: java.io.NotSerializableException: java.util.Optional")
                .containsSubsequence("in field", "KeepOptional$Execution.secret", "ProgramThread.step");
    }

    @Test
    public void savedStateOfAStepIsMeasured() throws Exception {
        PipelineRun run = bench.run("within('x') { waitFor 'never' }").waitForMessage("waiting for never");
        assertThat(run.build().savedBytes()).containsOnlyKeys("within", "waitFor");
        assertThat(run.build().savedBytes().get("waitFor")).isBetween(50, 400);
        run.abort().await();
    }
}
