package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Watches as a help to look at the right time. */
public class HintsTest {
    private static final Map<String, String> OURS = Map.of(
            "app.kubernetes.io/managed-by", "ephemeral-environments", "ephemeral.jenkins.io/controller", "controller");

    private final EmbeddedCluster server = EmbeddedCluster.start();
    private final String token = server.rights().token("jenkins");
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final AtomicReference<KubernetesClient> current = new AtomicReference<>(client());
    // a name of its own: other tests of this JVM have clusters and threads too
    private final String clusterName = "hints-" + UUID.randomUUID();
    private final RequestLimiter limiter = new RequestLimiter(1_000, 1_000);
    private final Cluster cluster = new Cluster(
            new ClusterAccess() {
                @Override
                public String name() {
                    return clusterName;
                }

                @Override
                public KubernetesClient client() {
                    return current.get();
                }
            },
            limiter,
            new Outside(),
            "controller");
    private final KubernetesClient admin =
            new KubernetesClientBuilder().withConfig(server.config()).build();
    private final AtomicInteger wakes = new AtomicInteger();

    @Before
    public void namespaces() {
        List.of("one", "other").forEach(this::namespace);
    }

    private void namespace(String name) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    @After
    public void close() {
        cluster.hints().close();
        clients.forEach(KubernetesClient::close);
        admin.close();
        server.close();
    }

    @Test
    public void whoWaitsIsWokenByWhatHappensInItsNamespace() {
        Hints.Subscription waiting = standing("one");
        map("other", "a", OURS);
        map("one", "not-ours", Map.of());
        assertNotWokenBy(() -> map("other", "b", OURS));
        int before = wakes.get();
        map("one", "a", OURS);
        await().until(() -> wakes.get() > before);
        waiting.close();
        waiting.close();
    }

    @Test
    public void whoWaitsForOneObjectIsNotWokenByItsNeighbours() {
        Hints.Subscription waiting = cluster.hints()
                .subscribe(
                        ConfigMap.class,
                        "one",
                        map -> map.getMetadata().getName().equals("mine"),
                        wakes::incrementAndGet);
        await().until(() -> waiting.slowLook().equals(Looks.WATCHED) && wakes.get() > 0);
        assertNotWokenBy(() -> {
            map("one", "its-neighbour", OURS);
            map("other", "mine", OURS);
        });
        int before = wakes.get();
        map("one", "mine", OURS);
        await().until(() -> wakes.get() > before);
    }

    @Test
    public void oneWatchPerKindForAnyNumberOfWaits() {
        List<Hints.Subscription> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(cluster.hints().subscribe(ConfigMap.class, "namespace-" + i, wakes::incrementAndGet));
        }
        await().until(() -> all.get(99).slowLook().equals(Looks.WATCHED));
        assertThat(server.openWatches()).isEqualTo(1);
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("watches of cluster " + clusterName))
                .count();
        assertThat(threads).isLessThanOrEqualTo(1);
    }

    @Test
    public void namespacesThemselvesAreMeantByName() {
        Hints.Subscription waiting = cluster.hints().subscribe(Namespace.class, "made", wakes::incrementAndGet);
        await().until(() -> waiting.slowLook().equals(Looks.WATCHED));
        int before = wakes.get();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .withLabels(OURS)
                        .endMetadata()
                        .build())
                .create();
        await().until(() -> wakes.get() > before);
    }

    @Test
    public void whereTheClusterMayNotBeWatchedTheNamespaceIs() {
        server.faults().on("watch", "/api/v1/configmaps").status(403);
        Hints.Subscription waiting = standing("one");
        assertThat(server.openWatches()).isEqualTo(1);
        int before = wakes.get();
        map("one", "a", OURS);
        await().until(() -> wakes.get() > before);
        waiting.close();
    }

    @Test
    public void whoWaitsForAnEndIsNotWokenByChanges() {
        map("one", "a", OURS);
        standing("one");
        AtomicInteger ends = new AtomicInteger();
        cluster.hints().subscribeToEnd(ConfigMap.class, "one", ends::incrementAndGet);
        int before = wakes.get();
        admin.configMaps().inNamespace("one").withName("a").edit(map -> new ConfigMapBuilder(map)
                .addToData("changed", "1")
                .build());
        await().until(() -> wakes.get() > before);
        assertThat(ends).hasValue(0);
        admin.configMaps().inNamespace("one").withName("a").delete();
        await().untilAtomic(ends, org.hamcrest.Matchers.is(1));
    }

    @Test
    public void theWayFollowsFromWhatTheIdentityMayDo() {
        assertThat(cluster.hints().following()).isEmpty();
        Hints.Subscription waiting = standing("one");
        assertThat(cluster.hints().following()).containsExactly(Map.entry("ConfigMap", Following.CLUSTER));
        assertThat(server.requests().count("create", "selfsubjectaccessreviews"))
                .as("asked once")
                .isEqualTo(1);
        waiting.close();
    }

    @Test
    public void whoMayWatchNamespacesOnlyNeverAsksForTheWholeCluster() {
        ServiceAccountRig rig = new ServiceAccountRig(List.of("one", "other"));
        current.set(rig.client);
        List<Hints.Subscription> all = new ArrayList<>();
        for (String namespace : List.of("one", "other", "one")) {
            all.add(cluster.hints().subscribe(ConfigMap.class, namespace, wakes::incrementAndGet));
        }
        await().until(() -> all.stream().allMatch(each -> each.slowLook().equals(Looks.WATCHED)));
        assertThat(cluster.hints().following()).containsExactly(Map.entry("ConfigMap", Following.NAMESPACED));
        assertThat(server.openWatches()).as("one for each namespace").isEqualTo(2);
        assertThat(server.requests().all()).as("refused").noneMatch(request -> request.path()
                .equals("/api/v1/configmaps"));
        int before = wakes.get();
        map("other", "a", OURS);
        await().until(() -> wakes.get() > before);
        all.get(1).close();
        await("a watch only while somebody waits there")
                .atMost(Duration.ofSeconds(10))
                .until(() -> server.openWatches() == 1);
    }

    @Test
    public void aboveABoundOfWatchesTheOthersTakeTurnsToLook() {
        List<String> namespaces = IntStream.range(0, Hints.MOST_WATCHES + 10)
                .mapToObj(i -> "many-" + i)
                .collect(Collectors.toList());
        namespaces.forEach(this::namespace);
        current.set(new ServiceAccountRig(namespaces).client);
        List<Hints.Subscription> all = new ArrayList<>();
        namespaces.forEach(each -> all.add(cluster.hints().subscribe(ConfigMap.class, each, wakes::incrementAndGet)));
        List<Hints.Subscription> first = all.subList(0, Hints.MOST_WATCHES);
        List<Hints.Subscription> others = all.subList(Hints.MOST_WATCHES, all.size());
        await().until(() -> first.stream().allMatch(each -> each.slowLook().equals(Looks.WATCHED)));
        assertThat(server.openWatches()).isEqualTo(Hints.MOST_WATCHES);
        assertThat(others).allMatch(each -> each.slowLook().equals(Looks.BLIND));
        limiter.configure(4, 1_000);
        assertThat(others).as("ten look, twice a second together").allMatch(each -> each.slowLook()
                .equals(Duration.ofSeconds(5)));
        assertThat(first).as("fifty look, once a second together").allMatch(each -> each.slowLook()
                .equals(Duration.ofSeconds(50)));
        limiter.configure(1_000, 1_000);
        first.subList(0, 10).forEach(Hints.Subscription::close);
        await("their watches go to those who had none")
                .atMost(Duration.ofSeconds(20))
                .until(() -> others.stream().allMatch(each -> each.slowLook().equals(Looks.WATCHED)));
        await().until(() -> server.openWatches() == Hints.MOST_WATCHES);
    }

    @Test
    public void allWatchesShareTheConnectionOfTheRequests() {
        try (EmbeddedCluster secure = EmbeddedCluster.startWithTls();
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(secure.config())
                        .build()) {
            current.set(client);
            List<Hints.Subscription> all = new ArrayList<>();
            for (Class<? extends HasMetadata> kind :
                    List.of(ConfigMap.class, Namespace.class, Pod.class, Secret.class, ServiceAccount.class)) {
                all.add(cluster.hints().subscribe(kind, "default", wakes::incrementAndGet));
            }
            await().until(() -> all.stream().allMatch(each -> each.slowLook().equals(Looks.WATCHED)));
            cluster.ping();
            assertThat(secure.openWatches()).isEqualTo(5);
            assertThat(secure.openConnections()).isEqualTo(1);
            cluster.hints().close();
        }
    }

    @Test
    public void aWatchWhoseTimeIsOverGoesOnWhereItWas() {
        map("one", "a", OURS);
        cluster.hints().watchFor(1);
        Hints.Subscription waiting = cluster.hints().subscribe(ConfigMap.class, "one", wakes::incrementAndGet);
        await("once as it begins, once for what is there").until(() -> wakes.get() == 2);
        await().until(() -> server.openWatches() == 0);
        map("one", "meanwhile", OURS);
        await().until(() -> waiting.slowLook().equals(Looks.WATCHED));
        assertThat(server.requests().all())
                .anyMatch(request ->
                        request.verb().equals("watch") && request.query().contains("resourceVersion="));
        await().until(() -> wakes.get() == 3);
        map("one", "later", OURS);
        await("no look because of the end").until(() -> wakes.get() == 4);
    }

    @Test
    public void whereNothingMayBeWatchedTheLooksAreQuick() {
        server.rights().deny("jenkins", "watch", "*");
        Hints.Subscription waiting = cluster.hints().subscribe(ConfigMap.class, "one", wakes::incrementAndGet);
        await().until(() -> server.requests().all().stream()
                        .filter(request -> request.path().contains("/namespaces/one/"))
                        .count()
                > 0);
        assertThat(waiting.slowLook()).isEqualTo(Looks.BLIND);
        assertThat(server.openWatches()).isZero();
    }

    @Test
    public void aWatchThatBreaksIsOpenedAgain() {
        Hints.Subscription waiting = standing("one");
        int before = wakes.get();
        server.faults().unavailable();
        await().until(() -> waiting.slowLook().equals(Looks.BLIND));
        await("a look, as who knows what happened").until(() -> wakes.get() > before);
        server.faults().available();
        await().until(() -> waiting.slowLook().equals(Looks.WATCHED));
        int again = wakes.get();
        map("one", "after-the-outage", OURS);
        await().until(() -> wakes.get() > again);
    }

    @Test
    public void itMovesWithTheBorrowedClient() {
        Hints.Subscription waiting = standing("one");
        KubernetesClient first = current.get();
        current.set(client());
        await().until(() -> server.requests().all().stream()
                        .filter(request -> request.verb().equals("watch"))
                        .count()
                >= 1);
        await().until(() -> server.openWatches() == 1 && waiting.slowLook().equals(Looks.WATCHED));
        first.close();
        int before = wakes.get();
        map("one", "after-the-move", OURS);
        await().until(() -> wakes.get() > before);
    }

    @Test
    public void aSubscriberThatThrowsDoesNotHarmTheOthers() {
        cluster.hints().subscribe(ConfigMap.class, "one", () -> {
            throw new IllegalStateException("careless");
        });
        standing("one");
        int before = wakes.get();
        map("one", "a", OURS);
        await().until(() -> wakes.get() > before);
    }

    private Hints.Subscription standing(String namespace) {
        Hints.Subscription waiting = cluster.hints().subscribe(ConfigMap.class, namespace, wakes::incrementAndGet);
        await().until(() -> waiting.slowLook().equals(Looks.WATCHED) && wakes.get() > 0);
        return waiting;
    }

    /** A later event of the same watch tells that the earlier ones were delivered. */
    private void assertNotWokenBy(Runnable happening) {
        AtomicInteger elsewhere = new AtomicInteger();
        cluster.hints().subscribe(ConfigMap.class, "other", elsewhere::incrementAndGet);
        int before = wakes.get();
        happening.run();
        await().until(() -> elsewhere.get() > 0);
        assertThat(wakes).hasValue(before);
    }

    private void map(String namespace, String name, Map<String, String> labels) {
        admin.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
    }

    private KubernetesClient client() {
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(server.config(token)).build();
        clients.add(client);
        return client;
    }

    /** A service account that may watch in some namespaces, and nowhere else. */
    private final class ServiceAccountRig {
        private final KubernetesClient client;

        ServiceAccountRig(List<String> namespaces) {
            admin.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace("one")
                            .withName("modest")
                            .endMetadata()
                            .build())
                    .create();
            for (String namespace : namespaces) {
                admin.resource(new RoleBindingBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName("modest")
                                .endMetadata()
                                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "view")
                                .addNewSubject(null, "ServiceAccount", "modest", "one")
                                .build())
                        .create();
            }
            String its = admin.serviceAccounts()
                    .inNamespace("one")
                    .withName("modest")
                    .tokenRequest(
                            new TokenRequestBuilder().withNewSpec().endSpec().build())
                    .getStatus()
                    .getToken();
            client =
                    new KubernetesClientBuilder().withConfig(server.config(its)).build();
            clients.add(client);
        }
    }
}
