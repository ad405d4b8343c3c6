package io.jenkins.plugins.ephemeral.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.Job;
import hudson.model.Run;
import hudson.model.TopLevelItem;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.AccessDeniedException3;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import jenkins.model.Jenkins;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Artifacts of workflow runs are for those who may read a build's artifacts. */
public class ArtifactsPermissionTest {
    private static final String SWITCH = "hudson.security.ArtifactsPermission";

    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    @After
    public void switchOff() {
        System.clearProperty(SWITCH);
    }

    @Test
    public void whereReadingArtifactsTakesAPermissionItIsAskedFor() throws Exception {
        try (PipelineBench bench = new PipelineBench(directory.getRoot().toPath());
                ACLContext nobody = ACL.as((User) null)) {
            EphemeralReportAction action = new EphemeralReportAction();
            action.onAttached(new ReadableRun(new ReadableJob()));
            assertThat(action.doArtifacts()).isNotNull();
            System.setProperty(SWITCH, "true");
            assertThatThrownBy(action::doArtifacts).isInstanceOf(AccessDeniedException3.class);
        }
    }

    /** A job whose builds may be read, but not their artifacts. */
    private static final class ReadableJob extends Job<ReadableJob, ReadableRun> implements TopLevelItem {
        ReadableJob() {
            super(Jenkins.get(), "web");
        }

        @Override
        public ACL getACL() {
            return ACL.lambda2((authentication, permission) -> permission != Run.ARTIFACTS);
        }

        @Override
        public boolean isBuildable() {
            return true;
        }

        @Override
        protected SortedMap<Integer, ReadableRun> _getRuns() {
            return new TreeMap<>();
        }

        @Override
        protected void removeRun(ReadableRun run) {}
    }

    private static final class ReadableRun extends Run<ReadableJob, ReadableRun> {
        ReadableRun(ReadableJob job) throws IOException {
            super(job);
        }

        @Override
        public boolean isBuilding() {
            return false;
        }
    }
}
