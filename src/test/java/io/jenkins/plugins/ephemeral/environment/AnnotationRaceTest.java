package io.jenkins.plugins.ephemeral.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.NamespaceRef;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Others annotate namespaces, too, and may do so between a look of ours and what we write. */
public class AnnotationRaceTest {
    @Rule
    public final TemporaryFolder home = EnvironmentRig.folderInMemory();

    private final AtomicInteger races = new AtomicInteger();
    private volatile String namespace;

    @Test
    public void whatWasChangedMeanwhileIsReadAgainAndKept() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start();
                KubernetesClient admin = new KubernetesClientBuilder()
                        .withConfig(cluster.config())
                        .build();
                EnvironmentRig rig = new EnvironmentRig(
                        cluster.config(),
                        home.getRoot().toPath(),
                        new Outside(new Outside.Cut() {
                            @Override
                            public void before(String point) {
                                if (point.equals("annotating Namespace") && races.getAndDecrement() > 0) {
                                    admin.namespaces().withName(namespace).edit(each -> new NamespaceBuilder(each)
                                            .editMetadata()
                                            .addToAnnotations("of/another", String.valueOf(System.nanoTime()))
                                            .endMetadata()
                                            .build());
                                }
                            }

                            @Override
                            public void after(String point) {}
                        }),
                        new EnvironmentRig.Shifted())) {
            rig.service.start(List.of());
            EnvironmentSpec spec = new EnvironmentSpec();
            spec.lifetime = Lifetime.BRANCH;
            NamespaceRef first = rig.provision(spec, 1);
            namespace = first.namespace();
            rig.service.release(first.environment(), EnvironmentRig.run(1), Ending.SUCCESS, Console.NONE);
            EnvironmentSpec changed = new EnvironmentSpec();
            changed.lifetime = Lifetime.BRANCH;
            changed.annotations.put("team/owner", "shop");
            races.set(2);
            NamespaceRef second = rig.provision(changed, 2);

            assertThat(second.namespace()).isEqualTo(namespace);
            assertThat(admin.namespaces()
                            .withName(namespace)
                            .get()
                            .getMetadata()
                            .getAnnotations())
                    .containsKey("of/another")
                    .containsEntry("team/owner", "shop")
                    .containsEntry("ephemeral.jenkins.io/spec-hash", hash(rig, second));
            // the reaper leaves what it has not seen for its next round
            rig.clock.forward(Duration.ofMinutes(90));
            rig.service.renew(second.environment());
            String expires = rig.service
                    .find(second.environment())
                    .orElseThrow()
                    .expiresAt
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
            races.set(1);
            rig.service.reap();
            assertThat(admin.namespaces()
                            .withName(namespace)
                            .get()
                            .getMetadata()
                            .getAnnotations())
                    .doesNotContainValue(expires);
            rig.service.reap();
            assertThat(admin.namespaces()
                            .withName(namespace)
                            .get()
                            .getMetadata()
                            .getAnnotations())
                    .containsValue(expires);
        }
    }

    private static String hash(EnvironmentRig rig, NamespaceRef ref) {
        return rig.service.find(ref.environment()).orElseThrow().specHash;
    }
}
