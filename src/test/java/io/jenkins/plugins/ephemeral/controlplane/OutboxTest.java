package io.jenkins.plugins.ephemeral.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.ephemeral.outside.Console;
import io.jenkins.plugins.ephemeral.outside.Driver;
import io.jenkins.plugins.ephemeral.outside.Outside;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A report reaches its webhook, whatever happens in between, and only the newest does. */
public class OutboxTest {
    @Rule
    public TemporaryFolder folder = new TemporaryFolder();

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> deliveries = new CopyOnWriteArrayList<>();
    private final List<String> signatures = new CopyOnWriteArrayList<>();
    private final List<String> console = new CopyOnWriteArrayList<>();
    private volatile int status = 204;
    private HttpServer server;
    private Driver driver;

    @Before
    public void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            deliveries.add(exchange.getRequestHeaders().getFirst("X-Ephemeral-Delivery"));
            signatures.add(exchange.getRequestHeaders().getFirst("X-Ephemeral-Signature-256"));
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        driver = new Driver("test", 2);
    }

    @After
    public void stop() {
        driver.close();
        server.stop(0);
    }

    @Test
    public void deliveredSignedAndForgotten() {
        outbox().post("shop#1", "{\"a\":1}".getBytes(StandardCharsets.UTF_8), console::add);

        await().until(() -> waiting() == 0 && !bodies.isEmpty());
        assertThat(bodies).containsExactly("{\"a\":1}");
        assertThat(signatures.get(0))
                .isEqualTo("sha256=" + WebhookSender.signature("key", "{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
        await().until(() -> console.contains("Report sent to webhook hook"));
    }

    @Test
    public void triedAgainUnderTheSameIdUntilTaken() {
        status = 503;
        outbox().post("shop#1", "{}".getBytes(StandardCharsets.UTF_8), console::add);
        await().until(() -> bodies.size() >= 2);
        status = 200;

        await().until(() -> waiting() == 0);
        assertThat(deliveries.stream().distinct()).hasSize(1);
    }

    @Test
    public void refusedForGoodIsGivenUpWithAReason() {
        status = 404;
        outbox().post("shop#1", "{}".getBytes(StandardCharsets.UTF_8), console::add);

        await().until(() -> waiting() == 0 && !console.isEmpty());
        assertThat(bodies).hasSize(1);
        assertThat(console.get(0)).contains("Report not sent to webhook hook", "it answered 404", "Check its URL");
    }

    @Test
    public void whatWaitsIsSentByTheNextLife() throws Exception {
        status = 503;
        outbox().post("shop#1", "{\"n\":1}".getBytes(StandardCharsets.UTF_8), Console.NONE);
        await().until(() -> !bodies.isEmpty());
        driver.close();
        bodies.clear();
        status = 200;
        driver = new Driver("next", 2);

        outbox().start();

        await().until(() -> waiting() == 0);
        assertThat(bodies).contains("{\"n\":1}");
    }

    @Test
    public void aNewerReportReplacesTheOneThatWaits() {
        status = 503;
        Outbox outbox = outbox();
        outbox.post("shop#1", "{\"n\":1}".getBytes(StandardCharsets.UTF_8), Console.NONE);
        await().until(() -> !bodies.isEmpty());
        outbox.post("shop#1", "{\"n\":2}".getBytes(StandardCharsets.UTF_8), Console.NONE);
        assertThat(waiting()).isEqualTo(1);
        status = 200;

        await().until(() -> waiting() == 0);
        assertThat(bodies.get(bodies.size() - 1)).isEqualTo("{\"n\":2}");
    }

    private int waiting() {
        String[] files = box().toFile().list((dir, name) -> name.endsWith(".json"));
        return files == null ? 0 : files.length;
    }

    private Path box() {
        return folder.getRoot().toPath().resolve("outbox");
    }

    private Outbox outbox() {
        WebhookTarget target = new WebhookTarget() {
            @Override
            public String name() {
                return "hook";
            }

            @Override
            public String url() {
                return "http://127.0.0.1:" + server.getAddress().getPort() + "/reports";
            }

            @Override
            public String secret() {
                return "key";
            }
        };
        return new Outbox(box(), () -> List.of(target), HttpClient.newHttpClient(), driver, new Outside());
    }
}
