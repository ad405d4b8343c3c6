package io.jenkins.plugins.ephemeral.bench.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** What the embedded cluster can be told to do, beyond what every cluster does: that is the conformance suite's part. */
@SuppressWarnings("try")
public class EmbeddedClusterTest {
    private EmbeddedCluster cluster;
    private KubernetesClient client;

    @Before
    public void start() {
        cluster = EmbeddedCluster.start();
        client = client(cluster.config());
        // as on a real server, Pods are refused until the default service account is there; asked by another client,
        // since one that was used repeats on a new connection what was lost on a kept one
        try (KubernetesClient other = client(cluster.config())) {
            org.awaitility.Awaitility.await()
                    .until(() -> other.serviceAccounts()
                                    .inNamespace("default")
                                    .withName("default")
                                    .get()
                            != null);
        }
    }

    @After
    public void stop() {
        client.close();
        cluster.close();
    }

    /** A client that tries once: what goes wrong shall be seen. */
    private static KubernetesClient client(Config config) {
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static KubernetesClientException failure(ThrowingCallable call) {
        KubernetesClientException failure = catchThrowableOfType(KubernetesClientException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }

    private ConfigMap create(String name) {
        return client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .addToLabels("test", "yes")
                        .endMetadata()
                        .withData(Map.of())
                        .build())
                .create();
    }

    private boolean exists(String name) {
        return client.configMaps().inNamespace("default").withName(name).get() != null;
    }

    @Test
    public void answerIsLostAfterTheEffect() {
        Faults.Fault fault =
                cluster.faults().on("POST", ".*/configmaps").times(1).loseAnswer();

        assertThat(failure(() -> create("lost")).getCode()).isNotPositive();

        assertThat(exists("lost")).isTrue();
        assertThat(fault.hits()).isEqualTo(1);
        assertThat(failure(() -> create("lost")).getStatus().getReason()).isEqualTo("AlreadyExists");
    }

    @Test
    public void requestIsLostBeforeTheEffect() {
        cluster.faults().on("create", ".*/configmaps").times(1).dropRequest();

        assertThat(failure(() -> create("dropped")).getCode()).isNotPositive();

        assertThat(exists("dropped")).isFalse();
        create("dropped");
    }

    @Test
    public void tooManyRequestsSayWhenToComeBack() {
        cluster.faults()
                .on("*", "/api/v1/namespaces/default/configmaps")
                .times(1)
                .tooManyRequests(7);

        KubernetesClientException failure = failure(() -> create("limited"));

        assertThat(failure.getCode()).isEqualTo(429);
        assertThat(failure.getStatus().getDetails().getRetryAfterSeconds()).isEqualTo(7);
        create("limited");
    }

    @Test
    public void errorsAndDelaysLastUntilTheyAreCleared() {
        cluster.faults().on("GET", ".*/configmaps/.*").status(500);
        assertThat(failure(() -> exists("any")).getCode()).isEqualTo(500);
        assertThat(failure(() -> exists("any")).getCode()).isEqualTo(500);
        cluster.faults().clear();
        assertThat(exists("any")).isFalse();

        cluster.faults().on("GET", ".*/configmaps/.*").times(1).delay(Duration.ofMillis(300));
        Instant before = Instant.now();
        assertThat(exists("any")).isFalse();
        assertThat(Duration.between(before, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(290));
    }

    @Test
    public void unavailableServerRefusesAndKeepsWhatItHas() {
        create("kept");
        String url = cluster.masterUrl();

        cluster.faults().unavailable();

        assertThat(failure(() -> exists("kept")).getCode()).isNotPositive();
        cluster.faults().available();
        assertThat(cluster.masterUrl()).isEqualTo(url);
        assertThat(exists("kept")).isTrue();
    }

    @Test
    public void watchBreaksWithTheServerAndGoesOnAfterIt() {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Watch watch = client.configMaps()
                .inNamespace("default")
                .withLabel("test", "yes")
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, ConfigMap map) {
                        seen.add(action + " " + map.getMetadata().getName());
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                        seen.add("closed");
                    }
                })) {
            create("before");
            await().until(() -> seen.contains("ADDED before"));
            assertThat(cluster.openWatches()).isEqualTo(1);

            cluster.faults().unavailable();
            await().until(() -> cluster.openWatches() == 0);
            cluster.faults().available();
            create("after");

            await().atMost(Duration.ofSeconds(30)).until(() -> seen.contains("ADDED after"));
        }
        assertThat(seen).containsExactly("ADDED before", "ADDED after");
        await().until(() -> cluster.openWatches() == 0);
    }

    @Test
    public void continuationFromBeforeACompactionIsGone() {
        create("one");
        create("two");
        ConfigMapList first = client.configMaps()
                .inNamespace("default")
                .list(new ListOptionsBuilder().withLimit(1L).build());
        create("three");

        cluster.compact();

        KubernetesClientException failure = failure(() -> client.configMaps()
                .inNamespace("default")
                .list(new ListOptionsBuilder()
                        .withLimit(1L)
                        .withContinue(first.getMetadata().getContinue())
                        .build()));
        assertThat(failure.getCode()).isEqualTo(410);
    }

    @Test
    public void requestsAreCounted() {
        cluster.requests().clear();
        create("counted");
        exists("counted");
        exists("counted");

        assertThat(cluster.requests().count("create", "configmaps")).isEqualTo(1);
        assertThat(cluster.requests().count("get", "*")).isEqualTo(2);
        assertThat(cluster.requests().summary())
                .containsOnly(Map.entry("create configmaps", 1), Map.entry("get configmaps", 2));
        assertThat(cluster.requests().all()).extracting("user").containsOnly("kubernetes-admin");
        assertThat(cluster.requests().all().get(0)).hasToString("201 POST /api/v1/namespaces/default/configmaps");
    }

    @Test
    public void rightIsTakenAwayAndGivenBack() {
        try (KubernetesClient jenkins = client(cluster.config(cluster.rights().token("jenkins")))) {
            jenkins.configMaps().inNamespace("default").list();
            cluster.rights().deny("jenkins", "list", "configmaps");

            assertThat(failure(() -> jenkins.configMaps().inNamespace("default").list())
                            .getStatus()
                            .getMessage())
                    .isEqualTo(
                            "configmaps is forbidden: User \"jenkins\" cannot list resource \"configmaps\" in API group"
                                    + " \"\" in the namespace \"default\"");
            client.configMaps().inNamespace("default").list();
            cluster.rights().denyNothing();
            jenkins.configMaps().inNamespace("default").list();
        }
    }

    @Test
    public void revokedTokenIsUnauthorized() {
        String token = cluster.rights().token("jenkins");
        try (KubernetesClient jenkins = client(cluster.config(token))) {
            jenkins.namespaces().list();

            cluster.rights().revoke(token);

            assertThat(failure(() -> jenkins.namespaces().list()).getCode()).isEqualTo(401);
        }
    }

    private void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        await().until(() ->
                client.serviceAccounts().inNamespace(name).withName("default").get() != null);
    }

    private boolean isGone(String namespace) {
        return client.namespaces().withName(namespace).get() == null;
    }

    @Test
    public void namespaceIsStuckUntilItIsReleased() {
        namespace("stuck");
        cluster.stuckFinalizer("stuck", "example.com/hold");

        client.namespaces().withName("stuck").delete();

        await().until(() -> client.namespaces().withName("stuck").get().getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("NamespaceFinalizersRemaining")
                        && c.getMessage().contains("example.com/hold")));
        cluster.namespaces().release("stuck");
        await().until(() -> isGone("stuck"));
    }

    @Test
    public void namespaceIsStuckWhileAnApiIsDown() {
        namespace("undiscovered");
        cluster.namespaces().discoveryFailure("unable to retrieve the complete list of server APIs: metrics/v1");

        client.namespaces().withName("undiscovered").delete();

        await().until(() -> client.namespaces().withName("undiscovered").get().getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("NamespaceDeletionDiscoveryFailure")
                        && c.getStatus().equals("True")
                        && c.getMessage().contains("metrics/v1")));
        cluster.namespaces().discoveryFailure("");
        await().until(() -> isGone("undiscovered"));
    }

    @Test
    public void agentsImageStaysReadyAndAnotherNeverIs() {
        Pod ready = startPod("ready", "registry.example.com/kubeshop/testkube-api-server:2.1.0");
        cluster.images().neverReady("busybox");
        Pod unready = startPod("unready", "busybox:1.35");

        await().until(() -> isReady(ready));
        await().until(() -> phase(unready).equals("Running"));
        assertThat(isReady(unready)).isFalse();
    }

    private Pod startPod(String name, String image) {
        return client.pods()
                .inNamespace("default")
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s}
                        spec:
                          restartPolicy: Never
                          containers: [{name: main, image: "%s"%s}]
                        """
                                .formatted(
                                        name, image, image.startsWith("busybox") ? ", command: [sleep, \"60\"]" : ""),
                        Pod.class))
                .create();
    }

    private Pod now(Pod pod) {
        return client.pods()
                .inNamespace("default")
                .withName(pod.getMetadata().getName())
                .get();
    }

    private String phase(Pod pod) {
        return now(pod).getStatus().getPhase();
    }

    private boolean isReady(Pod pod) {
        return now(pod).getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    @Test
    public void nodeEvictsAndKillsForMemory() {
        Pod evicted = startPod("evicted", "kubeshop/testkube-api-server");
        Pod killed = startPod("killed", "kubeshop/testkube-api-server");
        await().until(() -> isReady(evicted) && isReady(killed));

        cluster.kubelet().fail("default", "evicted", "Evicted", "The node was low on resource: memory.");
        cluster.kubelet().killForMemory("default", "killed", "main");

        await().until(() -> phase(evicted).equals("Failed") && phase(killed).equals("Failed"));
        assertThat(now(evicted).getStatus().getReason()).isEqualTo("Evicted");
        var end =
                now(killed).getStatus().getContainerStatuses().get(0).getState().getTerminated();
        assertThat(end.getReason()).isEqualTo("OOMKilled");
        assertThat(end.getExitCode()).isEqualTo(137);
    }

    @Test
    public void httpsWithItsOwnCertificate() {
        try (EmbeddedCluster secure = EmbeddedCluster.startWithTls();
                KubernetesClient byConfig = client(secure.config());
                KubernetesClient byFile = client(Config.fromKubeconfig(secure.kubeconfig()))) {
            assertThat(secure.masterUrl()).startsWith("https://");
            assertThat(byConfig.namespaces().withName("default").get()).isNotNull();
            assertThat(byFile.namespaces().withName("default").get()).isNotNull();
        }
    }

    @Test
    public void deletedPodOfAJobIsAFailureOrNotByTheServersAge() {
        assertThat(afterDeletionOfItsPod(cluster, client)).isEqualTo("Failed");
        try (EmbeddedCluster old = EmbeddedCluster.start("1.20.2");
                KubernetesClient oldClient = client(old.config())) {
            assertThat(oldClient.getKubernetesVersion().getMinor()).isEqualTo("20");
            assertThat(afterDeletionOfItsPod(old, oldClient)).isEqualTo("replaced");
        }
    }

    private static String afterDeletionOfItsPod(EmbeddedCluster subject, KubernetesClient api) {
        Job job = Serialization.unmarshal(
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: once}
                spec:
                  backoffLimit: 0
                  template:
                    spec:
                      restartPolicy: Never
                      terminationGracePeriodSeconds: 1
                      containers: [{name: main, image: "busybox:1.35", command: [sleep, "60"]}]
                """,
                Job.class);
        api.batch().v1().jobs().inNamespace("default").resource(job).create();
        await().until(() ->
                pods(api).stream().anyMatch(p -> p.getStatus().getPhase().equals("Running")));
        String first = pods(api).get(0).getMetadata().getUid();

        api.pods().inNamespace("default").withLabel("job-name", "once").delete();

        await().until(() -> isFailed(api) || pods(api).stream().anyMatch(p -> isAnother(p, first)));
        assertThat(subject.requests().count("delete", "pods")
                        + subject.requests().count("deletecollection", "pods"))
                .isPositive();
        return isFailed(api) ? "Failed" : "replaced";
    }

    private static List<Pod> pods(KubernetesClient api) {
        return api.pods()
                .inNamespace("default")
                .withLabel("job-name", "once")
                .list()
                .getItems();
    }

    private static boolean isAnother(Pod pod, String uid) {
        return !pod.getMetadata().getUid().equals(uid)
                && pod.getStatus().getPhase().equals("Running");
    }

    private static boolean isFailed(KubernetesClient api) {
        return api
                .batch()
                .v1()
                .jobs()
                .inNamespace("default")
                .withName("once")
                .get()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(c -> c.getType().equals("Failed"));
    }
}
