package io.jenkins.plugins.ephemeral.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.jenkins.plugins.ephemeral.outside.Drive;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import io.jenkins.plugins.ephemeral.outside.Progress;
import io.jenkins.plugins.ephemeral.outside.QueuedFault;
import io.jenkins.plugins.ephemeral.outside.TransientFault;
import io.jenkins.plugins.ephemeral.outside.Turn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The limiter before a server that counts what comes, and sheds load as an API server does. */
public class LimiterServerTest {
    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final List<String> posted = new CopyOnWriteArrayList<>();
    private final AtomicInteger toShed = new AtomicInteger();
    private final AtomicInteger toLose = new AtomicInteger();
    /** The builds of the drives that are done, in that order. */
    private final ConcurrentLinkedQueue<String> ended = new ConcurrentLinkedQueue<>();

    private final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
    private final Driver driver = new Driver("limited", 8);
    private HttpServer server;
    private KubernetesClient client;

    @Before
    public void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", this::handle);
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort() + '/')
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @After
    public void stop() {
        driver.close();
        client.close();
        server.stop(0);
    }

    @Test
    public void aServerThatShedsLoadInPlainTextIsLeftAloneForAsLongAsItsHeaderSays() {
        Cluster cluster = cluster(new RequestLimiter(50, 20));
        toShed.set(1);
        long begin = System.nanoTime();
        AtomicInteger shed = read(cluster, 1, "build 1");
        await().until(() -> cluster.traffic().throttlings() == 1);
        AtomicInteger done = read(cluster, 5, "build 1");
        await().atMost(Duration.ofSeconds(15)).until(() -> shed.get() + done.get() == 6);
        List<Long> late = new ArrayList<>(arrivals);
        late.removeIf(each -> each - begin < Duration.ofMillis(500).toNanos());
        assertThat(late).as("after the first answer").isNotEmpty();
        assertThat(Duration.ofNanos(late.get(0) - begin)).isGreaterThan(Duration.ofMillis(2_900));
        Traffic traffic = cluster.traffic();
        assertThat(traffic.throttlings()).isEqualTo(1);
        assertThat(traffic.longWaits()).as("waits over two seconds").isPositive();
        assertThat(traffic.perSecond()).as("halved, and growing since").isBetween(25.0, 45.0);
        assertThat(said).anySatisfy(line -> assertThat(line).contains("dev"));
        assertThat(said).noneSatisfy(line -> assertThat(line).contains("failed:"));
    }

    @Test
    public void noMoreThanTheBurstAndTheRateArrive() {
        Cluster cluster = cluster(new RequestLimiter(40, 10));
        long begin = System.nanoTime();
        AtomicInteger done = read(cluster, 90, "build 1");
        await().atMost(Duration.ofSeconds(15)).untilAtomic(done, org.hamcrest.Matchers.is(90));
        double seconds = (arrivals.get(arrivals.size() - 1) - begin) / 1e9;
        assertThat(arrivals).hasSize(90);
        assertThat(seconds).as("80 beyond the burst, at 40 a second").isGreaterThan(1.9);
        for (Long from : arrivals) {
            long within = arrivals.stream()
                    .filter(each -> each >= from && each - from < 500_000_000L)
                    .count();
            // ten at once and twenty in half a second, and what a slow machine lets come together
            assertThat(within).isLessThanOrEqualTo(10 + 20 + 8);
        }
        assertThat(cluster.traffic().requests()).isEqualTo(90);
        assertThat(cluster.traffic().waiting()).isZero();
    }

    @Test
    public void aBuildThatWantsLittleIsNotHeldUpByOneThatWantsMuch() {
        Cluster cluster = cluster(new RequestLimiter(20, 1));
        AtomicInteger many = read(cluster, 80, "build 1");
        await().until(() -> cluster.traffic().waiting() > 60);
        AtomicInteger few = read(cluster, 3, "build 2");
        await().atMost(Duration.ofSeconds(15)).untilAtomic(few, org.hamcrest.Matchers.is(3));
        // in the order in which they were done: when this thread looks says nothing on a slow machine
        List<String> order = List.copyOf(ended);
        assertThat(order.subList(0, order.lastIndexOf("build 2")))
                .as("of the other build, before that")
                .filteredOn("build 1"::equals)
                .hasSizeLessThan(50);
    }

    @Test
    public void aPostWhoseAnswerWasLostIsNotMadeAgainByTheClient() {
        Cluster cluster = cluster(new RequestLimiter(50, 20));
        toLose.set(1);
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("one")
                .endMetadata()
                .build();
        cluster.get(ConfigMap.class, "default", "warms-up-the-connection");
        assertThatThrownBy(() -> cluster.create(map)).isInstanceOf(TransientFault.class);
        await().during(Duration.ofMillis(700)).atMost(Duration.ofSeconds(15)).until(() -> posted.size() == 1);
        assertThat(cluster.create(map)).as("asked for by us, who know").isPresent();
        assertThat(posted).hasSize(2);
    }

    @Test
    public void outsideOfADriveItIsSaidWhenToComeBack() {
        Cluster cluster = cluster(new RequestLimiter(0.5, 1));
        cluster.get(ConfigMap.class, "default", "one");
        assertThatThrownBy(() -> cluster.get(ConfigMap.class, "default", "one"))
                .isInstanceOfSatisfying(
                        QueuedFault.class,
                        fault -> assertThat(fault.retryAfter().toMillis()).isBetween(1L, 2_000L));
    }

    /** So many drives of one build, each with one call. */
    private AtomicInteger read(Cluster cluster, int drives, String build) {
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < drives; i++) {
            driver.drive(
                    build,
                    () -> {
                        Turn.onBehalfOf(build);
                        cluster.get(ConfigMap.class, "default", "one");
                        return Progress.done(null);
                    },
                    Duration.ofSeconds(30),
                    said::add,
                    new Drive.Listener<Object>() {
                        @Override
                        public void done(Object result) {
                            ended.add(build);
                            done.incrementAndGet();
                        }

                        @Override
                        public void failed(Throwable failure) {
                            said.add("failed: " + failure);
                        }
                    });
        }
        return done;
    }

    private Cluster cluster(RequestLimiter limiter) {
        return new Cluster(
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
                limiter,
                new Outside());
    }

    private void handle(HttpExchange exchange) throws IOException {
        arrivals.add(System.nanoTime());
        boolean post = exchange.getRequestMethod().equals("POST");
        exchange.getRequestBody().readAllBytes();
        if (post) {
            posted.add(exchange.getRequestURI().getPath());
        }
        if (post && toLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            exchange.close(); // it had its effect
        } else if (toShed.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            exchange.getResponseHeaders().add("Retry-After", "3");
            answer(exchange, 429, "text/plain", "Too many requests, please try again later.\n");
        } else {
            answer(
                    exchange,
                    post ? 201 : 200,
                    "application/json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"one\",\"uid\":\"1\"}}");
        }
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
