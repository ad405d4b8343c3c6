package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.model.Queue;
import hudson.model.Run;
import hudson.model.TopLevelItem;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.environment.Builds;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import jenkins.model.Jenkins;
import jenkins.model.ParameterizedJobMixIn;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What is believed of builds and jobs: on this hangs whether an environment is taken from them. */
public class JenkinsBuildsTest {
    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    private final Builds builds = new JenkinsBuilds();
    private PipelineBench bench;
    private KnownJob job;

    @Before
    public void startJenkins() throws Exception {
        bench = new PipelineBench(directory.getRoot().toPath());
        job = new KnownJob(bench.jenkins(), "web");
        bench.jenkins().putItem(job);
    }

    @After
    public void stop() throws Exception {
        bench.close();
    }

    @Test
    public void aThreadOfTheEngineSeesJobsThatNobodyMaySee() throws Exception {
        job.run(true);
        try (ACLContext ofTheEngine = ACL.as((hudson.model.User) null)) {
            assertThat(Jenkins.get().getItemByFullName("web")).as("hidden").isNull();
            assertThat(builds.job("web")).isEqualTo(Builds.Job.ALIVE);
            assertThat(builds.state(new RunRef("c", "web", 1, ""))).isEqualTo(Builds.Run.RUNNING);
            assertThat(builds.state(new RunRef("c", "web", 2, ""))).isEqualTo(Builds.Run.OVER);
            assertThat(builds.job("gone")).isEqualTo(Builds.Job.GONE);
        }
    }

    @Test
    public void aJobThatCannotBeBuiltIsDeadUnlessAPersonDisabledIt() {
        job.buildable = false;
        assertThat(builds.job("web")).as("its branch is gone").isEqualTo(Builds.Job.DEAD);
        job.disabled = true;
        assertThat(builds.job("web")).as("disabled by hand").isEqualTo(Builds.Job.ALIVE);
    }

    @Test
    public void aBuildThatEndedIsOver() throws Exception {
        job.run(false);
        assertThat(builds.state(new RunRef("c", "web", 1, ""))).isEqualTo(Builds.Run.OVER);
    }

    @Test
    public void whileJenkinsGoesDownNothingIsKnownAndNoSecondEngineBegins() throws Exception {
        EphemeralEngine before = EphemeralEngine.get();
        bench.kill();
        assertThat(builds.state(new RunRef("c", "web", 1, ""))).isEqualTo(Builds.Run.UNKNOWN);
        assertThat(builds.job("web")).isEqualTo(Builds.Job.UNKNOWN);
        assertThat(EphemeralEngine.get()).isSameAs(before);
        bench.start();
        assertThat(EphemeralEngine.get()).isNotSameAs(before);
    }

    @Test
    public void aJobThatCouldNotBeLoadedIsNotGone() throws Exception {
        Path jobs = directory.getRoot().toPath().resolve("jobs");
        Path broken = Files.createDirectories(jobs.resolve("broken"));
        Files.writeString(broken.resolve("config.xml"), "<half");
        assertThat(builds.job("broken")).isEqualTo(Builds.Job.UNKNOWN);
        assertThat(builds.state(new RunRef("c", "broken", 1, ""))).isEqualTo(Builds.Run.UNKNOWN);
        assertThat(builds.job("broken/PR-1")).as("in a folder that is there").isEqualTo(Builds.Job.GONE);

        Path branch = Files.createDirectories(broken.resolve("branches/feature-x.k3j2h1"));
        Files.writeString(branch.resolve("name-utf8.txt"), "feature%2Fx");
        assertThat(builds.job("broken/feature%2Fx")).isEqualTo(Builds.Job.UNKNOWN);
        assertThat(builds.job("broken/feature%2Fy")).isEqualTo(Builds.Job.GONE);

        Files.delete(broken.resolve("config.xml"));
        assertThat(builds.job("broken")).as("an empty directory is no job").isEqualTo(Builds.Job.GONE);
        assertThat(builds.job("../jobs/web")).isNotEqualTo(Builds.Job.ALIVE);
    }

    /** A job that only Jenkins itself may see. */
    private static final class KnownJob extends Job<KnownJob, KnownRun>
            implements TopLevelItem, ParameterizedJobMixIn.ParameterizedJob<KnownJob, KnownRun> {
        private final TreeMap<Integer, KnownRun> runs = new TreeMap<>();
        private boolean buildable = true;
        private boolean disabled;

        KnownJob(ItemGroup<? extends Item> parent, String name) {
            super(parent, name);
        }

        void run(boolean building) throws IOException {
            KnownRun run = new KnownRun(this, building);
            runs.put(run.getNumber(), run);
        }

        @Override
        public ACL getACL() {
            return ACL.lambda2((authentication, permission) -> false);
        }

        @Override
        public boolean isBuildable() {
            return buildable;
        }

        @Override
        public boolean isDisabled() {
            return disabled;
        }

        @Override
        protected SortedMap<Integer, KnownRun> _getRuns() {
            return runs;
        }

        @Override
        protected void removeRun(KnownRun run) {
            runs.remove(run.getNumber());
        }
    }

    private static final class KnownRun extends Run<KnownJob, KnownRun> implements Queue.Executable {
        private final boolean building;

        KnownRun(KnownJob job, boolean building) throws IOException {
            super(job);
            this.building = building;
        }

        @Override
        public boolean isBuilding() {
            return building;
        }

        @Override
        public void run() {}
    }
}
