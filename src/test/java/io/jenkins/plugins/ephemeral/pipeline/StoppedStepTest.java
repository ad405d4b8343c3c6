package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.Extension;
import hudson.model.Result;
import hudson.model.TaskListener;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineRun;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.Reconciler;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.kohsuke.stapler.DataBoundConstructor;

/** A step that is stopped while a turn makes something takes it back afterwards, not before. */
public class StoppedStepTest {
    private static final List<String> EVENTS = new CopyOnWriteArrayList<>();
    private static volatile CountDownLatch making;
    private static volatile CountDownLatch answer;

    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    @Test
    public void whatATurnMakesWhileTheStepIsStoppedIsTakenBackAfterIt() throws Exception {
        EVENTS.clear();
        making = new CountDownLatch(1);
        answer = new CountDownLatch(1);
        try (PipelineBench bench = new PipelineBench(directory.getRoot().toPath())) {
            PipelineRun run = bench.run("makeSlowly()");
            assertThat(making.await(30, TimeUnit.SECONDS)).isTrue();
            run.abort();
            Thread.sleep(500); // a retreat that did not wait would have come by now
            assertThat(EVENTS).isEmpty();
            answer.countDown();
            assertThat(run.await()).isEqualTo(Result.ABORTED);
            assertThat(EVENTS).containsExactly("made", "taken back");
        }
    }

    /** Makes something in one long turn. */
    public static final class MakeSlowly extends Step {
        /** Without parameters. */
        @DataBoundConstructor
        public MakeSlowly() {}

        @Override
        public StepExecution start(StepContext context) {
            return new Execution(context);
        }

        /** Of the step. */
        @Extension
        public static final class DescriptorImpl extends StepDescriptor {
            @Override
            public String getFunctionName() {
                return "makeSlowly";
            }

            @Override
            public Set<? extends Class<?>> getRequiredContext() {
                return Set.of(TaskListener.class);
            }
        }
    }

    private static final class Execution extends EngineStepExecution<String> {
        private static final long serialVersionUID = 1L;

        Execution(StepContext context) {
            super(context);
        }

        @Override
        Reconciler<String> undertake(Surroundings surroundings) {
            return turn(() -> {
                making.countDown();
                answer.await();
                EVENTS.add("made");
            });
        }

        @Override
        Object result(String result, Surroundings surroundings) {
            return result;
        }

        @Override
        Reconciler<?> retreat(Surroundings surroundings) {
            return turn(() -> EVENTS.add("taken back"));
        }

        private static Reconciler<String> turn(Work work) {
            return new Reconciler<>() {
                @Override
                public Progress<String> reconcile() throws InterruptedException {
                    work.run();
                    return Progress.done("done");
                }

                @Override
                public String status() {
                    return "making";
                }
            };
        }
    }

    private interface Work {
        void run() throws InterruptedException;
    }
}
