package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Fault;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.UserFault;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Test;

/** What rooms may rely on when they call a cluster. */
public class ClusterTest {
    private static final Map<String, String> LABELS = Map.of("a", "b");

    private final EmbeddedCluster server = EmbeddedCluster.start();
    private final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(server.config()).build();
    private final List<String> passed = new CopyOnWriteArrayList<>();
    private final Cluster cluster = new Cluster(
            new ClusterAccess() {
                @Override
                public String name() {
                    return "dev";
                }

                @Override
                public KubernetesClient client() {
                    return client;
                }
            },
            new RequestLimiter(1_000, 1_000),
            new Outside(new Outside.Cut() {
                @Override
                public void before(String point) {
                    passed.add(point);
                }

                @Override
                public void after(String point) {}
            }));

    @After
    public void close() {
        client.close();
        server.close();
    }

    @Test
    public void whatIsThereAlreadyIsSaidNotThrown() {
        assertThat(cluster.create(map("one"))).isPresent();
        assertThat(cluster.create(map("one"))).isEmpty();
        assertThat(cluster.get(ConfigMap.class, "default", "one")).isPresent();
        assertThat(cluster.get(ConfigMap.class, "default", "two")).isEmpty();
        assertThat(passed)
                .containsExactly("creating ConfigMap", "creating ConfigMap", "reading ConfigMap", "reading ConfigMap");
    }

    @Test
    public void applyingIsIdempotentAndLeavesOthersFieldsAlone() {
        cluster.apply(map("one"));
        client.configMaps().inNamespace("default").withName("one").edit(map -> new ConfigMapBuilder(map)
                .addToData("theirs", "1")
                .build());
        assertThat(cluster.apply(map("one")).getData())
                .containsEntry("theirs", "1")
                .containsEntry("ours", "1");
        ConfigMap conflicting =
                new ConfigMapBuilder(map("one")).addToData("theirs", "2").build();
        assertThatThrownBy(() -> cluster.apply(conflicting))
                .isInstanceOf(UserFault.class)
                .hasMessageContaining("dev/default/one")
                .hasMessageContaining(".data.theirs");
    }

    @Test
    public void listsComeInPages() {
        for (int i = 0; i < 5; i++) {
            cluster.create(map("map-" + i));
        }
        server.requests().clear();
        assertThat(cluster.list(ConfigMap.class, "default", LABELS, 2)).hasSize(5);
        assertThat(server.requests().count("list", "configmaps")).isEqualTo(3);
        assertThat(cluster.list(ConfigMap.class, "default", Map.of("a", "c"))).isEmpty();
    }

    @Test
    public void onlyTheObjectThatIsMeantIsDeletedOrAnnotated() {
        ConfigMap old = cluster.create(map("one")).orElseThrow();
        client.configMaps().inNamespace("default").withName("one").delete();
        ConfigMap young = cluster.create(map("one")).orElseThrow();
        assertThat(cluster.delete(ConfigMap.class, "default", "one", uid(old), -1))
                .isFalse();
        assertThatThrownBy(() -> cluster.mark(old, Map.of(), Map.of("x", "y"))).isInstanceOf(Fault.class);
        cluster.mark(young, Map.of(), Map.of("x", "y"));
        ConfigMap there = cluster.get(ConfigMap.class, "default", "one").orElseThrow();
        assertThat(there.getMetadata().getAnnotations()).containsEntry("x", "y");
        assertThat(uid(there)).isEqualTo(uid(young));
        assertThat(cluster.delete(ConfigMap.class, "default", "one", uid(young), 0))
                .isTrue();
        assertThat(cluster.delete(ConfigMap.class, "default", "one", uid(young), 0))
                .isFalse();
    }

    @Test
    public void whatWasChangedSinceItWasReadIsNotAnnotated() {
        ConfigMap read = cluster.create(map("one")).orElseThrow();
        cluster.mark(read, Map.of(), Map.of("by", "somebody else"));
        assertThatThrownBy(() -> cluster.mark(read, Map.of(), Map.of("by", "us")))
                .isInstanceOf(TransientFault.class);
        ConfigMap there = cluster.get(ConfigMap.class, "default", "one").orElseThrow();
        assertThat(there.getMetadata().getAnnotations()).containsEntry("by", "somebody else");
        cluster.mark(there, Map.of(), Map.of("by", "us"));
    }

    @Test
    public void aServerThatIsSlowIsNotWaitedForForEver() {
        assertThat(CarefulClient.withoutRetries(client.getConfiguration()).getRequestTimeout())
                .isBetween(1, 20_000);
        assertThat(CarefulClient.withoutRetries(client.getConfiguration()).getRequestRetryBackoffLimit())
                .isZero();
    }

    @Test
    public void anAnswerThatGetsLostIsTransientAndAskedForOnce() {
        server.faults().on("POST", ".*/configmaps").times(1).loseAnswer();
        assertThatThrownBy(() -> cluster.create(map("one"))).isInstanceOf(TransientFault.class);
        assertThat(server.requests().count("create", "configmaps")).isEqualTo(1);
        assertThat(cluster.create(map("one"))).as("it had its effect").isEmpty();
    }

    @Test
    public void aClosedClientIsTransientAsTheNextOneIsNot() {
        client.close();
        assertThatThrownBy(() -> cluster.get(ConfigMap.class, "default", "one")).isInstanceOf(TransientFault.class);
    }

    private static String uid(ConfigMap map) {
        return map.getMetadata().getUid();
    }

    private static ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withLabels(LABELS)
                .endMetadata()
                .addToData("ours", "1")
                .build();
    }
}
