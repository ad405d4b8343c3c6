package io.jenkins.plugins.ephemeral.benchmark;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.PemKeyCertOptions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A node of a real API server that runs nothing: it takes the Pods that no other node takes, sets their status as a kubelet
 * does, and serves the log that the API server asks it for (GET /containerLogs/NAMESPACE/POD/CONTAINER, as the kubelet of
 * Kubernetes 1.20). Each line of a log says at which {@link System#nanoTime} it was printed.
 */
final class MockKubelet implements AutoCloseable {
    /** What a Pod asks for to be taken by it. */
    static final Map<String, String> SELECTOR = Map.of("example.com/node", "measured");

    private static final String NAME = "measured";

    private final KubernetesClient admin;
    private final Vertx vertx = Vertx.vertx();
    private final ScheduledExecutorService work = Executors.newScheduledThreadPool(8, task -> {
        Thread thread = new Thread(task, "mock kubelet");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final Map<String, Log> logs = new ConcurrentHashMap<>();
    private final int leastMillis;
    private final int spreadMillis;
    private final int lineEveryMillis;
    private final Watch watch;

    /**
     * @param certificate path of its certificate, {@code .crt}, beside which its key lies as {@code .key}
     * @param leastMillis how long each container runs at least
     * @param spreadMillis how much longer at most, evenly spread
     * @param lineEveryMillis how often it prints a line
     */
    MockKubelet(KubernetesClient admin, String certificate, int leastMillis, int spreadMillis, int lineEveryMillis)
            throws Exception {
        this.admin = admin;
        this.leastMillis = leastMillis;
        this.spreadMillis = spreadMillis;
        this.lineEveryMillis = lineEveryMillis;
        int port = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .setCertPath(certificate)
                                .setKeyPath(certificate.replaceFirst("[.]crt$", ".key"))))
                .requestHandler(this::serve)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .actualPort();
        admin.nodes().withName(NAME).delete();
        admin.resource(node(port)).create();
        work.scheduleWithFixedDelay(() -> admin.resource(node(port)).updateStatus(), 0, 10, TimeUnit.SECONDS);
        watch = admin.pods().inAnyNamespace().watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                boolean ours = SELECTOR.equals(pod.getSpec().getNodeSelector());
                if (ours && known.add(pod.getMetadata().getUid())) {
                    work.execute(() -> take(pod));
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                // the measurement is over
            }
        });
    }

    private static Node node(int port) {
        String now = now();
        return new NodeBuilder()
                .withNewMetadata()
                .withName(NAME)
                .endMetadata()
                .withNewStatus()
                .addNewAddress("127.0.0.1", "InternalIP")
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(port)
                .endDaemonEndpoints()
                .withConditions(new NodeConditionBuilder()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("Measured")
                        .withLastHeartbeatTime(now)
                        .withLastTransitionTime(now)
                        .build())
                .endStatus()
                .build();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void take(Pod pod) {
        bind(pod);
        Log log = new Log();
        logs.put(pod.getMetadata().getNamespace() + '/' + pod.getMetadata().getName(), log);
        String started = now();
        status(pod, started, false);
        int runs = leastMillis + ThreadLocalRandom.current().nextInt(Math.max(1, spreadMillis));
        vertx.runOnContext(nothing -> {
            log.print();
            long timer = vertx.setPeriodic(lineEveryMillis, id -> log.print());
            vertx.setTimer(runs, id -> {
                vertx.cancelTimer(timer);
                log.print();
                // a kubelet hears within a second that a container is over, and so does who follows its log
                vertx.setTimer(1 + ThreadLocalRandom.current().nextInt(1000), end -> log.end());
            });
        });
        work.schedule(
                () -> status(pod, started, true),
                runs + ThreadLocalRandom.current().nextInt(1000),
                TimeUnit.MILLISECONDS);
    }

    private void bind(Pod pod) {
        admin.bindings()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(new BindingBuilder()
                        .withNewMetadata()
                        .withName(pod.getMetadata().getName())
                        .withNamespace(pod.getMetadata().getNamespace())
                        .endMetadata()
                        .withNewTarget()
                        .withKind("Node")
                        .withApiVersion("v1")
                        .withName(NAME)
                        .endTarget()
                        .build())
                .create();
    }

    private void status(Pod pod, String started, boolean over) {
        ContainerStateBuilder state = new ContainerStateBuilder();
        if (over) {
            state.withNewTerminated()
                    .withExitCode(0)
                    .withReason("Completed")
                    .withStartedAt(started)
                    .withFinishedAt(now())
                    .endTerminated();
        } else {
            state.withNewRunning().withStartedAt(started).endRunning();
        }
        String container = pod.getSpec().getContainers().get(0).getName();
        for (boolean written = false; !written; ) {
            written = write(pod, over, container, state);
        }
    }

    /** Whether it was written; not if the scheduler wrote at the same time. */
    private boolean write(Pod pod, boolean over, String container, ContainerStateBuilder state) {
        try {
            edit(pod, over, container, state);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            throw e;
        }
    }

    private void edit(Pod pod, boolean over, String container, ContainerStateBuilder state) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(current -> new PodBuilder(current)
                        .editStatus()
                        .withPhase(over ? "Succeeded" : "Running")
                        .withContainerStatuses(new ContainerStatusBuilder()
                                .withName(container)
                                .withImage("measured")
                                .withState(state.build())
                                .build())
                        .endStatus()
                        .build());
    }

    private void serve(HttpServerRequest request) {
        String[] path = request.path().split("/");
        Log log = path.length == 5 && path[1].equals("containerLogs") ? logs.get(path[2] + '/' + path[3]) : null;
        if (log == null) {
            request.response().setStatusCode(404).end();
            return;
        }
        String since = request.getParam("sinceTime");
        HttpServerResponse response = request.response().setChunked(true);
        log.serve(response, since == null ? Instant.EPOCH : Instant.parse(since), request.getParam("follow") != null);
    }

    /** What one container printed, and who follows it. */
    private static final class Log {
        private final List<Instant> times = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private final List<HttpServerResponse> followers = new ArrayList<>();
        private boolean over;

        synchronized void print() {
            Instant time = Instant.now();
            String line = time + " line " + lines.size() + " at " + System.nanoTime() + "\n";
            times.add(time);
            lines.add(line);
            followers.forEach(each -> each.write(line));
        }

        synchronized void end() {
            over = true;
            followers.forEach(HttpServerResponse::end);
            followers.clear();
        }

        synchronized void serve(HttpServerResponse response, Instant since, boolean follow) {
            StringBuilder so = new StringBuilder();
            for (int i = 0; i < lines.size(); i++) {
                so.append(times.get(i).isBefore(since) ? "" : lines.get(i));
            }
            response.write(so.toString());
            if (follow && !over) {
                followers.add(response);
                response.closeHandler(nothing -> forget(response));
            } else {
                response.end();
            }
        }

        private synchronized void forget(HttpServerResponse response) {
            followers.remove(response);
        }
    }

    @Override
    public void close() {
        watch.close();
        work.shutdownNow();
        vertx.close();
    }
}
