package io.jenkins.plugins.ephemeral.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.impl.KubernetesClientImpl;
import io.jenkins.plugins.ephemeral.bench.kube.EmbeddedCluster;
import io.jenkins.plugins.ephemeral.cluster.Cluster;
import io.jenkins.plugins.ephemeral.cluster.ClusterAccess;
import io.jenkins.plugins.ephemeral.cluster.RequestLimiter;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/**
 * A log stream that is no longer wanted is closed by the thread that reads it and by no other: the client's buffer is
 * not made for two, and a thread that reads one that was closed may never end.
 */
public class LogCancelTest {
    private static final String NAMESPACE = "logs";

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger closedByOthers = new AtomicInteger();
    private final AtomicLong lines = new AtomicLong();
    private EmbeddedCluster kube;
    private KubernetesClient client;
    private KubernetesClient watched;
    private Cluster cluster;

    @Before
    public void open() {
        kube = EmbeddedCluster.start();
        client = new KubernetesClientBuilder().withConfig(kube.config()).build();
        watched =
                new KubernetesClientImpl(watched(HttpClient.class, client.getHttpClient()), client.getConfiguration());
        cluster = new Cluster(
                new ClusterAccess() {
                    @Override
                    public String name() {
                        return "dev";
                    }

                    @Override
                    public KubernetesClient client() {
                        return watched;
                    }
                },
                new RequestLimiter(1000, 1000),
                new Outside());
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    @After
    public void close() {
        kube.close();
        client.close();
    }

    @Test
    public void aSilentStreamIsNotClosedUnderItsReader() {
        pod("silent", "echo begun; sleep 600");
        LogFollower follower = follower("silent");
        follower.look(false, false);
        until("it reads", () -> lines.get() == 1);
        follower.close();

        client.pods()
                .inNamespace(NAMESPACE)
                .withName("silent")
                .withGracePeriod(0)
                .delete();
        until("its own thread has closed it at the end of the log", () -> open.get() == 0);
        assertThat(closedByOthers).hasValue(0);
    }

    @Test
    public void manyAreCancelledWhileLinesCome() throws Exception {
        pod("busy", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.002; done");
        Random random = new Random(7);
        for (int round = 0; round < 60; round++) {
            LogFollower follower = follower("busy");
            follower.look(false, false);
            if (round % 3 > 0) {
                long before = lines.get();
                until("lines come", () -> lines.get() > before);
            }
            Thread.sleep(0, random.nextInt(999_999));
            follower.close();
        }
        until("all are closed, by the next bytes at the latest", () -> open.get() == 0);
        assertThat(closedByOthers).hasValue(0);
        client.pods().inNamespace(NAMESPACE).withName("busy").withGracePeriod(0).delete();
        assertThat(busyMillis()).as("no thread of the client goes on").isLessThan(500);
    }

    @Test
    public void aStreamEndsByItselfThoughNothingIsHeard() {
        HttpRequest request = new LogSource(NAMESPACE, "pod", "stage", "").request(client, true, null);
        assertThat(((StandardHttpRequest) request).getTimeout()).isEqualTo(LogSource.LONGEST_STREAM);
    }

    /** How long the busiest thread of the client computes within a second. */
    private static long busyMillis() throws InterruptedException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] ids = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("OkHttp"))
                .mapToLong(Thread::getId)
                .toArray();
        long[] before = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            before[i] = threads.getThreadCpuTime(ids[i]);
        }
        Thread.sleep(1000);
        long most = 0;
        for (int i = 0; i < ids.length; i++) {
            long after = threads.getThreadCpuTime(ids[i]);
            most = after < 0 || before[i] < 0 ? most : Math.max(most, (after - before[i]) / 1_000_000);
        }
        return most;
    }

    private LogFollower follower(String pod) {
        return new LogFollower(
                cluster,
                NAMESPACE,
                pod,
                "stage",
                new LogPosition(),
                "",
                new LogSink() {
                    @Override
                    public void line(String text) {
                        lines.incrementAndGet();
                    }

                    @Override
                    public void notice(String text) {
                        // not asked for here
                    }

                    @Override
                    public void position(String position) {
                        // nobody goes on from here
                    }
                },
                () -> {});
    }

    private void pod(String name, String script) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .addNewContainer()
                .withName("stage")
                .withImage("busybox:1.35")
                .withCommand("sh", "-c", script)
                .endContainer()
                .endSpec()
                .build();
        until(
                "the account is there",
                () -> client.serviceAccounts()
                                .inNamespace(NAMESPACE)
                                .withName("default")
                                .get()
                        != null);
        client.resource(pod).create();
        until("it runs", () -> {
            Pod now = client.resource(pod).get();
            return now.getStatus() != null && "Running".equals(now.getStatus().getPhase());
        });
    }

    private static void until(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(condition::getAsBoolean);
    }

    /** The same client, whose response bodies tell who closes them. */
    private <T> T watched(Class<T> type, T real) {
        return type.cast(
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
                    if (method.getName().equals("consumeBytes")) {
                        return consume((HttpClient) real, (HttpRequest) args[0], consumer(args[1]));
                    }
                    try {
                        Object result = method.invoke(real, args);
                        if (result == real) {
                            return proxy;
                        }
                        if (result instanceof HttpClient) {
                            return watched(HttpClient.class, (HttpClient) result);
                        }
                        return result instanceof HttpClient.DerivedClientBuilder
                                ? watched(
                                        HttpClient.DerivedClientBuilder.class, (HttpClient.DerivedClientBuilder) result)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @SuppressWarnings("unchecked")
    private static AsyncBody.Consumer<List<ByteBuffer>> consumer(Object argument) {
        return (AsyncBody.Consumer<List<ByteBuffer>>) argument;
    }

    private CompletableFuture<HttpResponse<AsyncBody>> consume(
            HttpClient real, HttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        ThreadLocal<Boolean> reading = ThreadLocal.withInitial(() -> false);
        CompletableFuture<HttpResponse<AsyncBody>> response = real.consumeBytes(request, (bytes, body) -> {
            reading.set(true);
            try {
                consumer.consume(bytes, body(body, reading));
            } finally {
                reading.set(false);
            }
        });
        CompletableFuture<HttpResponse<AsyncBody>> told = new CompletableFuture<>();
        response.whenComplete((answer, failure) -> {
            if (failure != null) {
                told.completeExceptionally(failure);
                return;
            }
            open.incrementAndGet();
            answer.body().done().whenComplete((nothing, broken) -> open.decrementAndGet());
            if (!told.complete(answer(answer, body(answer.body(), reading)))) {
                answer.body().cancel(); // nobody waits for it any more
            }
        });
        told.whenComplete((answer, failure) -> {
            if (told.isCancelled()) {
                response.cancel(true);
            }
        });
        return told;
    }

    @SuppressWarnings("unchecked")
    private static HttpResponse<AsyncBody> answer(HttpResponse<AsyncBody> real, AsyncBody body) {
        return (HttpResponse<AsyncBody>) Proxy.newProxyInstance(
                LogCancelTest.class.getClassLoader(),
                new Class<?>[] {HttpResponse.class},
                (proxy, method, args) -> method.getName().equals("body") ? body : method.invoke(real, args));
    }

    private AsyncBody body(AsyncBody real, ThreadLocal<Boolean> reading) {
        return new AsyncBody() {
            private volatile boolean begun;

            @Override
            public void consume() {
                begun = true;
                real.consume();
            }

            @Override
            public CompletableFuture<Void> done() {
                return real.done();
            }

            @Override
            public void cancel() {
                if (begun && !reading.get()) {
                    closedByOthers.incrementAndGet();
                }
                real.cancel();
            }
        };
    }
}
