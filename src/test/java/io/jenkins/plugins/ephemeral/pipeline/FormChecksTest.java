package io.jenkins.plugins.ephemeral.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.AbstractItem;
import hudson.model.Item;
import hudson.model.Job;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.Permission;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import jenkins.model.Jenkins;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Names of clusters and control planes are for those who may write them into a job. */
public class FormChecksTest {
    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    @Test
    public void whoMayOnlyReadIsToldNoNames() throws Exception {
        try (PipelineBench bench = new PipelineBench(directory.getRoot().toPath());
                ACLContext nobody = ACL.as((hudson.model.User) null)) {
            assertThat(FormChecks.mayConfigure(item(Item.READ))).isFalse();
            assertThat(FormChecks.mayConfigure(item(Item.READ, Item.CONFIGURE))).isTrue();
            assertThat(FormChecks.mayConfigure(item(Item.READ, Item.EXTENDED_READ)))
                    .isTrue();
        }
    }

    private static Item item(Permission... permitted) {
        return new AbstractItem(Jenkins.get(), "web") {
            @Override
            public ACL getACL() {
                return ACL.lambda2(
                        (authentication, permission) -> Set.of(permitted).contains(permission));
            }

            @Override
            @SuppressWarnings("rawtypes")
            public Collection<? extends Job> getAllJobs() {
                return List.of();
            }
        };
    }
}
