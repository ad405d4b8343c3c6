package io.jenkins.plugins.ephemeral.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.AbstractItem;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.model.TopLevelItem;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.bench.pipeline.PipelineBench;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.environment.Ending;
import io.jenkins.plugins.ephemeral.environment.EnvironmentSpec;
import io.jenkins.plugins.ephemeral.environment.Environments;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.RunRef;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud;
import org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A Kubernetes cloud of restricted usage, two folders of which one permits it, and jobs in both. */
public class RestrictedCloudTest {
    @Rule
    public final TemporaryFolder directory = new TemporaryFolder();

    private final EmbeddedCluster cluster = EmbeddedCluster.start();
    private final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(cluster.config()).build();
    private PipelineBench bench;
    private KubernetesCloud cloud;

    @Before
    public void startJenkins() throws Exception {
        bench = new PipelineBench(directory.getRoot().toPath());
        cloud = cloud("restricted");
        cloud.setUsageRestricted(true);
        bench.jenkins().clouds.add(cloud);
        for (String name : List.of("team-a", "team-b")) {
            Folder folder = new Folder(bench.jenkins(), name);
            folder.items.add(new Folder(folder, "web"));
            bench.jenkins().putItem(folder);
        }
        KubernetesFolderProperty.permit("team-a", Set.of("restricted"));
        KubernetesFolderProperty.permit("team-b", Set.of("another"));
    }

    @After
    public void stop() throws Exception {
        KubernetesFolderProperty.permit("team-a", Set.of());
        KubernetesFolderProperty.permit("team-b", Set.of());
        bench.close();
        client.close();
        cluster.close();
    }

    @Test
    public void aJobInAFolderThatPermitsItMayUseIt() throws Exception {
        RunRef run = run("team-a/web");
        NamespaceRef ref = provision("restricted", run).get(30, TimeUnit.SECONDS);
        assertThat(ref.cluster()).isEqualTo("restricted");
        environments().release(ref.environment(), run, Ending.SUCCESS, Console.NONE);
    }

    @Test
    public void aJobInAnotherFolderAtTheTopOrUnknownMayNot() {
        for (String job : List.of("team-b/web", "top", "team-a/gone")) {
            CompletableFuture<NamespaceRef> refused = provision("restricted", run(job));
            assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
                    .as(job)
                    .hasCauseInstanceOf(UserFault.class)
                    .hasMessageContaining("restricted: its usage is restricted")
                    .hasMessageContaining(job)
                    .hasMessageContaining("Permit the cloud in the folder's configuration");
        }
        assertThat(cluster.requests().count("create", "namespaces")).isZero();
        assertThat(environments().all()).isEmpty();
    }

    @Test
    public void aCloudThatIsNotRestrictedIsForAll() throws Exception {
        bench.jenkins().clouds.add(cloud("open"));
        RunRef run = run("team-b/web");
        NamespaceRef ref = provision("open", run).get(30, TimeUnit.SECONDS);
        assertThat(ref.cluster()).isEqualTo("open");
        environments().release(ref.environment(), run, Ending.SUCCESS, Console.NONE);
        cloud.setUsageRestricted(false);
        NamespaceRef other = provision("restricted", run).get(30, TimeUnit.SECONDS);
        environments().release(other.environment(), run, Ending.SUCCESS, Console.NONE);
    }

    private static Environments environments() {
        return EphemeralEngine.get().engine().environments();
    }

    private static RunRef run(String job) {
        return new RunRef(EphemeralEngine.get().settings().controllerId(), job, 1, "");
    }

    private CompletableFuture<NamespaceRef> provision(String on, RunRef run) {
        EnvironmentSpec spec = new EnvironmentSpec();
        spec.cluster = on;
        spec.namePrefix = on;
        CompletableFuture<NamespaceRef> end = new CompletableFuture<>();
        String name = environments().nameFor(spec, run, "3");
        EphemeralEngine.get()
                .driver()
                .drive(
                        "test",
                        environments().provision(name, spec, run, Console.NONE),
                        Duration.ofSeconds(10),
                        Console.NONE,
                        new Drive.Listener<NamespaceRef>() {
                            @Override
                            public void done(NamespaceRef result) {
                                end.complete(result);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                end.completeExceptionally(failure);
                            }
                        });
        return end;
    }

    private KubernetesCloud cloud(String name) {
        return new KubernetesCloud(name) {
            @Override
            public KubernetesClient connect() {
                return client;
            }
        };
    }

    /** A folder; without items in it, it will do for a job. */
    private static final class Folder extends AbstractItem implements TopLevelItem, ItemGroup<Item> {
        private final List<Item> items = new ArrayList<>();

        Folder(ItemGroup<? extends Item> parent, String name) {
            super(parent, name);
        }

        @Override
        public Collection<Item> getItems() {
            return items;
        }

        @Override
        public String getUrlChildPrefix() {
            return "job";
        }

        @Override
        public Item getItem(String itemName) {
            return items.stream()
                    .filter(each -> each.getName().equals(itemName))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public File getRootDirFor(Item child) {
            return new File(getRootDir(), child.getName());
        }

        @Override
        public void onDeleted(Item item) {
            items.remove(item);
        }

        @Override
        public Collection<? extends Job> getAllJobs() {
            return List.of();
        }
    }
}
